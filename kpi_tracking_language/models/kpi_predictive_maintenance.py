from collections import namedtuple
from dataclasses import replace

import numpy as np

from odoo import api, models

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.engine.periods import GRAINS
from odoo.addons.kpi_base.formatting import format_achievement, format_percent
from odoo.addons.kpi_base.schemas.base import Id, Text
from odoo.addons.kpi_tracking.engine.change import UNUSUAL, measure_changes
from odoo.addons.kpi_tracking.engine.series import judge_value

from ..engine.advice import measure_risk
from ..engine.monitoring import find_falls, judge_longer

RANKS = {"on_target": 0, "at_risk": 1, "off_target": 2}
LEAST_RISK = 25.0  # percent, from which something is recommended before it happens
MOST_PARTS = 2
MOST_EARLIER = 3
NOISY = 0.5  # share of falls that were over at once

Closed = namedtuple("Closed", "series row count")


class KpiPredictiveMaintenance(models.AbstractModel):
    """What can be known of a KPI before it gets worse."""

    _name = "kpi.predictive.maintenance"
    _description = "KPI Risk"
    _inherit = ["kpi.phrase.mixin"]

    @api.model
    @api.readonly
    def detect_kpi_degradation_risk(self, kpi_id: Id):
        """Chance that the period after the latest closed one has a worse status.

        :return: dict of ``status`` (of the latest closed period), ``period_start`` (ISO
            format), ``risk`` (percent; None where there is no status or no forecast),
            ``expected`` (None = not known) and ``sentences``
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        analytics = self.env["kpi.predictive.analytics"]
        # Who sees a KPI sees what comes of its values.
        seen = report.sudo()
        method = analytics._fetch_methods(seen).get(report.id, "automatic")
        ((series, found),) = analytics._list_analysed(report.frequency, seen, method)
        period = found.coming[0]
        at = series.index_of[period.start]
        now = str(series.statuses[0, at - 1])
        risk = np.nan
        if now in RANKS:
            limits, outlook = found.forecast, found.outlook
            width = limits.high_80[0, 0] - limits.low_80[0, 0]
            left = outlook.high_80[0, 0] - outlook.low_80[0, 0]
            factor = float(left / width) if width > 0 else 1.0
            rank = self._make_rank(report, series, at)
            shift = float(outlook.mean[0, 0]), factor
            risk = 100 * measure_risk(limits, 0, 0, shift, rank, RANKS[now])
        expected = float(found.outlook.mean[0, 0])
        return {
            "status": now,
            "period_start": period.start.isoformat(),
            "risk": risk if risk == risk else None,
            "expected": expected if expected == expected else None,
            "sentences": [self._say_risk(report, at, series, risk)],
        }

    def _make_rank(self, report, series, at):
        """Values of a period → how bad the status is that they would have."""
        whole = replace(series, due=np.ones_like(series.due))

        def rank(values):
            statuses = (
                judge_value(whole, 0, at, value, report.direction) for value in values
            )
            return np.array([RANKS.get(status, -1) for status in statuses])

        return rank

    def _say_risk(self, report, at, series, risk):
        """The status of the last closed period, and the chance of a worse one.

        :param at: place of the running period
        """
        now = str(series.statuses[0, at - 1])
        calendar = report.definition_id.calendar_id
        closed, period = calendar._period_labels(series.periods[at - 1 : at + 1])
        words = {"kpi": report.name, "closed": closed, "period": period}
        if risk != risk:
            return self._phrase("risk.unknown", **words)
        words["risk"] = format_percent(self.env, min(max(risk, 0.0), 99.0) / 100, 0)
        words["status"] = self._phrase(f"status.{now}")
        is_worst = RANKS[now] == max(RANKS.values())
        return self._phrase("risk.worst" if is_worst else "risk", **words)

    @api.model
    @api.readonly
    def recommend_preventive_actions(self, kpi_id: Id):
        """What may help before a KPI gets worse, where that is likely enough.

        :return: dict of ``risk`` (percent or None) and ``actions``, as
            ``suggest_improvement_actions`` returns them; none below 25%
        """
        risk = self.detect_kpi_degradation_risk(kpi_id)["risk"]
        is_likely = risk is not None and risk >= LEAST_RISK
        analytics = self.env["kpi.predictive.analytics"]
        actions = analytics.suggest_improvement_actions(kpi_id) if is_likely else []
        return {"risk": risk, "actions": actions}

    @api.model
    @api.readonly
    def optimize_monitoring_frequency(self, kpi_id: Id):
        """How often to look at a KPI, by replaying its history.

        Of each longer period: by how many days it would have shown falls of status
        later. Of its own: which share of the falls was over in the next period without
        the change having been unusual, so that it showed noise.

        :return: dict of ``frequency``, ``fall_count``, ``noise_count``, ``longer``
            (dicts of ``frequency``, ``delay_days``: a number per fall, None = never
            shown), ``suggested`` (a frequency) and ``sentences``
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        grain = report.frequency
        own = self._read_closed(report, grain)
        ranks, stops = self._rank_closed(own)
        falls = find_falls(ranks)
        steps = measure_changes(own.series.values[[own.row], : own.count])
        is_usual = ~(np.abs(steps.ratios[0]) > UNUSUAL)
        noise = [
            at
            for at in falls
            if at + 1 < len(ranks) and 0 <= ranks[at + 1] < ranks[at] and is_usual[at]
        ]
        longer = []
        # Who sees a KPI knows in which periods it is shown.
        shown = report.sudo().definition_id._get_shown_grains()
        for other in GRAINS[GRAINS.index(grain) + 1 :]:
            if other in shown:
                known = self._rank_closed(self._read_closed(report, other))
                days = judge_longer([stops[at] for at in falls], *known)
                longer.append({"frequency": other, "delay_days": days})
        is_noisy = len(falls) >= 4 and len(noise) > NOISY * len(falls)
        suggested = longer[0]["frequency"] if is_noisy and longer else grain
        return {
            "frequency": grain,
            "fall_count": len(falls),
            "noise_count": len(noise),
            "longer": longer,
            "suggested": suggested,
            "sentences": self._say_frequency(report, falls, noise, longer, suggested),
        }

    def _read_closed(self, report, grain):
        calendar = report.definition_id.calendar_id
        today = calendar._today()
        first = self.env["kpi.measurement"].search(
            report._facts(), order="period_start", limit=1
        )
        start = first.period_start or today
        (series,) = report._series(grain, start, today)
        return Closed(series, 0, sum(each.stop <= today for each in series.periods))

    def _rank_closed(self, closed):
        """How bad each closed period was (−1 = no status), and when it ended."""
        statuses = closed.series.statuses[closed.row, : closed.count]
        ranks = np.array([RANKS.get(str(each), -1) for each in statuses], int)
        return ranks, [each.stop for each in closed.series.periods[: closed.count]]

    def _say_frequency(self, report, falls, noise, longer, suggested):
        def say(kind, grain, **words):
            grain = self._phrase(f"grain.{grain}")
            return self._phrase(kind, grain=grain, kpi=report.name, **words)

        counts = {"falls": len(falls), "noise": len(noise)}
        said = [say("frequency", report.frequency, **counts)]
        for each in longer if falls else ():
            days = [day for day in each["delay_days"] if day is not None]
            mean = round(sum(days) / len(days)) if days else 0
            kind = "frequency.longer" if days else "frequency.hidden"
            said.append(say(kind, each["frequency"], shown=len(days), days=mean))
        return [*said, say("frequency.suggested", suggested)]


