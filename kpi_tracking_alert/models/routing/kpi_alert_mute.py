from odoo import api, fields, models


class KpiAlertMute(models.Model):
    """A rule that somebody wants no messages of."""

    _name = "kpi.alert.mute"
    _description = "Muted KPI Alert Rule"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.user,
    )
    alert_id = fields.Many2one(
        "kpi.smart.alert", "Rule", required=True, ondelete="cascade", index=True
    )
    # What a rule of one's alerts is called stands on each of them.
    rule_name = fields.Char("Rule Name", related="alert_id.name", related_sudo=True)

    _user_alert_uniq = models.UniqueIndex(
        "(alert_id, user_id)", "You have muted this rule already."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_wake(self):
        """Tell what still fires."""
        self.env["kpi.alert.notice"]._wake("muted", self.user_id)
