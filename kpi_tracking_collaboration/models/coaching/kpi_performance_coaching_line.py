from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS
from odoo.addons.kpi_tracking.models.fact.kpi_measurement import label_periods


class KpiPerformanceCoachingLine(models.Model):
    """A KPI of a coaching: what it was then, and what it is today.

    Seen by those who see both: HR managers need not see the KPI.
    """

    _name = "kpi.performance.coaching.line"
    _description = "KPI of a Coaching"
    _inherit = ["kpi.performance.coaching.part.mixin"]
    _order = "coaching_id, id"
    _rec_name = "report_id"
    _progressing = ("grain", "period_start", "value")

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    grain = fields.Selection(GRAINS, readonly=True, copy=False)
    period_start = fields.Date("Period", readonly=True, copy=False)
    period_label = fields.Char("Period Then", compute="_compute_period_label")
    value = OptionalFloat(
        "Value Then",
        readonly=True,
        copy=False,
        aggregator=False,
        help="The latest one, when the KPI was added.",
    )
    current_value = fields.Float(
        "Value Today", related="report_id.current_value", aggregator=False
    )
    has_value = fields.Boolean(related="report_id.has_value", exportable=False)
    current_period_label = fields.Char(
        "Latest Period", related="report_id.period_label"
    )
    status = fields.Selection(related="report_id.status", string="Status Today")
    band = fields.Selection(related="report_id.band", exportable=False)
    is_running = fields.Boolean(related="report_id.is_running", exportable=False)
    sparkline = fields.Json(related="report_id.sparkline", exportable=False)
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")

    @api.depends("grain", "period_start", "report_id")
    def _compute_period_label(self):
        dated = self.filtered("period_start")
        (self - dated).period_label = False
        label_periods(dated)

    @api.constrains("report_id")
    def _check_visible(self):
        """Refuse KPIs that one of the two does not see: numbers are for both."""
        for line in self:
            for person in line.coaching_id.coach_id | line.coaching_id.employee_id:
                # Asked as the person, in all their companies.
                report = line.report_id.with_user(person)
                report = report.with_context(allowed_company_ids=None)
                if not report.has_access("read"):
                    raise ValidationError(
                        self.env._(
                            "%(person)s cannot see %(kpi)s. Share the KPI with them"
                            " first.",
                            person=person.name,
                            kpi=line.report_id.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._remember_value()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "report_id" in vals:
            self._remember_value()
        return result

    def _remember_value(self):
        """Keep what the KPIs are now."""
        for line in self:
            report = line.report_id
            # The value is remembered, not typed.
            line.sudo().write(
                {
                    "grain": report.frequency,
                    "period_start": report.current_period_start,
                    "value": report.current_value if report.has_value else False,
                }
            )