class KpiPredictiveAnalytics(models.Model):
    """What may help a KPI, from its own past and from its peers."""

    _name = "kpi.predictive.analytics"
    _inherit = ["kpi.predictive.analytics", "kpi.phrase.mixin"]

    @api.model
    @api.readonly
    def suggest_improvement_actions(self, kpi_id: Id):
        """What pulls a KPI down, what peers do better, and what helped before.

        Nothing where none of that is known, rather than general advice.

        :return: list of dicts of ``kind`` (part, peer, note, action) and ``text``,
            which ``kpi.report.action_make_action`` makes an action of
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        side = {"higher": 1, "lower": -1}.get(report.direction, 0)
        closed = self.env["kpi.predictive.maintenance"]._read_closed(
            report, report.frequency
        )
        if not closed.count:
            return []
        found = []
        if side:
            found += report._suggest_parts(closed, side)
            found += report._suggest_peers(closed)
        found += report._suggest_earlier(closed, side)
        return [
            {"kind": kind, "text": self._phrase(f"suggest.{kind}", **words)}
            for kind, words in found
        ]


class KpiReport(models.Model):
    """Suggestions about a KPI become actions."""

    _inherit = "kpi.report"

    def _suggest_parts(self, closed, side):
        """Parts and inputs that pulled it down most in the latest closed period."""
        periods = closed.series.periods[: closed.count]
        values = closed.series.values[closed.row]
        if len(periods) < 2 or np.isnan(values[closed.count - 2 : closed.count]).any():
            return []
        first, last = periods[-2:]
        change = self.explain_change(first.start, last.start)
        pulling = [
            part
            for part in change["parts"]
            if side * part["part"] < 0 and part["kind"] not in ("other", "beside")
        ]
        period = change["to"]["label"]
        return [
            (
                "part",
                {
                    "part": part["label"],
                    "change": self._format_step(part["part"]),
                    "period": period,
                },
            )
            for part in pulling[:MOST_PARTS]
        ]

    def _suggest_peers(self, closed):
        """The same KPI on the same level with the highest achievement, where that is
        higher; a larger one need not be better."""
        period = closed.series.periods[closed.count - 1]
        start = period.start
        judged = self._get_judged_values(period.grain, start, start)[self].get(start)
        if not judged or judged.achievement is None:
            return []
        known = [
            (found, peer.id, peer) for peer, found in self._read_peers(period).items()
        ]
        best, _id, peer = max(known, default=(-np.inf, 0, None))
        if best <= judged.achievement:
            return []
        words = {
            "peer": peer.name,
            "best": format_achievement(self.env, best),
            "period": self._get_period_label(start),
            "kpi": self.name,
            "value": format_achievement(self.env, judged.achievement),
        }
        return [("peer", words)]

    def _suggest_earlier(self, closed, side):
        """Notes of earlier recoveries, and actions whose effect is more than chance."""
        ranks, _stops = self.env["kpi.predictive.maintenance"]._rank_closed(closed)
        periods = closed.series.periods
        found = []
        recovered = [
            at for at in range(1, len(ranks)) if ranks[at - 1] == 2 and ranks[at] == 0
        ]
        for at in reversed(recovered):
            notes = self.env["kpi.annotation"].search(
                [
                    ("report_id", "=", self.id),
                    ("date", ">=", periods[at - 1].start),
                    ("date", "<", periods[at].stop),
                ]
            )
            period = self._get_period_label(periods[at].start)
            found += [("note", {"period": period, "note": note.text}) for note in notes]
        actions = self.env["kpi.action.item"].search(
            [("report_id", "=", self.id), ("status", "=", "completed")],
            order="effective_date desc",
            limit=20,
        )
        for action in actions:
            low, high = action.effect_low, action.effect_high
            if low is False or high is False or not side:
                continue
            if min(side * low, side * high) > 0:
                change = action._format_change(action.measured_effect)
                found.append(("action", {"action": action.name, "change": change}))
        return found[:MOST_EARLIER]

    def action_make_action(self, description: Text):
        """Make an action of a suggestion, for the user, and open it."""
        self.ensure_one()
        item = self.env["kpi.action.item"].create(
            {"report_id": self.id, "description": description}
        )
        return open_form(item)
