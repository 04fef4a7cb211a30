from odoo import api, fields, models


class KpiAlertEvent(models.Model):
    """Messages of a rule that somebody does not want, from one of its alerts."""

    _inherit = "kpi.alert.event"

    is_muted = fields.Boolean(
        "Muted by Me", compute="_compute_is_muted", exportable=False
    )

    @api.depends("alert_id")
    @api.depends_context("uid")
    def _compute_is_muted(self):
        mutes = self.env["kpi.alert.mute"].search(
            [("user_id", "=", self.env.uid), ("alert_id", "in", self.alert_id.ids)]
        )
        for event in self:
            event.is_muted = event.alert_id in mutes.alert_id

    def action_mute_rule(self):
        """Send the user no messages of these rules any more."""
        self.check_access("read")
        # Whoever sees an alert may want no messages of its rule, which is not shown.
        rules = self.filtered(lambda event: not event.is_muted).sudo().alert_id
        rules.env["kpi.alert.mute"].create(
            [{"user_id": self.env.uid, "alert_id": rule.id} for rule in rules]
        )
        self.invalidate_recordset(["is_muted"])
        return True

    def action_unmute_rule(self):
        """Send the user messages of these rules again."""
        self.check_access("read")
        self.env["kpi.alert.mute"].search(
            [("user_id", "=", self.env.uid), ("alert_id", "in", self.alert_id.ids)]
        ).unlink()
        self.invalidate_recordset(["is_muted"])
        return True
