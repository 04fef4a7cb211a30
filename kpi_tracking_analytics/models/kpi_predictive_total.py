import numpy as np

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.periods import nests
from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_tracking.engine import zones
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS
from odoo.addons.kpi_tracking.models.definition.kpi_zones_mixin import STATUSES

from ..analytics.expected import Expected, ExpectedValues
from ..analytics.forecast.result import take_rows
from ..analytics.judged import group_rows
from ..analytics.outlook import sum_up
from .numbers import Number, as_column, drop_other_rows, get_numbers, merge_rows


class KpiPredictiveTotal(models.Model):
    """What a longer period that is running will come to: of KPIs that add up.

    A month of a KPI by day, a year of one by month: what is known, and the forecasts of
    the shorter periods that are left.
    """

    _name = "kpi.predictive.total"
    _description = "KPI Forecast for a Longer Period"
    _inherit = ["kpi.predictive.mixin"]
    _log_access = False
    _order = "report_id, period_start desc, grain"

    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    value = Number("Forecast at Period End")
    expected_status = fields.Selection(
        STATUSES, string="Forecast Status", readonly=True
    )

    _period_uniq = models.UniqueIndex(
        "(report_id, grain)", "This period already has a forecast."
    )

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        for total in self:
            total.period_label = total.report_id._get_period_label(
                total.period_start, total.grain
            )

    def _as_answer(self):
        """As REST gives it: ``schemas.forecast.ForecastTotal``."""
        return {"grain": self.grain, **super()._as_answer()}

    @api.model
    def _read_expected(self, report_ids, period):
        """What a longer period will come to that is running.

        :param report_ids: of ``kpi.report``; what the user may not see is left out
        :return: id of a KPI → ``ExpectedValues`` of the one period
        """
        totals = self.search(
            [
                ("report_id", "in", list(report_ids)),
                ("grain", "=", period.grain),
                ("period_start", "=", period.start),
            ]
        )
        analytics = self.env["kpi.predictive.analytics"].search(
            [("kpi_id", "in", totals.report_id.ids), ("is_stale", "=", True)]
        )
        return {
            total.report_id.id: ExpectedValues(
                total.report_id in analytics.kpi_id,
                {
                    total.period_start: Expected(
                        total.value,
                        or_none(total.low_80),
                        or_none(total.high_80),
                        total.expected_status or "",
                    )
                },
            )
            for total in totals
        }

    @api.model
    def _store(self, series, found):
        """Write what differs from what is stored; number of rows.

        :param series: by the KPIs' own periods
        """
        reports = self.env["kpi.report"].browse(series.report_ids)
        stored, key = {"report_id": [], "grain": []}, ["report_id", "grain"]
        written = 0
        for period, own in self._list_longer(reports, found):
            for longer in own._series(period.grain, period.start, period.start):
                columns = self._sum_up(series, longer, found, period)
                written += merge_rows(self, key, columns)
                for name in key:
                    stored[name] += columns[name]
        written += drop_other_rows(self, reports.ids, key, stored)
        self.invalidate_model()
        return written

    @api.model
    def _list_longer(self, reports, found):
        """Pairs of a longer period that ends within the forecast, and its KPIs."""
        question = found.question
        rows = np.flatnonzero(question.is_additive)
        additive = reports.browse([reports.ids[row] for row in rows])
        calendar = reports[:1].definition_id.calendar_id
        last = found.coming[-1].stop
        for grain, _label in GRAINS:
            is_longer = grain != question.grain
            if not is_longer or not nests(calendar._spec(), question.grain, grain):
                continue
            period = calendar._period(grain, found.coming[0].start)
            shown = additive.definition_id.filtered(
                lambda kpi, grain=grain: grain in kpi._get_shown_grains()
            )
            own = additive.filtered(lambda kpi, of=shown: kpi.definition_id in of)
            if own and period.stop <= last:
                yield period, own

    @api.model
    def _sum_up(self, series, longer, found, period):
        """Columns of a row per KPI that is expected to come to something.

        :param longer: the period's targets; its value may hold what was entered ahead
        """
        rows = [series.row_of[id_] for id_ in longer.report_ids]
        running = series.index_of[found.coming[0].start]
        inside = [each for each in found.coming if each.start < period.stop]
        begun = [each.start >= period.start for each in series.periods[: running + 1]]
        ahead = sum_up(
            take_rows(found.forecast, rows),
            found.outlook.mean[rows, : len(inside)],
            np.nansum(series.values[rows, : running + 1][:, begun], axis=1),
            series.values[rows, running],
            found.question.elapsed[rows],
            longer.targets,
            group_rows(found.question.directions[rows]),
        )
        numbers = get_numbers(ahead, found.forecast.judged[rows])
        is_known = np.isfinite(ahead.mean[:, 0])
        statuses = zones.judge(
            ahead.achievements,
            ahead.mean,
            longer.targets.is_five == 1,
            longer.targets.thresholds,
        )[0]
        ids = np.array(longer.report_ids, int)[is_known].tolist()
        return {
            "report_id": ids,
            "grain": [period.grain] * len(ids),
            "period_start": [period.start] * len(ids),
            **{name: as_column(each[is_known, 0]) for name, each in numbers.items()},
            "expected_status": statuses[is_known, 0].tolist(),
        }
