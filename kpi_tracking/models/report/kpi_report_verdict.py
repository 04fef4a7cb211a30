from odoo import api, fields, models

from odoo.addons.kpi_base.formatting import format_achievement, format_percent

from ...engine.status import Judged
from ...engine.verdict import Standing, Verdict


class KpiReport(models.Model):
    """How a KPI stands, in one place for all that say it, and the same in words."""

    _inherit = "kpi.report"

    finding = fields.Char(
        compute="_compute_finding",
        exportable=False,
        help="Current status, expected result, and last result.",
    )

    def _get_verdicts(self):
        """How each KPI stands now, by a constant number of statements.

        What forms, cards, messages and answers say of the state of a KPI comes from
        here, with the period that it is about::

            verdict = report._get_verdicts()[report]
            verdict.running.label  # "Nov 2026"
            verdict.running.judged.status  # "on_target": so far
            verdict.outlook.chance  # 14.0, that "Nov 2026" reaches its target
            verdict.closed.label  # "Oct 2026"

        :return: dict report → ``Verdict``
        """
        periods_of = {report: report._get_verdict_periods() for report in self}
        found = self._series_in(periods_of) if periods_of else {}
        judged_of = {
            report_id: judged
            for series in {id(one): one for one in found.values()}.values()
            for report_id, judged in series.list_judged().items()
        }
        verdicts = {}
        for report, periods in periods_of.items():
            judged = judged_of[report._origin.id]
            labels = report.definition_id.calendar_id._period_labels(periods)
            *closed, running = (
                Standing(
                    period,
                    label,
                    period is periods[-1],
                    report.direction,
                    judged.get(period.start, Judged()),
                )
                for period, label in zip(periods, labels, strict=True)
            )
            verdicts[report] = Verdict(running, closed[0] if closed else None)
        return verdicts

    def _get_verdict_periods(self):
        """The last closed period, as ``Verdict`` has it, and the one that runs."""
        calendar = self.definition_id.calendar_id
        running = calendar._period(self.frequency, calendar._today())
        latest = self._current_period()
        is_over = latest and latest.stop <= running.start
        closed = latest if is_over else calendar._period_before(running)
        return [closed, running] if closed else [running]

    @api.depends_context("lang")
    @api.depends("current_period_start", "current_value", "status", "target_day")
    def _compute_finding(self):
        tracked = self.filtered(lambda report: report._origin.id)
        findings = tracked._finding()
        for report in self:
            report.finding = findings.get(report, "")

    def _finding(self):
        """How each KPI stands in one line: dict report → text.

        “Nov 2026: On track so far (101% of target to date), likely to end 5% short.
        Oct 2026: Off track (73% of target).” Empty where it has never had a value.
        """
        return {
            report: report._describe_verdict(verdict)
            for report, verdict in self._get_verdicts().items()
        }

    def _describe_verdict(self, verdict):
        outlook = self._describe_outlook(verdict)
        parts = []
        if verdict.running.judged.value is not None:
            said = self._describe_standing(verdict.running)
            parts.append(f"{said}, {outlook}" if outlook else said)
        elif outlook:
            words = {"period": verdict.running.label, "outlook": outlook}
            parts.append(self.env._("%(period)s: %(outlook)s", **words))
        if verdict.closed and verdict.closed.judged.value is not None:
            parts.append(self._describe_standing(verdict.closed))
        return " ".join(f"{part}." for part in parts)

    def _describe_standing(self, standing):
        """“Nov 2026: On track so far (101% of target to date)”."""
        judged, words = standing.judged, {"period": standing.label}
        if judged.value is None:
            return self.env._("%(period)s: no value", **words)
        if not standing.is_judged:
            # Who sees a KPI reads its numbers in its unit.
            value = self.sudo().definition_id._format_rounded(judged.value)
            words["state"] = self._mark_running(value, standing)
            return self.env._("%(period)s: %(state)s", **words)
        name, key = ("band", judged.band) if judged.band else ("status", judged.status)
        word = dict(self._fields[name]._description_selection(self.env))[key]
        words["state"] = self._mark_running(word, standing)
        words["share"] = self._describe_achievement(standing)
        return self.env._("%(period)s: %(state)s (%(share)s)", **words)

    def _mark_running(self, text, standing):
        return self.env._("%s so far", text) if standing.is_running else text

    def _describe_achievement(self, standing):
        """“101% of target to date”, or what else its achievement is of."""
        share = format_achievement(self.env, standing.judged.achievement)
        is_to_date = standing.judged.target_to_date is not None
        if standing.is_share and is_to_date:
            return self.env._("%s of target to date", share)
        if standing.is_share:
            return self.env._("%s of target", share)
        if is_to_date:
            return self.env._("achievement to date %s", share)
        return self.env._("achievement %s", share)

    def _describe_outlook(self, verdict):
        """How the running period will probably end; empty where that is open."""
        outlook = verdict.outlook
        if not outlook or not (outlook.is_miss or outlook.is_reach):
            return ""
        if self.direction == "range":
            if outlook.is_miss:
                return self.env._("likely to end outside its range")
            return self.env._("likely to end within its range")
        is_lower = self.direction == "lower"
        if outlook.is_reach:
            if is_lower:
                return self.env._("likely to stay within its target")
            return self.env._("likely to reach its target")
        target = verdict.running.judged.target
        gap = abs(outlook.value - target) / target if target and target > 0 else 0.0
        if gap < 0.005:  # would read as 0%
            return self.env._("likely to miss its target")
        gap = format_percent(self.env, gap, 0)
        if is_lower:
            return self.env._("likely to end %s over target", gap)
        return self.env._("likely to end %s short", gap)
