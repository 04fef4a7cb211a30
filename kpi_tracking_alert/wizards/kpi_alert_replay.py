from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.formatting import format_day


class KpiAlertReplay(models.TransientModel):
    """Dialog that tries a rule on the past."""

    _name = "kpi.alert.replay"
    _description = "Test Rule on Past Data"

    alert_id = fields.Many2one("kpi.smart.alert", "Rule", required=True)
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(years=1),
    )
    date_to = fields.Date("Until", required=True, default=fields.Date.context_today)
    as_known_then = fields.Boolean(
        string="Values as of Each Day",
        help="Use values as known on each day, not today's.",
    )
    has_two_views = fields.Boolean(compute="_compute_kind")
    has_threshold = fields.Boolean(compute="_compute_kind")
    result = fields.Json(compute="_compute_result")
    suggestion = fields.Json(readonly=True)

    @api.depends("alert_id")
    def _compute_kind(self):
        for wizard in self:
            rule = wizard.alert_id
            wizard.has_two_views = rule.alert_type != "restated"
            wizard.has_threshold = not rule._find_suggestion_obstacle()

    @api.depends("alert_id", "date_from", "date_to", "as_known_then")
    def _compute_result(self):
        for wizard in self:
            wizard.result = wizard._replay()

    def _replay(self):
        """As ``kpi.smart.alert.replay``, with days in the reader's language."""
        if not (self.alert_id and self.date_from and self.date_to):
            return {"is_possible": False, "reason": self.env._("Enter both dates.")}
        days = {
            "date_from": fields.Date.to_string(self.date_from),
            "date_to": fields.Date.to_string(self.date_to),
        }
        try:
            rule = self.alert_id._origin
            found = rule.replay(**days, as_known_then=self.as_known_then)
        except UserError as error:
            return {"is_possible": False, "reason": str(error)}
        return {**found, **days}

    def action_suggest(self):
        """Look for a threshold that alerts less often."""
        self.ensure_one()
        days = [fields.Date.to_string(day) for day in (self.date_from, self.date_to)]
        found = self.alert_id.suggest_threshold(*days)
        if found["is_possible"]:
            limit = self.alert_id._say_limit(found["threshold"])
            found = {**found, "limit": limit, "since": format_day(self.env, days[0])}
        # What was found is not for people to write.
        self.sudo().suggestion = found
        return open_form(self, name=self.env._("Test on Past Data"), target="new")

    def action_use_suggestion(self):
        """Give the rule the threshold that was found."""
        self.ensure_one()
        found = self.suggestion or {}
        if "threshold" not in found:
            raise UserError(self.env._("Choose Suggest Threshold first."))
        self.alert_id.threshold = found["threshold"]
        return {"type": "ir.actions.act_window_close"}


class KpiAlertPreview(models.TransientModel):
    """Dialog that shows a rule's message, as of its last alert."""

    _name = "kpi.alert.preview"
    _description = "KPI Alert Message Preview"

    alert_id = fields.Many2one("kpi.smart.alert", "Rule", required=True)
    title = fields.Char("Subject", compute="_compute_message")
    text = fields.Text(compute="_compute_message")

    @api.depends("alert_id")
    def _compute_message(self):
        for wizard in self:
            rule = wizard.alert_id._origin
            message = rule.preview_message() if rule else {}
            wizard.title, wizard.text = message.get("title"), message.get("text")
