from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat, or_none
from odoo.addons.kpi_base.formatting import format_number

from .kpi_import_bi import FIRST_DAY

# lowest and highest value of each measure
RANGES = {
    "gross_margin": (-1000, 100),
    "operating_margin": (-1000, 100),
    "win_rate": (0, 100),
    "churn_rate": (0, 100),
    "nrr": (0, 1000),
    "cycle_days": (0, 36_500),
    "deal_size": (0, 1e15),
}


class KpiBiBenchmark(models.Model):
    """What others reach, or what is assumed, in a measure from a day on."""

    _name = "kpi.bi.benchmark"
    _description = "Benchmark"
    _inherit = ["kpi.input.mixin"]
    _order = "measure, date_from desc, id desc"
    _rec_name = "measure"

    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company
    )
    measure = fields.Selection(
        [
            ("gross_margin", "Gross Margin (%)"),
            ("operating_margin", "Operating Margin (%)"),
            ("win_rate", "Win Rate (%)"),
            ("churn_rate", "Churn Rate (%)"),
            ("nrr", "Net Revenue Retention (%)"),
            ("cycle_days", "Sales Cycle (Days)"),
            ("deal_size", "Average Deal"),
        ],
        required=True,
    )
    category_id = fields.Many2one(
        "product.category",
        "Product Category",
        ondelete="cascade",
        help="Product category whose gross margin is assumed when cost is unknown. "
        "Leave empty for all other categories.",
    )
    date_from = fields.Date("Valid From", required=True)
    middle = fields.Float("Usual", required=True)
    best = OptionalFloat(
        "Best Reach",
        help="Top-quartile value; below “Usual” if lower is better. Required to "
        "compare sales teams.",
    )
    source = fields.Char()

    _measure_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), measure, COALESCE(category_id, 0), date_from,"
        " COALESCE(source, ''))",
        "This benchmark already exists.",
    )

    def _get_input_error(self, field):
        if error := super()._get_input_error(field):
            return error
        value = or_none(self[field.name])
        if field.name == "date_from" and value and value < FIRST_DAY:
            return self.env._("this day is before 1970.")
        if field.name not in ("middle", "best") or value is None:
            return ""
        low, high = RANGES[self.measure]
        if low <= value <= high:
            return ""
        low, high = (format_number(self.env, limit, 0) for limit in (low, high))
        return self.env._("use %(low)s to %(high)s.", low=low, high=high)

    @api.depends("measure")
    def _compute_display_name(self):
        labels = dict(self._fields["measure"]._description_selection(self.env))
        for benchmark in self:
            benchmark.display_name = labels.get(benchmark.measure)
