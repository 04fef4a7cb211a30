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

        It is left out where it equals the value so far. It also has what the running
        quarter will come to.
        """
        figures_of = super()._get_figures(situations_of, years)
        outlooks = self._read_longer_outlooks(figures_of)
        for report, figures in figures_of.items():
            running = situations_of[report][-1]
            if running.outlook and not report._is_likely_known(figures[0], running):
                place = int(figures[0]["key"] == "running")
                likely = report._make_likely_figure(running)
                quarter = outlooks.get((report._origin.id, "quarter"))
                if quarter:
                    likely["texts"].append(report._format_quarter_outlook(quarter))
                figures.insert(place, likely)
            outlook = outlooks.get((report._origin.id, "year"))
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

    def _format_quarter_outlook(self, outlook):
        """“Q4 2026: 2.3 M€, 62% chance”."""
        words = {"quarter": outlook.label, "value": self._format_target(outlook.value)}
        if outlook.chance is None:
            return self.env._("%(quarter)s: %(value)s", **words)
        words["chance"] = format_chance(self.env, outlook.chance)
        return self.env._("%(quarter)s: %(value)s, %(chance)s chance", **words)

    def _read_longer_outlooks(self, reports):
        """How the quarters and years that run will probably end.

        By one statement, as ``_read_outlooks``.

        :return: dict (report id, grain) → ``PeriodOutlook``
        """
        running = {}
        for report in reports:
            calendar = report.definition_id.calendar_id
            for grain in ("quarter", "year"):
                period = calendar and calendar._period(grain, calendar._today())
                running[report._origin.id, grain] = calendar, period
        if not running:
            return {}
        self.env["kpi.predictive.analytics"].flush_model()
        self.env["kpi.predictive.total"].flush_model()
        # Who sees a KPI sees what it will probably come to.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT total.report_id, total.grain, total.period_start, total.value,
                       total.low_80, total.high_80,
                       CASE WHEN known.origin <> ALL(%s)
                            THEN total.target_probability END,
                       COALESCE(total.expected_status, '')
                  FROM kpi_predictive_total AS total
                  JOIN kpi_predictive_analytics AS known
                    ON known.kpi_id = total.report_id
                 WHERE total.report_id = ANY(%s)
                   AND total.grain IN ('quarter', 'year')
                   AND total.value IS NOT NULL
                   AND known.error IS NULL
                """,
                [*YOUNG],
                [report_id for report_id, grain in running if grain == "year"],
            )
        )
        outlooks = {}
        for report_id, grain, start, *numbers in rows:
            calendar, period = running[report_id, grain]
            if period and start == period.start:
                label = calendar._period_label(period)
                outlooks[report_id, grain] = PeriodOutlook(period, label, *numbers)
        return outlooks
