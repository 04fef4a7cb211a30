from odoo import api, fields, models
from odoo.tools import float_repr, format_amount

from odoo.addons.kpi_base.percent import format_percent

RATES = ("conversion_rate", "commission_rate")
OTHER = "other"
AMOUNTS = ("avg_deal_value", "gross_pipeline_value", "weighted_pipeline_value")


class KpiPerformanceBenchmark(models.Model):
    """Benchmarks as people read them."""

    _inherit = "kpi.performance.benchmark"

    metric_name = fields.Char("Benchmark", compute="_compute_metric_name")
    known_metric = fields.Selection(
        selection="_select_metrics",
        string="Metric Name",
        compute="_compute_known_metric",
        readonly=False,
        exportable=False,
        help="What is measured. “Other” is known by its key only.",
    )
    value_display = fields.Char("Value", compute="_compute_value_display")

    @api.model
    def _metric_names(self):
        """Key of a metric that is counted here → its name."""
        return {
            "conversion_rate": self.env._("Win rate"),
            "avg_cycle_days": self.env._("Sales cycle (days)"),
            "avg_deal_value": self.env._("Value of a won deal"),
            "deals_open": self.env._("Open deals of an agent"),
            "deals_closed_won": self.env._("Won deals of an agent"),
            "gross_pipeline_value": self.env._("Pipeline of an agent"),
            "weighted_pipeline_value": self.env._("Weighted pipeline of an agent"),
            "payout_velocity_days": self.env._("Days from confirming to paying"),
            "commission_rate": self.env._("Commission rate"),
        }

    @api.model
    def _select_metrics(self):
        return [*self._metric_names().items(), (OTHER, self.env._("Other"))]

    @api.depends("metric_key")
    def _compute_known_metric(self):
        names = self._metric_names()
        for benchmark in self:
            key = benchmark.metric_key
            benchmark.known_metric = key if key in names else OTHER

    @api.onchange("known_metric")
    def _onchange_known_metric(self):
        if self.known_metric != OTHER:
            self.metric_key = self.known_metric
        elif self.metric_key in self._metric_names():
            self.metric_key = False

    @api.depends("metric_key")
    def _compute_metric_name(self):
        names = self._metric_names()
        for benchmark in self:
            key = benchmark.metric_key or ""
            benchmark.metric_name = names.get(key) or key.replace("_", " ").capitalize()

    @api.depends("metric_key", "value_numeric", "value_text", "company_id")
    def _compute_value_display(self):
        for benchmark in self:
            benchmark.value_display = benchmark._value_words()

    def _value_words(self):
        number = self.value_numeric
        if number is False:
            return self.value_text
        if self.metric_key in RATES:
            return format_percent(self.env, number)
        if self.metric_key in AMOUNTS and self.company_id:
            # Whose amounts they are, is known to who sees the benchmark.
            return format_amount(self.env, number, self.company_id.sudo().currency_id)
        text = float_repr(number, 4).rstrip("0").rstrip(".")
        return text or "0"

    @api.depends("metric_key", "cohort", "asset_type")
    def _compute_display_name(self):
        cohorts = dict(self._fields["cohort"]._description_selection(self.env))
        kinds = dict(self._fields["asset_type"]._description_selection(self.env))
        for benchmark in self:
            parts = (
                benchmark.metric_name,
                kinds.get(benchmark.asset_type),
                cohorts.get(benchmark.cohort),
            )
            benchmark.display_name = " · ".join(filter(None, parts))
