from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.kpi_base.engine.formatting import is_far
from odoo.addons.kpi_base.formatting import format_number, format_percent, format_signed
from odoo.addons.kpi_base.schemas.base import Id
from odoo.addons.kpi_tracking.engine.change import UNUSUAL, WINDOW, measure_changes
from odoo.addons.kpi_tracking.models.report.kpi_report import WIDEST
from odoo.addons.kpi_tracking_analytics.models.kpi_report import REACH
from odoo.addons.kpi_tracking_analytics.models.numbers import format_chance

from ..engine.insight import LARGEST, MOST, Finding, choose, say
from ..engine.intent import GRAINS
from ..engine.narrative import LEAST_USUAL, Standing, choose_kpis

YEAR = 365.2425
PER_PERIOD = {"day": 1, "week": 7, "month": YEAR / 12, "quarter": YEAR / 4}
STREAK = 3  # periods off target in a row that are worth a sentence
REPORT_TYPES = ("daily", "weekly", "monthly")
UNWEIGHTED = 0.5  # weight of a KPI in no scorecard, 1 = usual
TOLD_CHANGE = 2.0  # times the usual change, from where on a summary names it
WORST_OF = 4  # periods of which the worst is named


class KpiNlpProcessor(models.AbstractModel):
    """KPIs in sentences: what is unusual about them, with the numbers."""

    _inherit = "kpi.nlp.processor"

    @api.model
    @api.readonly
    def generate_performance_insights(self, kpi_id: Id):
        """At most five sentences about a KPI, the most unusual first.

        Of its latest closed period, its trend and its forecast; in the user's language
        where that is English, German, French or Spanish. What its parent, the same KPI
        one level up, says is not repeated.

        :param kpi_id: of the ``kpi.report``
        :return: dict of ``kpi_id``, ``sentences``, and ``findings``: dicts of ``kind``,
            ``size`` (1 = at the limit of usual noise) and ``effect`` (percent of the
            target)
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        alike = self.env["kpi.report"].search(
            [("definition_id", "=", report.definition_id.id)]
        )
        parent = self._find_parents(alike).get(report.id, alike.browse())
        found = self._find_insights(report | parent)
        chosen = self._choose_insights(report, found, parent)
        chosen = found[report.id].add_part(chosen, MOST)
        return {
            "kpi_id": report.id,
            "sentences": self._say_findings(chosen),
            "findings": [
                {"kind": each.kind, "size": each.size, "effect": each.effect}
                for each in chosen
            ],
        }

    @api.model
    def auto_generate_reports(
        self, report_type: str, recipients: list[Id] | None = None
    ):
        """Email a narrative of all KPIs, with a PDF, each day, week or month.

        Each recipient gets what they see. Asked for again, the user's mail of that type
        goes to the recipients named then.

        :param report_type: daily, weekly or monthly
        :param recipients: users, or their ids; None = the user
        :return: dict of ``table_id`` (``kpi.period.report``), ``schedule_id`` and
            ``next_day`` (ISO format)
        """
        if report_type not in REPORT_TYPES:
            raise UserError(
                self.env._("Choose one of these: %s.", ", ".join(REPORT_TYPES))
            )
        schedules = self.env["kpi.period.report.schedule"]
        frequency = GRAINS[report_type]
        recipients = recipients or self.env.user
        users = Command.set([getattr(each, "id", each) for each in recipients])
        schedule = schedules.search(
            [
                ("frequency", "=", frequency),
                ("period_report_id.is_narrative", "=", True),
                ("period_report_id.owner_id", "=", self.env.uid),
                ("period_report_id.company_id", "=", self.env.company.id),
            ],
            limit=1,
        )
        if schedule:
            schedule.user_ids = [users]
        else:
            often = self._phrase(f"often.{frequency}")
            table = self.env["kpi.period.report"].create(
                {
                    "name": self._phrase("narrative", often=often),
                    "is_narrative": True,
                    "grain": self._choose_grain(frequency),
                }
            )
            schedule = schedules.create(
                {
                    "period_report_id": table.id,
                    "frequency": frequency,
                    "user_ids": [users],
                }
            )
        return {
            "table_id": schedule.period_report_id.id,
            "schedule_id": schedule.id,
            "next_day": fields.Date.to_string(schedule.next_day),
        }

    def _choose_grain(self, frequency):
        """Periods of the table: those of most KPIs, none shorter than its mails are."""
        kpis = self.env["kpi.report"]
        found = kpis._read_group([], ["frequency"], ["__count"], order="__count desc")
        common = found[0][0] if found else frequency
        return max(frequency, common, key=list(GRAINS.values()).index)

    def _tell_of(self, reports):
        """At most five sentences about these KPIs, the one that matters most first.

        Other people's KPIs are named only where there are no others.
        """
        people = reports.filtered(lambda kpi: kpi.scope_type == "user")
        if people != reports:
            reports -= people.filtered(lambda kpi: kpi.user_id != self.env.user)
        seen = self._find_seen(reports)
        weights = self._read_weights(reports)
        standings = [
            one.get_standing(weights.get(one.definition.id, UNWEIGHTED))
            for one in seen.values()
            if one.is_latest and one.at >= 0 and one.definition.unit != "boolean"
        ]
        chosen = choose_kpis(standings)
        outlooks = reports.browse(each.report_id for each in chosen)._read_outlooks()
        return [
            seen[each.report_id].get_summary(each, outlooks.get(each.report_id))
            for each in chosen
        ]

    def _read_weights(self, reports):
        """Definition id → its weight in scorecards, in multiples of their mean."""
        lines = self.env["kpi.report.group.line"]
        weights = defaultdict(float)
        for line in lines.search([("report_id", "in", reports.ids)]):
            definition = line.report_id.definition_id.id
            weights[definition] = max(weights[definition], line.weight)
        mean = np.mean([*weights.values()]) if any(weights.values()) else 1.0
        return {definition: weight / mean for definition, weight in weights.items()}

    def _say_findings(self, chosen):
        return [say(each, self.env.lang or "en_US") for each in chosen]

    def _find_parents(self, reports):
        """Id of a KPI → the same KPI one level up, the nearest of these."""
        parents = {}
        by_id = {report.id: report for report in reports}
        for part, parent in reports._list_scope_pairs():
            if part not in by_id:
                continue
            known = parents.get(part)
            nearest = by_id[parent]
            if not known or WIDEST[nearest.scope_type] > WIDEST[known.scope_type]:
                parents[part] = nearest
        return parents

    def _choose_insights(self, report, found, parent, most=MOST):
        """What is said of a KPI; at least that nothing is unusual."""
        own, wider = found[report.id], found.get(parent.id)
        chosen = choose(own.findings, wider.findings if wider else (), most)
        if chosen or not own.findings:
            return chosen or [own.get_usual()]
        words = {**own.words, "wider": parent.name}
        return [replace(own.get_usual(), kind="usual.wider", words=words)]

    def _find_insights(self, reports):
        """Report id → ``_Seen`` with its findings."""
        outlooks = reports._read_outlooks()
        trends = self.env["kpi.trend.analysis"].search([("kpi_id", "in", reports.ids)])
        trends = {row.kpi_id.id: row for row in trends}
        domain = [("report_id", "in", reports.ids), ("state", "!=", "dismissed")]
        anomalies = self.env["kpi.anomaly"].search(domain).grouped("report_id")
        found = self._find_seen(reports)
        for seen in found.values():
            report = seen.report
            seen.list_findings(
                outlooks.get(report.id),
                trends.get(report.id),
                anomalies.get(report, ()),
            )
        return found

    def _find_seen(self, reports):
        """Report id → ``_Seen``, without findings."""
        found = {}
        for grain, alike in reports.grouped("frequency").items():
            today = fields.Date.today()
            first = today - timedelta(days=(WINDOW + 3) * REACH[grain][2])
            # Somewhere it is tomorrow, and another period is running.
            last = today + timedelta(days=1)
            for series in alike._series(grain, first, last):
                steps = measure_changes(series.values, seams=series.seams != "")
                for row, report in enumerate(alike.browse(series.report_ids)):
                    found[report.id] = _Seen(report, series, row, steps)
        return found


class _Seen:
    """A KPI in its latest periods, and what may be said of it."""

    def __init__(self, report, series, row, steps):
        self.env, self.report, self.name = report.env, report, report.kpi_name
        self.format = report._write_value
        # Who sees a KPI reads its numbers in its unit.
        self.definition = report.sudo().definition_id
        calendar = self.definition.calendar_id
        today = calendar._today()
        self.label = calendar._period_label
        closed = sum(period.stop <= today for period in series.periods)
        values = series.values[row]
        known = np.flatnonzero(~np.isnan(values[:closed]))
        self.series, self.row, self.closed = series, row, closed
        self.at = int(known[-1]) if known.size else -1
        self.is_latest = self.at == closed - 1
        self.value = float(values[self.at])
        self.period = series.periods[self.at]
        self.findings = []
        self.usual = float(steps.usual[row, self.at])
        self.step = float(steps.steps[row, self.at])
        self.ratio = float(steps.ratios[row, self.at])
        self.words = {
            "kpi": self.name,
            "when": self.say_when(self.label(self.period)),
            "value": self.format(self.value),
        }

    def say_when(self, label):
        """When, such as “in Oct 2026” or “on 3 Oct 2026”."""
        kind = "when.day" if self.report.frequency == "day" else "when"
        return self.report._phrase(kind, period=label)

    def get_target(self, at):
        """The target of a period; NaN without one."""
        return float(self.series.targets.target[self.row, at])

    def get_gap(self):
        """By what share of its target it is better, below 0: worse; NaN = no target."""
        side = {"higher": 1, "lower": -1}.get(self.definition.direction)
        if side:
            target = self.get_target(self.at)
            return side * (self.value - target) / abs(target) if target else np.nan
        low, high = self.get_range()
        # A missing end of the range is no limit.
        reach = np.nanmax(np.abs([low, high, 0.0]))
        off = np.nanmax([low - self.value, self.value - high, 0.0])
        return float(-off / reach) if reach else np.nan

    def get_range(self):
        limits = self.series.targets
        return float(limits.low[self.row, self.at]), float(
            limits.high[self.row, self.at]
        )

    def count_worse(self):
        """Of how many periods, this one included, the value is the worst."""
        side = {"higher": 1, "lower": -1}.get(self.definition.direction)
        if not side:
            return 1
        before = self.series.values[self.row, : self.at][::-1]
        as_bad = np.flatnonzero(~(side * (before - self.value) > 0))
        return int(as_bad[0] if as_bad.size else len(before)) + 1

    def get_standing(self, weight):
        """The KPI as summaries rank it.

        :param weight: in scorecards, 1 = usual
        """
        return Standing(
            report_id=self.report.id,
            definition_id=self.definition.id,
            scope_type=self.report.scope_type,
            value=self.value,
            gap=self.get_gap(),
            step=self.step,
            usual=self.usual,
            worst_of=self.count_worse(),
            weight=weight,
            is_money=self.definition.unit == "currency",
        )

    def get_summary(self, standing, outlook):
        """The sentence of a KPI in a summary: value, target, since when it has been
        the worst, what explains it, and the chance of the running period."""
        report = self.report
        name = self.name if report.scope_type == "company" else report.name
        words = {**self.words, "kpi": name}
        parts = [("said", words), *self.list_target_parts(standing)]
        is_moved = self.is_moved()
        if is_moved:
            kind = "said.up" if self.step > 0 else "said.down"
            parts.append((kind, {"change": report._write_size(self.step)}))
        if standing.worst_of >= WORST_OF and not standing.gap >= 0:
            parts.append(self.get_worst_part(standing.worst_of))
        side = {"higher": 1, "lower": -1}.get(self.definition.direction, 0)
        if is_moved or (standing.gap < 0 and side * self.step < 0):
            parts += self.list_cause_parts()
        # Where nothing is known of the running period nothing is said of it.
        if standing.has_target and outlook and outlook.chance is not None:
            chance = format_chance(self.env, outlook.chance)
            words = {"period": outlook.label, "chance": chance}
            parts.append(("said.chance", words))
        said = "".join(report._phrase(kind, **words) for kind, words in parts)
        return f"{said[:1].upper()}{said[1:]}."

    def is_moved(self):
        """Whether the last change is worth a word."""
        usual = max(self.usual, LEAST_USUAL * abs(self.value))
        return abs(self.step) > TOLD_CHANGE * usual

    def list_target_parts(self, standing):
        if not standing.has_target:
            return
        if self.definition.direction == "range":
            low, high = self.get_range()
            if standing.gap < 0:
                words = {"low": self.format(low), "high": self.format(high)}
                yield "said.outside", words
            return
        target = self.get_target(self.at)
        gap = self.value - target
        words = {"gap": self.report._write_size(gap), "target": self.format(target)}
        if gap:
            yield f"said.{'below' if gap < 0 else 'above'}", words

    def get_worst_part(self, count):
        """Since when there was nothing worse; beyond what was read, of how many."""
        end = "highest" if self.definition.direction == "lower" else "lowest"
        if count > self.at or np.isnan(self.series.values[self.row, self.at - count]):
            return f"said.{end}.of", {"count": count}
        since = self.label(self.series.periods[self.at - count])
        return f"said.{end}", {"since": since}

    def list_cause_parts(self):
        """The largest part of the last change: of a department or team where it is
        split by these, never of a person."""
        if not np.isfinite(self.step):
            return
        report = self.report
        first, start = self.series.periods[self.at - 1].start, self.period.start
        found = report.explain_change(first, start)
        ways = {way["key"] for way in found["ways"]}
        if found["split_by"] not in ("", "scope") and "scope" in ways:
            found = report.explain_change(first, start, "scope")
        parts = [each for each in found["parts"] if each["part"] * self.step > 0]
        if found["split_by"] == "scope":
            alike = report.search(
                [
                    ("definition_id", "=", self.definition.id),
                    ("scope_type", "in", ("department", "team")),
                ]
            )
            named = set(alike.mapped("scope_name"))
            parts = [each for each in parts if each["label"] in named]
        parts = [each for each in parts if each["kind"] != "other"]
        if len(found["parts"]) > 1 and parts:
            change = parts[0]["part"]
            signed = format_signed(self.env, change, report._write_size(change))
            yield "said.part", {"part": parts[0]["label"], "change": signed}

    def get_usual(self):
        """What is said where nothing is unusual."""
        if self.at < 0:
            return Finding("none", 0.0, 0.0, {"kpi": self.name})
        return Finding("usual", 0.0, 0.0, self.words)

    def list_findings(self, outlook, trend, anomalies):
        """Find all that may be said; the order is not yet that of the text."""
        if self.at < 0:
            return
        found = self.findings
        found += self.find_status(trend)
        if self.definition.unit == "boolean":
            return
        change = [*self.find_change()] if self.is_latest else []
        found += change
        found += self.find_trend(trend) if trend else ()
        found += self.find_forecast(outlook) if outlook else ()
        found += self.find_anomalies(anomalies, bool(change))

    def add_part(self, chosen, most):
        """The findings with the largest part of a change behind it."""
        for at, each in enumerate(chosen[: most - 1], start=1):
            if each.kind.startswith("change."):
                return [*chosen[:at], *self.find_part(each), *chosen[at:]][:most]
        return chosen

    def get_effect(self, size, at=None):
        """A difference in percent of the target."""
        target = abs(self.get_target(self.at if at is None else at))
        return min(100 * abs(size) / target, LARGEST) if target > 0 else 0.0

    def make(self, kind, size, effect, **words):
        size = min(size, LARGEST) if size == size else 0.0
        start = self.period.start.isoformat()
        return Finding(kind, size, effect, {**self.words, **words}, start)

    def find_change(self):
        """The last change, where it is more than chance."""
        if not abs(self.ratio) > UNUSUAL:
            return
        kind = "change.up" if self.step > 0 else "change.down"
        size, effect = abs(self.ratio) / UNUSUAL, self.get_effect(self.step)
        words = {
            "change": self.report._write_size(self.step),
            "value": self.format(self.value, self.step),
        }
        before = float(self.series.values[self.row, self.at - 1])
        # Of almost nothing a share says less than the value.
        is_share = bool(before) and not is_far(self.value, before)
        if is_share and self.definition.unit != "percent":
            share = format_percent(self.env, abs(self.step / before), 0)
            words["change"] += f" ({share})"
        if np.isfinite(self.ratio):
            words["ratio"] = format_number(self.env, abs(self.ratio), 1)
            yield self.make(kind, size, effect, **words)
        else:
            yield self.make(f"{kind}.first", size, effect, **words)

    def find_part(self, change):
        """The largest part of a change."""
        first = self.series.periods[self.at - 1].start
        parts = self.report.explain_change(first, self.period.start)["parts"]
        if len(parts) > 1 and parts[0]["kind"] != "other":
            part = parts[0]
            size = self.report._write_size(part["part"])
            signed = format_signed(self.report.env, part["part"], size)
            words = {"part": part["label"], "change": signed}
            yield self.make("part", change.size, self.get_effect(part["part"]), **words)

    def find_status(self, trend):
        """How far it is from its target, where it misses it."""
        if self.series.statuses[self.row, self.at] not in ("off_target", "at_risk"):
            return
        if self.definition.direction == "range":
            ends = self.get_range()
            gap = max(ends[0] - self.value, self.value - ends[1])
            names = zip(("low", "high"), ends, strict=True)
            words = {name: self.format(end) for name, end in names}
            kind, effect = "status.outside", 0.0
        else:
            target = self.get_target(self.at)
            gap = self.value - target
            kind = "status.below" if gap < 0 else "status.above"
            words = {"gap": self.report._write_size(gap), "target": self.format(target)}
            effect = self.get_effect(gap)
        size = abs(gap) / (UNUSUAL * self.usual) if self.usual > 0 else 0.0
        yield self.make(kind, size, effect, **words)
        if trend and trend.streak and trend.streak <= -STREAK:
            count = str(-trend.streak)
            yield self.make("streak", -trend.streak / STREAK, effect, count=count)

    def find_trend(self, trend):
        """Where it is going, if that is no chance."""
        slope = trend.performance_velocity
        width = (trend.velocity_high or 0.0) - (trend.velocity_low or 0.0)
        if trend.course == "steady" or not slope or not width:
            return
        grain = self.report.frequency
        step = slope * PER_PERIOD.get(grain, YEAR)
        kind = f"trend.{'up' if slope > 0 else 'down'}.{trend.course}"
        words = {
            "slope": self.report._write_size(step),
            "grain": self.report._phrase(f"grain.{grain}"),
        }
        size = 2 * abs(slope) / width
        yield self.make(kind, size, self.get_effect(step), **words)

    def find_forecast(self, outlook):
        """What the running period comes to, where it will probably miss its target."""
        value, target = outlook.value, self.get_target(self.closed)
        if not outlook.is_miss or target != target:
            return
        gap = value - target
        width = (outlook.high or 0.0) - (outlook.low or 0.0)
        kind = "forecast.below" if gap < 0 else "forecast.above"
        words = {
            "period": outlook.label,
            "value": self.format(value),
            "gap": self.report._write_size(gap),
            "target": self.format(target),
            "chance": format_percent(self.env, max(outlook.chance, 1.0) / 100, 0),
        }
        size = 2 * abs(gap) / width if width else 1.0
        yield self.make(kind, size, self.get_effect(gap, self.closed), **words)

    def find_anomalies(self, anomalies, is_change_said):
        """What is unusual about the latest closed period, or since then."""
        latest = self.series.periods[self.closed - 1].start
        for anomaly in anomalies:
            if anomaly.period_last < latest:
                continue
            if anomaly.kind == "spike" and is_change_said:
                continue
            label = self.report._get_period_label(anomaly.oddest_start)
            words = {
                "period": label,
                "when": self.say_when(label),
                "since": self.report._get_period_label(anomaly.period_start),
            }
            size, effect = 1.0, 0.0
            if anomaly.kind != "gap":
                if anomaly.value is False or anomaly.expected is False:
                    continue
                off = anomaly.value - anomaly.expected
                words["value"] = self.format(anomaly.value, off)
                words["usual"] = self.format(anomaly.expected, off)
                size, effect = abs(anomaly.score or LARGEST), self.get_effect(off)
            yield self.make(f"anomaly.{anomaly.kind}", size, effect, **words)
