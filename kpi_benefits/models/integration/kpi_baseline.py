from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.kpi_base.fields import or_none

FREQUENCIES = {
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "quarter": "quarterly",
    "year": "annually",
}
GRAINS = {word: grain for grain, word in FREQUENCIES.items()}
MOST_POINTS = 60


class KpiBaseline(models.Model):
    """What programs are told of a KPI of an initiative beside its fields."""

    _name = "kpi.baseline"
    _inherit = ["kpi.baseline", "kpi.dated.mixin"]

    measurement_frequency = fields.Selection(
        [
            ("daily", "Daily"),
            ("weekly", "Weekly"),
            ("monthly", "Monthly"),
            ("quarterly", "Quarterly"),
            ("annually", "Annually"),
        ],
        compute="_compute_measurement_frequency",
        exportable=False,
        help="How often the KPI has a value, in the words of programs.",
    )

    @api.depends("frequency")
    def _compute_measurement_frequency(self):
        for baseline in self:
            baseline.measurement_frequency = FREQUENCIES.get(baseline.frequency)

    @api.model
    def _create_by_program(self, values, new_kpi, shares):
        """Track a KPI; define it before where it is of this initiative alone.

        :param new_kpi: what ``NewKpiIn`` says; None: ``values`` name the KPI
        :param shares: as ``_prepare_shares``
        """
        values = {**values, **self._prepare_shares(shares)}
        if not new_kpi:
            return self.create(values)
        initiative = self.env["kpi.initiative"].browse(values["initiative_id"])
        grain = GRAINS[new_kpi.pop("measurement_frequency")]
        is_total = new_kpi.pop("is_total")
        return initiative._track_own_kpi(
            {
                **new_kpi,
                "frequency": grain,
                "aggregation_time": "sum" if is_total else "average",
            },
            values,
        )

    def _change_by_program(self, values, shares):
        values = {**values, **self._prepare_shares(shares)}
        if values:
            self.write(values)

    @api.model
    def _prepare_shares(self, shares):
        """Values that replace all shares.

        :param shares: ``(day, percent)``; None: they stay
        """
        if shares is None:
            return {}
        rows = [
            Command.create({"date_from": day, "share": share}) for day, share in shares
        ]
        return {"share_ids": [Command.clear(), *rows]}

    def _describe_trend(self):
        """As ``TrendOut`` has it."""
        self.ensure_one()
        known = self.report_id.trend_ids
        points = self.env["kpi.baseline.measurement"].search(
            [("kpi_id", "=", self.id)],
            order="measurement_date desc",
            limit=MOST_POINTS,
        )
        numbers = ("baseline_value", "target_value", "last_value", "progress")
        return {
            "kpi": {"id": self.id, "name": self.name},
            "trend": self.trend or None,
            "slope_per_day": or_none(known.performance_velocity),
            "slope_low": or_none(known.velocity_low),
            "slope_high": or_none(known.velocity_high),
            **{name: or_none(self[name]) for name in numbers},
            "points": [
                {
                    "period_start": one.measurement_date,
                    "value": one.value,
                    "progress": or_none(one.progress),
                    "is_before_baseline": one.is_before_baseline,
                }
                for one in reversed(points)
            ],
        }
