from odoo import api, fields, models

from odoo.addons.kpi_base.formatting import format_achievement
from odoo.addons.kpi_base.roles import MANAGER

from ...engine.finding import find_gap
from ...engine.status import Judged
from ...engine.verdict import Standing

SAID = ("comment", "email", "email_outgoing")  # kinds of messages; others are the log


class KpiReport(models.Model):
    """The situation of a KPI in four figures, each of which names its period."""

    _inherit = "kpi.report"

    standing = fields.Json(
        compute="_compute_standing",
        exportable=False,
        help="Figures of the current period, of the last closed one and of the year.",
    )

    @api.depends_context("lang", "uid", "allowed_company_ids")
    @api.depends("current_period_start", "current_value", "status", "target_day")
    def _compute_standing(self):
        """``figures``, see ``_get_figures``, and the ``finding``.

        And ``messages``: how many there are of what people said, and of the log. By a
        constant number of statements.
        """
        situations_of = self._get_latest_situations()
        tracked = self.filtered(lambda report: report in situations_of)
        years = tracked._read_year_standings()
        figures_of = tracked._get_figures(situations_of, years)
        messages_of = tracked._count_messages()
        for report in self:
            report.standing = report in situations_of and {
                "figures": figures_of[report],
                "finding": report._choose_finding(situations_of[report]),
                "messages": messages_of.get(report._origin.id, {"said": 0, "log": 0}),
            }

    def _count_messages(self):
        """Report id → number of messages by kind: ``said`` by people, and ``log``."""
        # Who sees a KPI sees what is said on its form.
        messages = self.env["mail.message"].sudo()
        rows = messages._read_group(
            [("model", "=", self._name), ("res_id", "in", self._origin.ids)],
            ["res_id", "message_type"],
            ["__count"],
        )
        counts = {}
        for report_id, kind, count in rows:
            found = counts.setdefault(report_id, {"said": 0, "log": 0})
            found["said" if kind in SAID else "log"] += count
        return counts

    def _read_year_standings(self):
        """Standings of KPIs in the year that runs, by three statements per calendar.

        Without those of which the year says no more than their latest value.

        :return: dict report → ``Standing``
        """
        standings = {}
        for calendar, reports in self.grouped(
            lambda report: report.definition_id.calendar_id
        ).items():
            yearly = reports.filtered(lambda report: report._adds_up_to_years())
            if not yearly:
                continue
            today = calendar._today()
            year = calendar._period("year", today)
            label = calendar._period_label(year)
            # Who sees a KPI sees its values and its targets in any period.
            seen = yearly._origin.sudo()
            judged_of = seen._get_judged_values("year", today, today, basis="stored")
            for report in yearly:
                judged = judged_of[report._origin].get(year.start, Judged())
                standings[report] = Standing(
                    year, label, True, report.direction, judged
                )
        return standings

    def _adds_up_to_years(self):
        if self.frequency == "year" or self.aggregation_time == "last":
            return False
        return "year" in self.definition_id._get_shown_grains()

    def _get_figures(self, situations_of, years):
        """Figures of KPIs, in the order in which people ask for them.

        An addon that knows more adds to them, for all KPIs at once::

            def _get_figures(self, situations_of, years):
                figures_of = super()._get_figures(situations_of, years)
                counts = self._count_open_alerts()
                for report, figures in figures_of.items(): ...

        :param situations_of: as of ``_get_latest_situations``
        :param years: dict report → ``Standing`` of the year, where it has one
        :return: dict report → list of dicts of ``key`` (running, closed, year),
            ``start`` (first day), ``title``, ``value`` (None = none), ``status`` (empty
            = not compared), ``band``, ``is_running`` (the status is one so far),
            ``texts`` and ``links``: dicts of ``text``, and ``method`` with ``args``,
            which returns an action
        """
        return {
            report: report._list_figures(
                [one.standing for one in situations], years.get(report)
            )
            for report, situations in situations_of.items()
        }

    def _list_figures(self, standings, year):
        """Figures of the running period, the last closed one and the year.

        What has no value is left out, unless there would be nothing.
        """
        *closed, running = standings
        closed = [one for one in closed if one.judged.value is not None]
        figures = []
        if running.judged.value is not None or not closed:
            title = self.env._("%s so far", running.label)
            figures.append(self._make_figure("running", running, title))
        for one in closed:
            figures.append(self._make_figure("closed", one, one.label))
            if self.is_stale:
                figures[-1]["texts"].append(self.env._("no newer value"))
        if year and year.judged.value is not None:
            title = self.env._("%s to date", year.label)
            figures.append(self._make_figure("year", year, title))
        if self._lacks_target(running):
            text = self.env._("Set Target")
            link = {"text": text, "method": "action_set_target", "args": []}
            figures[0]["links"].append(link)
        return figures

    def _lacks_target(self, standing):
        """Whether the user could set the target that a period does not have."""
        judged = standing.judged
        if {judged.target, judged.low, judged.high} != {None}:
            return False
        is_manager = self.env.user.has_group(MANAGER)
        return is_manager and self.is_in_use

    def _make_figure(self, key, standing, title):
        judged = standing.judged
        texts = [self._format_against_target(standing)]
        if judged.is_stretch_reached:
            texts.append(self.env._("stretch reached"))
        return {
            "key": key,
            "start": standing.period.start.isoformat(),
            "title": title,
            "value": judged.value,
            "status": judged.status,
            "band": judged.band,
            "is_running": standing.is_running,
            "texts": [text for text in texts if text],
            "links": [],
        }

    def _format_against_target(self, standing, value=None):
        """“101% of 725 k€, the target to date”, “5% short of 805 k€”.

        :param value: another one, which the whole target is compared with
        :return: an empty text without a target
        """
        judged = standing.judged
        if self.direction == "range":
            return self._format_range(judged)
        target = judged.due_target if value is None else judged.target
        if target is None:
            return ""
        is_to_date = value is None and judged.target_to_date is not None
        plain = shown = self._format_target(target, is_to_date)
        if is_to_date:
            shown = self.env._("%s, the target to date", plain)
        if value is None and standing.is_judged and standing.is_share:
            share = format_achievement(self.env, judged.achievement)
            return self.env._("%(share)s of %(target)s", share=share, target=shown)
        is_compared = value is not None or standing.is_judged
        words = {"gap": is_compared and self._format_gap(standing, value)}
        if words["gap"]:
            words["target"] = shown
            return self._format_beside_target(find_gap(standing, value) > 0, words)
        if is_to_date:
            return self.env._("Target to date: %s", plain)
        return self.env._("Target: %s", plain)

    def _format_beside_target(self, is_better, words):
        """“5% short of 805 k€”.

        :param words: ``gap`` without a sign, and ``target``
        """
        if self.direction == "lower" and is_better:
            return self.env._("%(gap)s under %(target)s", **words)
        if self.direction == "lower":
            return self.env._("%(gap)s over %(target)s", **words)
        if is_better:
            return self.env._("%(gap)s above %(target)s", **words)
        return self.env._("%(gap)s short of %(target)s", **words)

    def _format_range(self, judged):
        """“Range: 10–20 d”, or its only end."""
        low, high = (
            None if end is None else self._format_target(end)
            for end in (judged.low, judged.high)
        )
        if low and high:
            return self.env._("Range: %(low)s – %(high)s", low=low, high=high)
        if low:
            return self.env._("At least %s", low)
        return self.env._("At most %s", high) if high else ""

    def _format_target(self, target, is_to_date=False):
        """A target with its unit.

        A target to date is seldom exact: without a decimal, 4 of 2.67 would
        be read as 4 of 3, at 150%.
        """
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.sudo().definition_id
        is_exact = kpi.decimals or not is_to_date or float(target).is_integer()
        return kpi._format_compact(target, extra=0 if is_exact else 1)
