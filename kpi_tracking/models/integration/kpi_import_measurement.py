from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, groupby, split_every

from odoo.addons.kpi_base.engine.counts import list_counts, say_count
from odoo.addons.kpi_base.engine.tabular import (
    Entry,
    Moment,
    TargetColumn,
    TargetOption,
)

from ...engine.due import is_locked
from ..fact.kpi_measurement import ROUNDING
from .import_references import KEYS, KPI_KEYS
from .incomplete_values import IncompleteValues
from .kpi_import_reference import LIMITS

PART = 20_000  # facts written at once
MOST_VALUE = 1e300  # that rows may add up to; twice the largest number is none
SHOWN_COMBINED = 50  # values that several rows make


@dataclass(frozen=True)
class Span:
    """Values of a KPI that are staged, and the days that they are from."""

    kpi: Any
    grain: str
    count: int
    first: date
    last: date

    @property
    def calendar(self):
        return self.kpi.definition_id.calendar_id


class KpiImportMeasurement(models.AbstractModel):
    """Values of KPIs that people enter."""

    _name = "kpi.import.measurement"
    _description = "KPI Value Import"
    _inherit = ["kpi.import.reference"]

    _staging = {
        "report_id": "integer",
        "period_start": "date",
        "grain": "text",
        "value": "float8",
        "target": "float8",
        "range_low": "float8",
        "range_high": "float8",
        "day": "date",
    }
    _staging_key = ("report_id", "period_start")
    _filling = _amounts = frozenset({"value", "target"})
    _goal_column = "target"
    _checked_columns = ("value",)

    def _columns(self):
        return [
            *super()._columns(),
            TargetColumn(
                "moment",
                self.env._("Period"),
                "moment",
                aliases=("date", "month", "day"),
                can_group=True,
            ),
            self._get_year_column(),
            TargetColumn(
                "value",
                self.env._("Value"),
                "number",
                is_required=True,
                aliases=("actual", "amount", "result"),
                has_periods=True,
                named_by="kpi_name",
                has_units=True,
            ),
            TargetColumn(
                "target",
                self.env._("Target"),
                "number",
                has_units=True,
                has_goals=True,
            ),
        ]

    def _options(self, job):
        return [
            TargetOption(
                "several_rows",
                self.env._("Several Rows per Period"),
                "choice",
                default="refuse",
                help=self.env._(
                    "For files with several rows per KPI and period, such as ledgers. "
                    "Use Latest takes the latest date, and its last row."
                ),
                choices=[
                    ("refuse", self.env._("Refuse")),
                    ("sum", self.env._("Add Up")),
                    ("mean", self.env._("Average")),
                    ("last", self.env._("Use Latest")),
                ],
            ),
            *super()._options(job),
        ]

    def _missing(self, job, keys):
        questions = super()._missing(job, keys)
        has_periods = keys & {"moment", "year"} or job.has_periods
        if not has_periods and not job.period_day:
            questions.append(
                self.env._(
                    "Choose the “Period” column or enter a day in the period. For "
                    "columns such as OCT to SEP, enter the first month's year."
                )
            )
        return questions

    def _period_columns(self, kpi):
        return ("moment",) if kpi.computation == "manual" else KPI_KEYS

    def _prepare_cells(self, run, kpi, given):
        if kpi.unit == "boolean" and given.get("value", 0) not in (0, 1):
            raise UserError(self.env._("%s: use 1 for yes or 0 for no.", kpi.name))
        moment = given.get("moment")
        day = moment.day if moment else run.job.period_day
        names = ("value", "target", *LIMITS)
        return kpi.frequency, *map(given.get, names), day

    def _resolve_period(self, kpi, moment):
        if not moment:
            return self.env._("The row has no period.")
        if kpi.computation != "manual":
            return self.env._("%s is computed: values cannot be imported.", kpi.name)
        period = super()._resolve_period(kpi, moment)
        if isinstance(period, str):
            return period
        if kpi.is_early(period):
            return self.env._(
                "%(period)s has not started.", period=kpi.calendar._period_label(period)
            )
        if is_locked(period.stop, kpi.locked_until):
            return self.env._(
                "%(kpi)s: %(period)s is locked.",
                kpi=kpi.name,
                period=kpi.calendar._period_label(period),
            )
        return period

    def _is_combining(self, options):
        return options["several_rows"] != "refuse"

    def _suggest_choices(self, run):
        if run.duplicates:
            for choice in ("sum", "mean", "last"):
                yield "several_rows", choice, len(run.duplicates)

    def _refuse_duplicates(self, run):
        """Refuse several rows of a value, or make one value of them."""
        if not run.is_combining:
            return super()._refuse_duplicates(run)
        run.kpis = run.references.map_reports() if hasattr(run, "references") else {}
        self._refuse_incomplete(run)
        self._refuse_too_large(run)
        self._drop_refused(run)
        self._combine(run)
        self._refuse_impossible(run)

    def _refuse_incomplete(self, run):
        """Refuse values of which another row is refused: no part is a value."""
        parts = IncompleteValues()
        fixed = run.job.period_day and Moment(run.job.period_day, "day")
        for number, values, wrong in run.refused_parts:
            if not (values.keys() | wrong) & self._filling:
                continue
            day = None if "moment" in wrong else values.get("moment") or fixed
            kpi = None
            if not wrong & set(KEYS) and run.references.is_clear(values):
                (kpi,) = run.references.list_known([Entry(number, values)])
                if not kpi:  # that of another value, or of none
                    continue
            parts.add(number, kpi, day)
        if not parts:
            return
        groups = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, array_agg(DISTINCT number)
                  FROM kpi_import_staging
              GROUP BY report_id, period_start
                """
            )
        )
        for report_id, start, numbers in groups:
            if found := parts.find(run.kpis[report_id], start):
                other, is_sure = found
                reason = (
                    self.env._("Row %s, of the same value, has an error.", other)
                    if is_sure
                    else self.env._(
                        "Row %s has an error and may be of the same value.", other
                    )
                )
                for number in numbers:
                    if number != other:
                        run.refuse(number, reason)

    def _refuse_too_large(self, run):
        """Refuse rows that add up to more than a value can be."""
        groups = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(DISTINCT number)
                  FROM kpi_import_staging
              GROUP BY report_id, period_start
                HAVING abs(sum(value::numeric)) > %(most)s
                    OR abs(sum(target::numeric)) > %(most)s
                """,
                most=MOST_VALUE,
            )
        )
        for (numbers,) in groups:
            for number in numbers:
                reason = self.env._("The rows of the value add up to too much.")
                run.refuse(number, reason, self._filling)

    def _combine(self, run):
        """Have the first row of each value hold that of all of them.

        The others stay, without a value: they are rows of what is imported.
        """
        amounts = {
            # Decimal numbers add up without rounding errors.
            "sum": "sum({0}::numeric) OVER same",
            "mean": "avg({0}::numeric) OVER same",
            "last": """first_value({0}) OVER (
                PARTITION BY report_id, period_start
                ORDER BY ({0} IS NULL), day DESC, number DESC, ctid DESC
            )::numeric""",
        }[run.options["several_rows"]]
        names = ("value", "target", *LIMITS)
        value, target, low, high = map(SQL, map(amounts.format, names))
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_import_staging AS staging
                   SET value = CASE WHEN combined.place = 1 THEN combined.value END,
                       target = CASE WHEN combined.place = 1 THEN combined.target END,
                       range_low = CASE WHEN combined.place = 1 THEN combined.low END,
                       range_high = CASE WHEN combined.place = 1 THEN combined.high END
                  FROM (
                        SELECT ctid AS line,
                               row_number() OVER (
                                   PARTITION BY report_id, period_start
                                       ORDER BY number, ctid
                               ) AS place,
                               count(*) OVER same AS lines,
                               %(value)s AS value,
                               %(target)s AS target,
                               %(low)s AS low,
                               %(high)s AS high
                          FROM kpi_import_staging
                        WINDOW same AS (PARTITION BY report_id, period_start)
                       ) AS combined
                 WHERE staging.ctid = combined.line
                   AND combined.lines > 1
                """,
                value=value,
                target=target,
                low=low,
                high=high,
            )
        )

    def _refuse_impossible(self, run):
        """Refuse combined values that a KPI cannot have."""
        groups = self.env.execute_query(
            SQL(
                """
                SELECT report_id, array_agg(DISTINCT number), max(value)
                  FROM kpi_import_staging
              GROUP BY report_id, period_start
                HAVING count(*) > 1
                   AND max(value) NOT IN (0, 1)
                """
            )
        )
        for report_id, numbers, _value in groups:
            kpi = run.kpis[report_id]
            if kpi.unit == "boolean":
                for number in numbers:
                    reason = self.env._("%s: use 1 for yes or 0 for no.", kpi.name)
                    run.refuse(number, reason, ("value",))

    def _list_combined(self, run):
        if not run.is_combining or not hasattr(run, "kpis"):
            return super()._list_combined(run)
        groups = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, array_agg(DISTINCT number),
                       max(value), max(target), count(*) OVER ()
                  FROM kpi_import_staging
              GROUP BY report_id, period_start
                HAVING count(*) > 1
              ORDER BY min(number)
                 LIMIT %s
                """,
                SHOWN_COMBINED,
            )
        )
        records = []
        for report_id, start, numbers, *amounts, _count in groups:
            kpi = run.kpis[report_id]
            name = self._name_target(kpi, [kpi.calendar._period(kpi.frequency, start)])
            records.append((name, numbers, amounts))
        titles = [self.env._("Value"), self.env._("Target")]
        if all(amounts[1] is None for _name, _numbers, amounts in records):
            titles.pop()
            records = [(*one[:2], one[2][:1]) for one in records]
        return titles, groups[0][-1] if groups else 0, records

    def _list_tried(self, run):
        """KPIs that have targets or are new: all of their rows, or none."""
        return self.env.execute_query(
            SQL(
                """
                SELECT min(number), report_id, array_agg(number)
                  FROM kpi_import_staging
              GROUP BY report_id
                HAVING report_id < 0
                    OR count(target) + count(range_low) + count(range_high) > 0
                """
            )
        )

    def _write_tried(self, run, items):
        numbers = {report_id: {first} for first, report_id, _rows in items}
        made = self._make_planned(run, self._find_planned(run, numbers), {})
        numbers = {made.get(one, one): each for one, each in numbers.items()}
        self._store_targets(list(numbers))
        written = self._map_reports(numbers)
        for target in self.env["kpi.target"].search([("report_id", "in", [*numbers])]):
            written[target] = numbers[target.report_id.id]
        return written

    def _refuse_tried(self, run, item, reason):
        for number in item[2]:
            run.refuse(number, reason)

    def _describe_added(self, count):
        one, more = self.env._("1 new value"), self.env._("%s new values")
        return say_count(count, one, more)

    def _build_created_text(self, run):
        """Targets that stand beside the values, and as for all imports of KPIs."""
        targets = self.env["kpi.import.kpi.target"]
        standing = targets._find_standing(self._read_staged_targets())
        new, changed = map(len, targets._differences(standing))
        found = list_counts(
            (new, self.env._("1 new target"), self.env._("%s new targets")),
            (changed, self.env._("1 changed target"), self.env._("%s changed targets")),
        )
        waiting = found and targets._describe_waiting(standing)
        texts = (super()._build_created_text(run), found, waiting)
        return ", ".join(filter(None, texts))

    def _counts(self, run):
        (counts,) = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FILTER (WHERE fact.id IS NULL),
                       count(*) FILTER (WHERE NOT same.is_same),
                       count(*) FILTER (WHERE same.is_same)
                  FROM kpi_import_staging AS staging
             LEFT JOIN kpi_measurement AS fact
                    ON fact.report_id = staging.report_id
                   AND fact.grain = staging.grain
                   AND fact.period_start = staging.period_start
     CROSS JOIN LATERAL (
                        SELECT abs(staging.value - fact.value)
                               <= %(rounding)s * abs(fact.value) AS is_same
                       ) AS same
                 WHERE staging.value IS NOT NULL
                """,
                rounding=ROUNDING,
            )
        )
        return counts

    def _store(self, run):
        yield from self._create_planned(run)
        # Before the values, which are judged by what stands when they come.
        targeted = sorted({key[0] for key in self._read_staged_targets()})
        for part in split_every(self._tried_at_once, targeted, list):
            self._store_targets(part)
            yield
        spans = self.env.execute_query(
            SQL(
                """
                SELECT report_id, grain, count(*), min(period_start),
                       max(period_start)
                  FROM kpi_import_staging
                 WHERE value IS NOT NULL
              GROUP BY report_id, grain
              ORDER BY grain, report_id
                """
            )
        )
        # Locks bind everybody, and days are the engine's own: who may import was
        # checked.
        kpis = self.env["kpi.report"].sudo().browse([span[0] for span in spans])
        spans = [Span(kpi, *span[1:]) for kpi, span in zip(kpis, spans, strict=True)]
        for calendar, same in groupby(spans, lambda span: span.calendar):
            first = min(span.first for span in same)
            calendar._ensure_days(first, max(span.last for span in same))
        yield
        for grain, same in groupby(spans, lambda span: span.grain):
            totals = accumulate(span.count for span in same)
            parts = zip(totals, same, strict=True)
            for _at, part in groupby(parts, lambda one: (one[0] - 1) // PART):
                part = [span for _total, span in part]
                self._store_part(grain, part)
                yield sum(span.count for span in part)

    def _store_part(self, grain, spans):
        """Write values, unless a period was locked since its row was looked at."""
        for span in spans:
            span.kpi._check_unlocked(span.calendar._period(grain, span.first))
        rows = SQL(
            """
            SELECT report_id, period_start, value, NULL::float8 AS weight,
                   NULL::integer AS unpriced_count, NULL::integer AS parts_present,
                   NULL::integer AS parts_expected
              FROM kpi_import_staging
             WHERE grain = %s
               AND report_id = ANY(%s)
               AND value IS NOT NULL
            """,
            grain,
            [span.kpi.id for span in spans],
        )
        # Values are written by the engine only; who may import was checked.
        self.env["kpi.measurement"].sudo()._upsert(grain, rows, source="import")

    def _store_targets(self, report_ids):
        """Targets that stand beside the values: valid from each period on."""
        targets = self.env["kpi.import.kpi.target"]
        staged = self._read_staged_targets(report_ids)
        targets._write_targets(targets._find_standing(staged))

    def _read_staged_targets(self, report_ids=None):
        """``(report id, first day)`` → values, in that order; of these KPIs alone."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, target, range_low, range_high
                  FROM kpi_import_staging
                 WHERE num_nonnulls(target, range_low, range_high) > 0
                   AND (%(ids)s IS NULL OR report_id = ANY(%(ids)s))
              ORDER BY report_id, period_start
                """,
                ids=report_ids,
            )
        )
        return {
            (report_id, day): {"value": value}
            if value is not None
            else dict(zip(LIMITS, limits, strict=True))
            for report_id, day, value, *limits in rows
        }
