from odoo import api, fields, models


def label_periods(facts):
    """Fill ``period_label`` of values or earlier values; each period is named once."""
    labels = {}
    for fact in facts:
        calendar = fact.report_id.definition_id.calendar_id
        key = (calendar, fact.grain, fact.period_start)
        if key not in labels:
            period = calendar._period(fact.grain, fact.period_start)
            labels[key] = calendar._period_label(period)
        fact.period_label = labels[key]


class KpiMeasurement(models.Model):
    """Columns of lists of values: period by name, unit, the value replaced."""

    _inherit = "kpi.measurement"

    unit = fields.Selection(related="report_id.definition_id.unit")
    decimals = fields.Integer(related="report_id.definition_id.decimals")
    currency_id = fields.Many2one(related="report_id.definition_id.currency_id")
    unit_symbol = fields.Char(related="report_id.definition_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.definition_id.duration_unit")
    scope_type = fields.Selection(related="report_id.scope_type")
    department_id = fields.Many2one(related="report_id.department_id")
    team_id = fields.Many2one(related="report_id.team_id")
    user_id = fields.Many2one(related="report_id.user_id")
    category_id = fields.Many2one(related="report_id.category_id")
    period_label = fields.Char("Period Name", compute="_compute_period_label")
    revision_count = fields.Integer("Changes", compute="_compute_revision_count")

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        label_periods(self)

    @api.depends("revision_ids")
    def _compute_revision_count(self):
        for fact in self:
            fact.revision_count = len(fact.revision_ids)

    @api.depends("report_id", "period_label")
    def _compute_display_name(self):
        for fact in self:
            fact.display_name = f"{fact.report_id.display_name}, {fact.period_label}"

    def action_open_revisions(self):
        """Earlier values of this period."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_measurement_revision_action"
        )
        action["domain"] = [("id", "in", self.revision_ids.ids)]
        return action

    def action_explain(self):
        """Open what explains this value."""
        self.ensure_one()
        return self.report_id._explain_action(self.grain, self.period_start)
