from odoo import api, fields, models
from odoo.fields import Domain


class KpiAlertEvent(models.Model):
    """An alert by the names that programs know."""

    _inherit = "kpi.alert.event"

    is_open = fields.Boolean(
        compute="_compute_is_open", search="_search_is_open", exportable=False
    )
    message = fields.Char(compute="_compute_names", exportable=False)
    opened_at = fields.Datetime("Opened", compute="_compute_names", exportable=False)
    rule = fields.Char("Broken Rule", compute="_compute_names", exportable=False)
    since = fields.Date("In a Row Since", compute="_compute_names", exportable=False)

    @api.depends("state")
    def _compute_is_open(self):
        for event in self:
            event.is_open = event.state != "resolved"

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "!=" if True in value else "=", "resolved")

    @api.depends_context("lang")
    @api.depends("fired_at", "reason", "report_id.name", "rule_name", "since_period")
    def _compute_names(self):
        for event in self:
            event.message = f"{event.report_id.name}: {event.reason or event.rule_name}"
            event.opened_at = event.fired_at
            event.rule = event.rule_name
            event.since = event.since_period
