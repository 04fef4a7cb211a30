import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ...engine import periods
from ..core.kpi_measurement import ROUNDING
from ..entry.kpi_report_lock import is_locked

OFFICER = "kpi_tracking.kpi_tracking_group_officer"
ENTERED = ("manual", "external")


@dataclass(frozen=True)
class Fact:
    """A value of another system, for a period that it may be given for."""

    index: int
    report: Any
    grain: str
    start: date
    value: float

    @property
    def key(self):
        return self.report.id, self.grain, self.start


class KpiMeasurement(models.Model):
    """Values that other systems send, thousands at once."""

    _inherit = "kpi.measurement"

    @api.model
    def _record_rows(self, rows, reason=None):
        """Record what can be recorded of ``rows``; say of each what became of it.

        A value sent again changes nothing. The number of queries does not grow with the
        rows, but with the lengths of periods among them.

        :param rows: as for ``kpi.report._named``, with ``day`` and ``value``
        :param reason: kept where a value is replaced
        :return: dict with the number of each outcome and ``results`` by row
        :raises AccessError: the user is no KPI officer
        """
        self._check_may_record()
        facts, results = self._checked_rows(rows)
        known = self._known_values(facts)
        for fact in facts:
            outcome = _outcome(known.get(fact.key), fact.value)
            results[fact.index] = {"index": fact.index, "outcome": outcome}
        self._write_facts(facts, reason)
        counts = Counter(result["outcome"] for result in results)
        outcomes = ("added", "changed", "unchanged", "refused")
        return {**{name: counts[name] for name in outcomes}, "results": results}

    @api.model
    def _check_may_record(self):
        if not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._(
                    "Values are recorded by KPI officers. Others enter those of their"
                    " own KPIs as submissions."
                )
            )

    @api.model
    def _checked_rows(self, rows):
        """The facts of good rows, and the results of all: None where still unknown."""
        reports = self.env["kpi.report"]._named(rows)
        check = _RowCheck(self.env, self.env["kpi.report"].union(*reports))
        facts, results = [], [None] * len(rows)
        for index, (row, report) in enumerate(zip(rows, reports, strict=True)):
            found = check.fact(index, row, report)
            if isinstance(found, Fact):
                facts.append(found)
            else:
                results[index] = {
                    "index": index,
                    "outcome": "refused",
                    "detail": found,
                }
        return facts, results

    @api.model
    def _known_values(self, facts):
        """Key → value of the facts that there are already."""
        known = self.search_fetch(
            [
                ("report_id", "in", list({fact.report.id for fact in facts})),
                ("grain", "in", list({fact.grain for fact in facts})),
                ("period_start", "in", list({fact.start for fact in facts})),
            ],
            ["report_id", "grain", "period_start", "value"],
        )
        return {
            (row.report_id.id, row.grain, row.period_start): row.value for row in known
        }

    @api.model
    def _write_facts(self, facts, reason):
        by_calendar, by_grain = {}, {}
        for fact in facts:
            calendar = fact.report.definition_id.calendar_id
            by_calendar.setdefault(calendar, []).append(fact.start)
            by_grain.setdefault(fact.grain, []).append(fact)
        for calendar, starts in by_calendar.items():
            # Days are the engine's own.
            calendar.sudo()._ensure_days(min(starts), max(starts))
        for grain, same in by_grain.items():
            rows = [(fact.report.id, fact.start, fact.value) for fact in same]
            # Facts are written by the engine only; who may record was checked.
            self.sudo()._upsert(grain, rows, source="api", reason=reason)

    def _remove(self, reason):
        """Take these values away; they stay readable as earlier values.

        :raises AccessError: the user is no KPI officer
        :raises UserError: computed, or in a locked period
        """
        self._check_may_record()
        for fact in self:
            definition = fact.report_id.definition_id
            if definition.computation not in ENTERED:
                raise UserError(
                    self.env._("%s is computed: its values stay.", definition.name)
                )
            period = definition.calendar_id._period(fact.grain, fact.period_start)
            fact.report_id._check_unlocked(period)
            row = (fact.report_id.id, fact.period_start, None)
            # As in ``_write_facts``.
            self.sudo()._upsert(fact.grain, [row], source="api", reason=reason)


class _RowCheck:
    """Which rows can be recorded; what they share is looked up once."""

    def __init__(self, env, reports):
        self.env, self.seen = env, set()
        self.locked = reports._locked_until()
        self.kpis = {report: _Kpi(report) for report in reports}
        self.spans = {}

    def fact(self, index, row, report):
        """The fact of a row, or why there is none."""
        refused = self.env["kpi.report"]._refused_name(report)
        if refused:
            return refused
        kpi = self.kpis[report]
        period = self._period(kpi, row.day)
        refused = self._refused(report, kpi, period, row)
        if refused:
            return refused
        self.seen.add((report.id, period.start))
        return Fact(index, report, kpi.grain, period.start, row.value)

    def _period(self, kpi, day):
        key = (kpi.calendar, kpi.grain, day)
        if key not in self.spans:
            self.spans[key] = periods.period_of(kpi.spec, kpi.grain, day)
        return self.spans[key]

    def _refused(self, report, kpi, period, row):
        if kpi.computation not in ENTERED:
            return self.env._("This KPI is computed: values cannot be recorded.")
        if kpi.is_yes_or_no and row.value not in (0, 1):
            return self.env._("Use 1 for yes or 0 for no.")
        if period.start > kpi.today:
            return self.env._("The period has not begun.")
        if is_locked(period.stop, self.locked[report]):
            return self.env._("The period is locked.")
        if (report.id, period.start) in self.seen:
            return self.env._("This period was given already in the same call.")
        return ""


class _Kpi:
    """What rows of one KPI are checked against."""

    def __init__(self, report):
        definition = report.definition_id
        self.calendar = definition.calendar_id
        self.spec = self.calendar._spec()
        self.today = self.calendar._today()
        self.grain = definition.frequency
        self.computation = definition.computation
        self.is_yes_or_no = definition.unit == "boolean"


def _outcome(known, value):
    if known is None:
        return "added"
    is_same = math.isclose(known, value, rel_tol=ROUNDING, abs_tol=0)
    return "unchanged" if is_same else "changed"
