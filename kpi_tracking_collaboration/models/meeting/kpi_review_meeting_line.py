from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiReviewMeetingLine(models.Model):
    """One item of an agenda: a KPI, an alert of it or an action about it.

    Seen by those who see both the meeting and the KPI.
    """

    _name = "kpi.review.meeting.line"
    _description = "KPI Review Agenda Item"
    _inherit = ["kpi.input.mixin"]
    _order = "meeting_id, sequence, id"

    meeting_id = fields.Many2one(
        "kpi.review.meeting", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Topic", compute="_compute_name")
    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    alert_event_id = fields.Many2one(
        "kpi.alert.event", "Alert", ondelete="cascade", index="btree_not_null"
    )
    action_item_id = fields.Many2one(
        "kpi.action.item", "Action", ondelete="cascade", index="btree_not_null"
    )
    note = fields.Text(copy=False, help="What was said about it.")
    current_value = fields.Float(related="report_id.current_value", aggregator=False)
    has_value = fields.Boolean(related="report_id.has_value")
    status = fields.Selection(related="report_id.status")
    band = fields.Selection(related="report_id.band", exportable=False)
    is_running = fields.Boolean(related="report_id.is_running", exportable=False)
    sparkline = fields.Json(related="report_id.sparkline", exportable=False)
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")

    @api.depends("action_item_id.name", "alert_event_id.reason", "report_id.name")
    @api.depends_context("lang", "uid")
    def _compute_name(self):
        for line in self:
            event, item = line.alert_event_id, line.action_item_id
            if event:
                said = event.reason or event.rule_name
                line.name = self.env._("Alert: %s", said)
            elif item:
                line.name = self.env._("Action: %s", item.name)
            else:
                line.name = line.report_id.name

    @api.constrains("action_item_id", "alert_event_id", "report_id")
    def _check_kpi(self):
        for line in self:
            line.alert_event_id._check_discussable(line.report_id)
            # Whoever adds it names the action; what is asked is its KPI.
            item = line.action_item_id.sudo()
            if item and item.report_id != line.report_id:
                raise ValidationError(self.env._("Choose an action about this KPI."))

    def write(self, vals):
        """Move no item to a meeting of others, or to a KPI that is hidden."""
        result = super().write(vals)
        if not vals.keys().isdisjoint(("meeting_id", "report_id")):
            for operation in ("write", "read"):
                self.check_access(operation)
        return result
