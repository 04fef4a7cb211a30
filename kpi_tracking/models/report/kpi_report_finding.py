from math import isfinite

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.formatting import (
    format_achievement,
    format_percent,
    format_significant,
)

from ...engine.change import FAR
from ...engine.finding import (
    MAX_FINDING,
    MAX_GAP,
    MIN_STREAK,
    PAST_PERIODS,
    Situation,
    count_streak,
    find_gap,
    find_record,
)

LEAST_GAP = 0.0005  # would read as 0%


class KpiReport(models.Model):
    """The most important thing about a KPI in a period, as one short sentence."""

    _inherit = "kpi.report"

    finding = fields.Char(
        compute="_compute_finding",
        exportable=False,
        help="The most important result of the latest period.",
    )

    @api.depends_context("lang")
    @api.depends("current_period_start", "current_value", "status", "target_day")
    def _compute_finding(self):
        situations_of = self._get_latest_situations()
        for report in self:
            report.finding = report._choose_finding(situations_of.get(report, ()))

    def _get_latest_situations(self):
        """``Situation`` of the last closed period and of the one that runs.

        :return: dict report → list; without KPIs that are not saved yet
        """
        tracked = self.filtered(lambda report: report._origin.id)
        return tracked._get_situations(
            {report: report._get_verdict_periods() for report in tracked}
        )

    def _choose_finding(self, situations):
        """The sentence on the latest of these periods that has one."""
        texts = (self._write_finding(one) for one in reversed(situations))
        return next(filter(None, texts), "")

    def _finding(self, period):
        """The finding of one period of this KPI: “Oct 2026 missed its target by 27%”.

        :param period: ``Period`` of the KPI's own length
        :return: at most ``MAX_FINDING`` characters that name the period; an empty text
            if no rule applies: then the name of the KPI is the title
        """
        self.ensure_one()
        return self._get_findings({self: [period]})[self][period.start]

    def _get_findings(self, periods_of=None, standings_of=None):
        """Findings of many KPIs and periods, by a constant number of statements.

        An addon that knows more adds it to the ``Situation`` and says it first::

            def _get_situations(self, periods_of, standings_of=None):
                found = super()._get_situations(periods_of, standings_of)
                return {kpi: [replace(one, part=...) for one in found[kpi]] ...}

            def _list_change_texts(self, situation):
                return [self.env._("..."), *super()._list_change_texts(situation)]

        :param periods_of: dict report → periods of its own length, oldest first;
            default: the last closed one and the one that runs
        :param standings_of: dict report → ``Standing`` of these periods and of those
            before, oldest first, where it has been read already
        :return: dict report → dict first day → text, as of ``_finding``
        """
        if periods_of is None:
            periods_of = {report: report._get_verdict_periods() for report in self}
        return {
            report: {
                one.standing.period.start: report._write_finding(one)
                for one in situations
            }
            for report, situations in self._get_situations(
                periods_of, standings_of
            ).items()
        }

    def _get_situations(self, periods_of, standings_of=None):
        """What findings follow from: dict report → ``Situation`` of each period."""
        if standings_of is None:
            standings_of = self._get_standings(
                {
                    report: report._list_periods_with_past(periods)
                    for report, periods in periods_of.items()
                }
            )
        found = {}
        for report, periods in periods_of.items():
            standings = standings_of[report]
            place_of = {each.period.start: at for at, each in enumerate(standings)}
            found[report] = []
            for period in periods:
                stop = place_of[period.start] + 1
                past = standings[max(0, stop - PAST_PERIODS) : stop]
                found[report].append(Situation(past[-1], tuple(past)))
        return found

    def _list_periods_with_past(self, periods):
        """These periods and those that each is compared with, oldest first."""
        found = {
            each.start: each
            for period in periods
            for each in self._get_periods_until(period, PAST_PERIODS)
        }
        return [found[start] for start in sorted(found)]

    def _write_finding(self, situation):
        """The first sentence that is short enough; none is ever cut."""
        texts = self._list_finding_texts(situation)
        return next((text for text in texts if len(text) <= MAX_FINDING), "")

    def _list_finding_texts(self, situation):
        """Sentences on a period, of which the first that is short enough is said.

        Each rule has a short one after its long ones. Addons put theirs before.
        """
        standing = situation.standing
        if standing.is_running:
            # Of the first day there is nothing to say before something happens.
            is_said = standing.is_judged and (
                standing.has_begun or standing.judged.value
            )
            return self._list_running_texts(standing) if is_said else []
        if standing.judged.value is None:
            return []
        if self.unit != "boolean" and situation.is_unusual:
            return self._list_change_texts(situation)
        if standing.is_judged:
            return self._list_closed_texts(situation)
        if self.unit == "boolean":
            return []
        return self._list_history_texts(situation)

    def _list_running_texts(self, standing):
        """“Nov 2026 is on track so far, at 101% of its target to date”."""
        judged, words = standing.judged, {"period": standing.label}
        short = {
            "on_target": self.env._("%(period)s is on track so far", **words),
            "at_risk": self.env._("%(period)s is at risk so far", **words),
            "off_target": self.env._("%(period)s is off track so far", **words),
        }[judged.status]
        if not standing.is_share:
            return [short]
        words["share"] = format_achievement(self.env, judged.achievement)
        if judged.target_to_date is None:
            long = {
                "on_target": self.env._(
                    "%(period)s is on track so far, at %(share)s of its target", **words
                ),
                "at_risk": self.env._(
                    "%(period)s is at risk so far, at %(share)s of its target", **words
                ),
                "off_target": self.env._(
                    "%(period)s is off track so far, at %(share)s of its target",
                    **words,
                ),
            }
        else:
            long = {
                "on_target": self.env._(
                    "%(period)s is on track so far, at %(share)s of its target to date",
                    **words,
                ),
                "at_risk": self.env._(
                    "%(period)s is at risk so far, at %(share)s of its target to date",
                    **words,
                ),
                "off_target": self.env._(
                    "%(period)s is off track so far, at %(share)s of its target to"
                    " date",
                    **words,
                ),
            }
        return [long[judged.status], short]

    def _list_change_texts(self, situation):
        """“Oct 2026 fell 5× more than usual”."""
        words, ratio = {"period": situation.standing.label}, abs(situation.ratio)
        is_rise = situation.step > 0
        if not isfinite(ratio):
            if is_rise:
                return [self.env._("%(period)s rose after no earlier changes", **words)]
            return [self.env._("%(period)s fell after no earlier changes", **words)]
        words["ratio"] = self._format_ratio(ratio)
        if ratio >= FAR and is_rise:
            return [self.env._("%(period)s rose far more than usual", **words)]
        if ratio >= FAR:
            return [self.env._("%(period)s fell far more than usual", **words)]
        if is_rise:
            return [self.env._("%(period)s rose %(ratio)s× more than usual", **words)]
        return [self.env._("%(period)s fell %(ratio)s× more than usual", **words)]

    def _format_ratio(self, ratio):
        return format_significant(self.env, ratio, 2)

    def _list_closed_texts(self, situation):
        """“Oct 2026 missed its target by 27%”: as its status says, never otherwise."""
        standing, gap = situation.standing, find_gap(situation.standing)
        is_on_target = standing.judged.status == "on_target"
        words = {"period": standing.label, "gap": self._format_gap(standing)}
        if is_on_target and gap < 0:  # by the zones of the KPI near enough
            short = self.env._("%(period)s was on track", **words)
            long = self.env._(
                "%(period)s was on track, %(gap)s off its target", **words
            )
        elif is_on_target:
            short = self.env._("%(period)s met its target", **words)
            long = self.env._("%(period)s beat its target by %(gap)s", **words)
        elif gap >= 0 and standing.judged.status == "at_risk":
            # The zones of the KPI ask for more than the target.
            return [self.env._("%(period)s was at risk", **words)]
        elif gap >= 0:
            return [self.env._("%(period)s was off track", **words)]
        else:
            short = self.env._("%(period)s missed its target", **words)
            long = self.env._("%(period)s missed its target by %(gap)s", **words)
        if words["gap"]:
            return [long, short]
        if self.direction == "range" and is_on_target and gap == 0:
            short = self.env._("%(period)s ended within its range", **words)
        elif self.direction == "range" and not is_on_target:
            short = self.env._("%(period)s ended outside its range", **words)
        count = count_streak(situation.past, "status")
        if count < MIN_STREAK or is_on_target and gap < 0:
            return [short]
        words["count"] = count
        if is_on_target:
            streak = self.env._(
                "%(period)s met its target, %(count)s periods in a row", **words
            )
        else:
            streak = self.env._(
                "%(period)s missed its target, %(count)s periods in a row", **words
            )
        return [streak, short]

    def _format_gap(self, standing, value=None):
        """How far a value is from its target, without a sign: “27%”, “6.7 points”.

        An empty text if that is nothing, or no share of the target.

        :param value: another one, which the whole target is compared with
        """
        judged = standing.judged
        target = judged.due_target if value is None else judged.target
        if self.direction == "range" or not find_gap(standing, value):
            return ""
        size = abs((judged.value if value is None else value) - target)
        if self.unit == "percent":
            text = format_significant(self.env, size, 2 if size < 10 else 3)
            one, more = self.env._("1 point"), self.env._("%s points")
            is_one = text == format_significant(self.env, 1, 1)
            return say_count(1 if is_one else 2, one, more, text)
        share = size / abs(target) if target else MAX_GAP
        if not LEAST_GAP <= share < MAX_GAP:
            return ""
        return format_percent(self.env, share, 1 if share < 0.01 else 0)

    def _list_history_texts(self, situation):
        """“Oct 2026 rose, 4 periods in a row”, or the best or worst since when."""
        standing, past = situation.standing, situation.past
        words = {"period": standing.label, "count": count_streak(past, "step")}
        if words["count"] >= MIN_STREAK and situation.step > 0:
            return [self.env._("%(period)s rose, %(count)s periods in a row", **words)]
        if words["count"] >= MIN_STREAK:
            return [self.env._("%(period)s fell, %(count)s periods in a row", **words)]
        record = find_record(past, standing.direction)
        if not record:
            return []
        words["count"] = record.count
        if record.is_best:
            texts = [
                self.env._("%(period)s was the best in %(count)s periods", **words)
            ]
        else:
            texts = [
                self.env._("%(period)s was the worst in %(count)s periods", **words)
            ]
        if record.since and record.is_best:
            words["since"] = record.since.label
            return [
                self.env._("%(period)s was the best since %(since)s", **words),
                *texts,
            ]
        if record.since:
            words["since"] = record.since.label
            return [
                self.env._("%(period)s was the worst since %(since)s", **words),
                *texts,
            ]
        return texts
