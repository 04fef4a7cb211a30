from odoo import fields, models

from odoo.addons.kpi_base.fields import OptionalFloat

from ..calendar.kpi_calendar import GRAINS

OTHER = "__other__"
# Measure → how its parts make the value; those of any other one make nothing.
COMBINED_BY = {
    "count": "sum",
    "sum": "sum",
    "average": "mean",
    "share": "mean",
    "weighted_average": "mean",
}


class KpiMeasurementBreakdown(models.Model):
    """Part of a fact that belongs to one value of a field of its records."""

    _name = "kpi.measurement.breakdown"
    _description = "KPI Value by Breakdown"
    _order = "report_id, period_start desc, value desc, id"
    _rec_name = "key_label"
    _rec_names_search = ["report_id"]
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    field_path = fields.Char("Field", required=True, readonly=True, exportable=False)
    # A text of a record that the reader may not see: ``key_label`` says what may be.
    key = fields.Char(
        required=True,
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Value of the field; empty = not set.",
        exportable=False,
    )
    value = fields.Float(required=True, readonly=True)
    weight = OptionalFloat(
        readonly=True,
        aggregator=None,
        help="Number of records, weight or denominator behind an average or a share.",
    )

    _value_finite = models.Constraint(
        "CHECK (value > '-Infinity' AND value < 'Infinity')",
        "A value must be a finite number.",
    )
    _weight_finite = models.Constraint(
        "CHECK (weight > '-Infinity' AND weight < 'Infinity')",
        "A weight must be a finite number.",
    )
    _fact_key_uniq = models.UniqueIndex(
        "(report_id, grain, period_start, field_path, key)"
    )
