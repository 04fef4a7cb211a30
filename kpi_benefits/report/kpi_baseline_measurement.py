from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiBaselineMeasurement(models.Model):
    """Values of the KPIs of initiatives, a row for each initiative that tracks one.

    The facts themselves are those of the KPI: this only shows them.
    """

    _name = "kpi.baseline.measurement"
    _description = "Initiative Measurement"
    _table = "kpi_measurements"
    _inherit = ["kpi.view.mixin"]
    _auto = False
    _order = "measurement_date desc, id desc"
    _rec_name = "measurement_date"

    kpi_id = fields.Many2one("kpi.baseline", "KPI", readonly=True)
    initiative_id = fields.Many2one("kpi.initiative", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    measurement_date = fields.Date("Period", readonly=True)
    value = fields.Float(readonly=True, aggregator="avg", digits=0)
    progress = OptionalFloat(readonly=True, aggregator=False)
    is_before_baseline = fields.Boolean("Before Baseline", readonly=True)
    source = fields.Selection(
        lambda self: self.env["kpi.measurement"]._fields["source"].selection,
        readonly=True,
    )
    measured_by_id = fields.Many2one("res.users", "Entered by", readonly=True)
    notes = fields.Text(readonly=True)
    created_at = fields.Datetime("Recorded on", readonly=True)
    unit = fields.Selection(related="kpi_id.unit")
    decimals = fields.Integer(related="kpi_id.decimals")
    unit_symbol = fields.Char(related="kpi_id.unit_symbol")
    duration_unit = fields.Selection(related="kpi_id.duration_unit")
    currency_id = fields.Many2one(related="kpi_id.currency_id")

    @property
    def _table_query(self):
        return self._view_sql()

    @api.model
    def _view_sql(self):
        return SQL(
            """
            SELECT (baseline.id::bigint << 32) + fact.id AS id,
                   baseline.id AS kpi_id,
                   baseline.initiative_id,
                   baseline.company_id,
                   fact.period_start AS measurement_date,
                   fact.value,
                   (fact.value - baseline.baseline_value)
                   / NULLIF(baseline.target_value - baseline.baseline_value, 0)
                   AS progress,
                   (fact.period_start
                    + CASE fact.grain WHEN 'day' THEN interval '1 day'
                                      WHEN 'week' THEN interval '7 days'
                                      WHEN 'month' THEN interval '1 month'
                                      WHEN 'quarter' THEN interval '3 months'
                                      ELSE interval '1 year' END)::date - 1
                   <= baseline.baseline_date AS is_before_baseline,
                   fact.source,
                   fact.recorded_by_id AS measured_by_id,
                   entry.note AS notes,
                   fact.recorded_at AS created_at
              FROM kpi_baselines AS baseline
              JOIN kpi_report AS report ON report.id = baseline.report_id
              JOIN kpi_definition AS definition
                ON definition.id = report.definition_id
              JOIN kpi_measurement AS fact
                ON fact.report_id = baseline.report_id
               AND fact.grain = definition.frequency
         LEFT JOIN kpi_submission AS entry
                ON entry.report_id = fact.report_id
               AND entry.grain = fact.grain
               AND entry.period_start = fact.period_start
               AND entry.contributor_id IS NULL
               AND entry.is_current
               AND entry.state = 'approved'
            """
        )
