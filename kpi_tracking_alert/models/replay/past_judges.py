"""What a rule would have said of KPIs on days that have passed.

A judge has ``steps``, days → report ids to be looked at, and yields findings of what is
asked about a day::

    judge.find(watched, day, ended)

:param watched: ``Watched`` of the rule, as of that day
:param ended: pair of a rule and a KPI → day on which its last alert ended
"""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, timedelta

import numpy as np

from odoo.addons.kpi_base.engine.periods import period_of, utc_bounds, zone

from ..evaluation.finding import Watched, pair_with
from ..evaluation.judges import judge_missing, judge_restated
from ..evaluation.kpi_smart_alert_watched import DuePeriods
from ..evaluation.pair_values import PairValues

INSTANT = timedelta(microseconds=1)


class PastThresholds:
    """Numbers compared with limits.

    :param conditions: of the rule, or others to be tried
    :ivar compared: the numbers of each period that closed
    """

    def __init__(self, rule, history, conditions):
        self.rule, self.history, self.conditions = rule, history, conditions
        self.compared = []
        self.steps = history.steps
        if conditions.has_running.any():
            # Each day more of the target is due.
            self.steps = dict.fromkeys(history.list_days(), list(history.kpis))

    def find(self, watched, day, _ended):
        values = PairValues(watched, self.conditions)
        values.fill(self._list_facts(values, day))
        self.compared += values.list_newest()
        for finding in values.find():
            is_new = finding.fires and finding.key not in watched.open_alerts
            if not is_new or self._has_enough(finding, day):
                yield finding

    def _list_facts(self, values, day):
        """What ``PairValues.facts_sql`` would give on that day."""
        slots = defaultdict(list)
        for frame, _grain, column, is_before, start in values.list_slots():
            slots[frame].append((column, is_before, start))
        none = (None,) * 4
        for row, kpi in enumerate(values.kpis):
            judged_by = self.history.judged_by.get(kpi.report_id, {})
            for column, is_before, start in slots[kpi.frame.number]:
                if column >= values.depths[row]:
                    continue
                known = self.history.find_known(kpi.report_id, start, day)
                if known:
                    numbers = none if is_before else judged_by.get(start, none)
                    yield row, column, is_before, *known, *numbers

    def _has_enough(self, finding, day):
        least = self.rule.least_facts
        return not least or self.history.count_known(finding.report_id, day) >= least


class PastMissing:
    """Values that had not come in time."""

    def __init__(self, rule, history):
        self.rule, self.history = rule, history
        everything = Watched(rule, history.kpis, pair_with(rule, history.kpis), {})
        self.due = DuePeriods(everything, *history.days)
        self.steps = defaultdict(set)
        for day, ids in history.steps.items():
            self.steps[day].update(ids)
        for kpi in history.kpis.values():
            for day in self._list_due_days(kpi):
                self.steps[day].add(kpi.report_id)

    def _list_due_days(self, kpi):
        """Days from which on another period is waited for."""
        before = self.due.find_on(kpi, self.rule.no_data_days, self.history.days[0])
        for day in self.history.list_days():
            period = self.due.find_on(kpi, self.rule.no_data_days, day)
            if period != before:
                yield day
            before = period

    def find(self, watched, day, _ended):
        known = {id_: self.history.find_newest(id_, day) for id_ in watched.kpis}
        newest = {id_: found for id_, found in known.items() if found}
        yield from judge_missing(watched, newest, self.due.find)


class PastAnswers:
    """What analyses would have said.

    :param judge: of :mod:`..evaluation.judges`
    :param answers: day → report id → what it takes
    """

    def __init__(self, judge, answers):
        self.judge, self.steps = judge, answers

    def find(self, watched, day, _ended):
        yield from self.judge(watched, self.steps.get(day, {}))


class PastRestatements:
    """Closed periods that became others.

    :param restatements: pair of the rule and a KPI → ``Restatement`` of its periods
    """

    def __init__(self, rule, history, restatements):
        self.rule, self.history, self.restatements = rule, history, restatements
        self.steps = defaultdict(set)
        for (_rule_id, report_id), known in restatements.items():
            spec = history.kpis[report_id].frame.spec
            for restatement in known:
                for moment in restatement.moments:
                    self.steps[_find_day(spec, moment)].add(report_id)

    def find(self, watched, day, ended):
        same = defaultdict(list)
        for id_, kpi in watched.kpis.items():
            same[kpi.frame.spec].append(id_)
        for spec, ids in same.items():
            pairs = watched.pairs[np.isin(watched.pairs[:, 1], ids)]
            yield from judge_restated(
                replace(watched, pairs=pairs),
                self.restatements,
                {key: _find_bounds(spec, ended[key])[1] - INSTANT for key in ended},
                {self.rule.id: _find_bounds(spec, self.history.days[0])[0]},
                _find_bounds(spec, day)[1] - INSTANT,
            )


def _find_bounds(spec, day):
    """First moment of a local day, and of the next one; naive UTC."""
    return utc_bounds(spec, period_of(spec, "day", day))


def _find_day(spec, moment):
    """Local day of a naive UTC moment."""
    return moment.replace(tzinfo=UTC).astimezone(zone(spec.tz)).date()
