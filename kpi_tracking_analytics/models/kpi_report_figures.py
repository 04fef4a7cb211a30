from odoo import models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.engine.status import STATUS_TONES

from ..analytics.period_outlook import PeriodOutlook
from .numbers import YOUNG, format_chance


class KpiReport(models.Model):
    """Figures of a KPI also say how its period and its year will probably end."""

    _inherit = "kpi.report"

    def _get_figures(self, situations_of, years):
        """As before, with ``likely`` behind the running period, and in the year.

        It is left out where it equals the value so far.
        """
        figures_of = super()._get_figures(situations_of, years)
        year_outlooks = self._read_year_outlooks(years)
        for report, figures in figures_of.items():
            running = situations_of[report][-1]
            if running.outlook and not report._is_likely_known(figures[0], running):
                place = int(figures[0]["key"] == "running")
                figures.insert(place, report._make_likely_figure(running))
            outlook = year_outlooks.get(report._origin.id)
            if outlook and figures[-1]["key"] == "year":
                report._add_year_outlook(figures[-1], years[report], outlook)
        return figures_of

    def _is_likely_known(self, figure, situation):
        """Check whether a figure of the running period already has its likely end.

        Not where only that falls short of the target, as what has begun with all that
        will come.
        """
        outlook = situation.outlook
        if figure["key"] != "running" or figure["value"] is None:
            return False
        if outlook.is_miss and figure["status"] == "on_target":
            return False
        return self._is_shown_alike(outlook.value, figure["value"])

    def _is_shown_alike(self, value, other):
        return self._format_target(value) == self._format_target(other)

    def _make_likely_figure(self, situation):
        outlook, standing = situation.outlook, situation.standing
        texts = [self._format_against_target(standing, outlook.value)]
        if outlook.chance is not None:
            chance = format_chance(self.env, outlook.chance)
            texts.append(self.env._("%s chance to reach it", chance))
        elif None not in (outlook.low, outlook.high):
            texts.append(
                self.env._(
                    "Between %(low)s and %(high)s",
                    low=self._format_target(outlook.low),
                    high=self._format_target(outlook.high),
                )
            )
        is_judged = outlook.status in STATUS_TONES
        status = outlook.status if is_judged else ""
        return {
            "key": "likely",
            "start": outlook.period.start.isoformat(),
            "title": self.env._("Likely at the end of %s", outlook.label),
            "value": outlook.value,
            "status": "likely_miss" if outlook.is_miss else status,
            "band": "",
            "is_running": False,
            "texts": [text for text in texts if text],
            "links": [],
        }

    def _add_year_outlook(self, figure, standing, outlook):
        value = self._format_target(outlook.value)
        against = self._format_against_target(standing, outlook.value)
        if self._is_shown_alike(outlook.value, figure["value"]):
            text = against
        elif against:
            text = self.env._(
                "Likely %(value)s, %(against)s", value=value, against=against
            )
        else:
            text = self.env._("Likely %s", value)
        if text:
            figure["texts"] = [text]
        if outlook.is_miss:
            figure["status"] = "likely_miss"

    def _read_year_outlooks(self, years):
        """How the years that run will probably end: report id → ``PeriodOutlook``.

        By one statement, as ``_read_outlooks``.

        :param years: dict report → ``Standing`` of the year
        """
        year_of = {report._origin.id: standing for report, standing in years.items()}
        if not year_of:
            return {}
        self.env["kpi.predictive.analytics"].flush_model()
        self.env["kpi.predictive.total"].flush_model()
        # Who sees a KPI sees what it will probably come to.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT total.report_id, total.period_start, total.value, total.low_80,
                       total.high_80,
                       CASE WHEN known.origin <> ALL(%s)
                            THEN total.target_probability END,
                       COALESCE(total.expected_status, '')
                  FROM kpi_predictive_total AS total
                  JOIN kpi_predictive_analytics AS known
                    ON known.kpi_id = total.report_id
                 WHERE total.report_id = ANY(%s)
                   AND total.grain = 'year'
                   AND total.value IS NOT NULL
                   AND known.error IS NULL
                """,
                [*YOUNG],
                [*year_of],
            )
        )
        return {
            report_id: PeriodOutlook(year.period, year.label, *numbers)
            for report_id, start, *numbers in rows
            if start == (year := year_of[report_id]).period.start
        }
