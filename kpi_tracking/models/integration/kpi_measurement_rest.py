import math
from collections import Counter
from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...engine import periods
from ..core.kpi_measurement import ROUNDING, array_text
from ..entry.kpi_report_lock import is_locked

OFFICER = "kpi_tracking.kpi_tracking_group_officer"
ENTERED = ("manual", "external")


class Fact(NamedTuple):
    """A value of another system, for a period that it may be given for.

    :param index: place among the rows
    """

    index: int
    kpi: "_Kpi"
    start: date
    value: float

    @property
    def key(self):
        return self.kpi.report_id, self.kpi.grain, self.start


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
        check = _RowCheck(self.env["kpi.report"], rows)
        facts, results = [], [None] * len(rows)
        for index, row in enumerate(rows):
            found = check.fact(index, row)
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
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.report_id, fact.grain, fact.period_start, fact.value
                  FROM unnest(%s::int4[], %s::varchar[], %s::date[])
                       AS given(report_id, grain, period_start)
                  JOIN kpi_measurement AS fact
                 USING (report_id, grain, period_start)
                """,
                array_text(fact.kpi.report_id for fact in facts),
                array_text(fact.kpi.grain for fact in facts),
                array_text(fact.start for fact in facts),
            )
        )
        return {tuple(key): value for *key, value in rows}

    @api.model
    def _write_facts(self, facts, reason):
        by_calendar, by_grain = {}, {}
        for fact in facts:
            by_calendar.setdefault(fact.kpi.calendar.record, []).append(fact.start)
            row = (fact.kpi.report_id, fact.start, fact.value)
            by_grain.setdefault(fact.kpi.grain, []).append(row)
        for calendar, starts in by_calendar.items():
            # Days are the engine's own.
            calendar.sudo()._ensure_days(min(starts), max(starts))
        for grain, rows in by_grain.items():
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

    def __init__(self, reports, rows):
        self.env, self.seen = reports.env, set()
        self.named = reports._named(rows)
        meant = {report._ids for report in self.named}
        known = reports.browse(ids[0] for ids in meant if len(ids) == 1)
        # Odoo would read all that there is of each: that takes as long as the rest.
        known = known.with_context(prefetch_fields=False)
        known.fetch(["company_id", "definition_id", "locked_until"])
        known.definition_id.fetch(["calendar_id", "computation", "frequency", "unit"])
        known.definition_id.calendar_id.fetch()
        locked = known._locked_until()
        calendars = {
            calendar: _Calendar(calendar)
            for calendar in known.definition_id.calendar_id
        }
        self.kpis = {
            kpi._ids: _Kpi(kpi, calendars[kpi.definition_id.calendar_id], locked[kpi])
            for kpi in known
        }

    def fact(self, index, row):
        """The fact of a row, or why there is none."""
        report = self.named[index]
        kpi = self.kpis.get(report._ids)
        if not kpi:
            return report._refused_name(report)
        period = kpi.calendar.period(kpi.grain, row.day)
        refused = self._refused(kpi, period, row)
        if refused:
            return refused
        self.seen.add((kpi, period.start))
        return Fact(index, kpi, period.start, row.value)

    def _refused(self, kpi, period, row):
        if kpi.computation not in ENTERED:
            return self.env._("This KPI is computed: values cannot be recorded.")
        if kpi.is_yes_or_no and row.value not in (0, 1):
            return self.env._("Use 1 for yes or 0 for no.")
        if period.start > kpi.calendar.today:
            return self.env._("The period has not begun.")
        if is_locked(period.stop, kpi.locked_until):
            return self.env._("The period is locked.")
        if (kpi, period.start) in self.seen:
            return self.env._("This period was given already in the same call.")
        return ""


class _Calendar:
    """Periods of a calendar, each looked for once."""

    def __init__(self, calendar):
        self.record, self.spec = calendar, calendar._spec()
        self.today = calendar._today()
        self.periods = {}

    def period(self, grain, day):
        key = grain, day
        if key not in self.periods:
            self.periods[key] = periods.period_of(self.spec, grain, day)
        return self.periods[key]


class _Kpi:
    """What rows of one KPI are checked against."""

    def __init__(self, report, calendar, locked_until):
        definition = report.definition_id
        self.report_id, self.locked_until = report.id, locked_until
        self.calendar = calendar
        self.grain = definition.frequency
        self.computation = definition.computation
        self.is_yes_or_no = definition.unit == "boolean"


def _outcome(known, value):
    if known is None:
        return "added"
    is_same = math.isclose(known, value, rel_tol=ROUNDING, abs_tol=0)
    return "unchanged" if is_same else "changed"
