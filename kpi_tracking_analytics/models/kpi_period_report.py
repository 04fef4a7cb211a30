from odoo import api, fields, models

from odoo.addons.kpi_tracking.models.report.kpi_report import JUDGED

FURTHER = ("expected_range", "expected_status")


class KpiPeriodReport(models.Model):
    """What the running period will probably come to, below its value so far."""

    _inherit = "kpi.period.report"

    show_expected = fields.Boolean(
        "Forecast at Period End",
        help="Forecast, 80% range and status of the running period.",
    )

    @api.model
    def _list_other_figures(self):
        return [*super()._list_other_figures(), "expected"]

    def _figures(self):
        figures = super()._figures()
        return [*figures, *FURTHER] if self.show_expected else figures

    @api.model
    def _figure_labels(self):
        return {
            **super()._figure_labels(),
            "expected_range": self.env._("Forecast, 80% Range"),
            "expected_status": self.env._("Forecast Status"),
        }

    def _read_added_figures(self, kpis, columns):
        found = super()._read_added_figures(kpis, columns)
        running = [column.period for column in columns if column.is_running]
        if not self.show_expected or not running:
            return found
        (period,) = running
        own = kpis.filtered(lambda kpi: kpi.frequency == period.grain)
        known = self.env["kpi.predictive.point"]._read_expected(own.ids)
        totals = self.env["kpi.predictive.total"]
        known.update(totals._read_expected((kpis - own).ids, period))
        for kpi in kpis:
            expected = known.get(kpi.id)
            point = expected and expected.points.get(period.start)
            if not point:
                continue
            said = self._say_expected(kpi, point, expected.is_stale)
            for column in columns:
                # Of a closed period nothing is expected any more.
                shown = said if column.is_running else dict.fromkeys(said, "")
                found.setdefault((kpi.id, column.period.start), {}).update(shown)
        return found

    def _say_expected(self, kpi, point, is_stale):
        """Figures of the running period of a KPI; without those that are unknown."""
        # How a KPI is written is no secret to those who see it.
        definition = kpi.sudo().definition_id
        said = {"expected": point.value}
        if point.low is not None and point.high is not None:
            said["expected_range"] = self.env._(
                "%(low)s – %(high)s",
                low=self._write_number(point.low, definition.decimals),
                high=self._write_number(point.high, definition.decimals),
            )
        statuses = dict(kpi._fields["status"]._description_selection(self.env))
        words = [statuses[point.status]] if point.status in JUDGED else []
        words += [self.env._("being updated")] if is_stale else []
        return {**said, "expected_status": ", ".join(words)} if words else said
