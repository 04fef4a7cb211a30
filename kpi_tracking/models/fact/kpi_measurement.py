"""Why a value became another one, as far as the engine sees it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.postgres import array_text, is_finite
from odoo.addons.kpi_base.fields import OptionalFloat, OptionalInteger
from odoo.addons.kpi_base.references import StatementMany2one

SOURCES = [
    ("records", "Computed from Records"),
    ("formula", "Computed by Formula"),
    ("manual", "Entered"),
    ("import", "Imported"),
    ("api", "Other System"),
    ("external", "Other App"),
]
ROWS_AT_ONCE = 50_000
# Binary numbers added up in another order differ in their last digits: no change.
ROUNDING = 1e-12
# of what ``_upsert`` takes
COLUMN_TYPES = {
    "report_id": "int4",
    "period_start": "date",
    "value": "float8",
    "weight": "float8",
    "unpriced_count": "int4",
    "parts_present": "int4",
    "parts_expected": "int4",
}


@dataclass(frozen=True)
class UpsertResult:
    """Changes made by one call of ``_upsert``.

    :param added: number of new facts
    :param changed: number of facts with another value, weight or completeness
    :param removed: number of facts taken away
    :param report_ids: reports of these facts
    :param first_period: earliest period that changed, None if nothing did
    :param drifted: how many of these changed without a change of what they stand on
    :param changes: ``FactChanges`` of this call; sums of several calls have none
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    report_ids: list[int] = field(default_factory=list)
    first_period: date | None = None
    drifted: int = 0
    changes: list = field(default_factory=list, compare=False)

    @property
    def write_count(self):
        return self.added + self.changed + self.removed

    def __add__(self, other):
        firsts = [p for p in (self.first_period, other.first_period) if p]
        return UpsertResult(
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            sorted({*self.report_ids, *other.report_ids}),
            min(firsts, default=None),
            self.drifted + other.drifted,
        )


CAUSES = [
    ("records", "Records Changed"),
    ("removed", "Records Removed or Moved"),
    ("people", "Departments or Teams Changed"),
    ("rates", "Exchange Rates Changed"),
    ("definition", "Definition Changed"),
    ("target", "Target Changed"),
    ("time", "Time Passed"),
    ("manual", "Entry"),
    ("import", "Import"),
    ("api", "Other System"),
    ("external", "Other App"),
    ("recomputed", "Recalculated"),
    ("several", "Several Changes"),
]
# of those that nothing else is known of
CAUSE_OF_SOURCE = {"records": "recomputed", "formula": "recomputed"}
BATCH = 10_000


class FactChange(NamedTuple):
    """One fact: None as ``old`` = it is new, None as ``new`` = it is gone."""

    report_id: int
    period_start: date
    old: float | None
    new: float | None


@dataclass(frozen=True)
class FactChanges:
    """Facts of one grain that were added, changed or removed together.

    :ivar source: where the values come from, a key of ``SOURCES``
    :ivar cause: why they are others than before, a key of ``CAUSES``
    :ivar reason: the same in somebody's words, None where nobody says
    :ivar report_ids: the KPIs of these facts
    :ivar first_period: start of the earliest period that changed
    :ivar added_ids: of facts that are new
    :ivar changed_ids: of facts with another value, weight or completeness
    :ivar revision_ids: of the revisions that hold the values from before
    """

    env: object
    grain: str
    source: str
    cause: str
    reason: str | None
    report_ids: list[int]
    first_period: date
    added_ids: list[int]
    changed_ids: list[int]
    revision_ids: list[int]

    def rows(self) -> Iterator[FactChange]:
        """Each fact with another value than before, some thousand at a time.

        Facts of which only the weight or completeness changed are left out. To be read
        in the listener's call: later changes may change the same facts.
        """
        added = SQL("NULL, value FROM kpi_measurement")
        revised = SQL("old_value, new_value FROM kpi_measurement_revision")
        for columns, ids in ((added, self.added_ids), (revised, self.revision_ids)):
            for some in split_every(BATCH, ids, list):
                query = SQL(
                    "SELECT report_id, period_start, %s WHERE id = ANY(%s) ORDER BY id",
                    columns,
                    some,
                )
                yield from map(FactChange._make, self.env.execute_query(query))


class KpiMeasurement(models.Model):
    """The fact: value of a report in one period. Written by ``_upsert`` only."""

    _name = "kpi.measurement"
    _description = "KPI Value"
    _inherit = ["kpi.engine.rows.mixin", "kpi.period.value.mixin"]
    _order = "period_start desc, id desc"
    _rec_name = "period_start"
    _rec_names_search = ["report_id", "period_start"]
    _log_access = False

    report_id = StatementMany2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    value = fields.Float(required=True, readonly=True, aggregator="avg")
    weight = OptionalFloat(
        readonly=True,
        aggregator="sum",
        help="Number of records, weight or denominator of the average or share.",
    )
    unpriced_count = OptionalInteger(
        "No Exchange Rate", readonly=True, help="Blank if no amounts are converted."
    )
    source = fields.Selection(SOURCES, required=True, readonly=True)
    recorded_at = fields.Datetime(required=True, readonly=True)
    recorded_by_id = StatementMany2one(
        "res.users", "Entered By", readonly=True, ondelete="restrict"
    )
    parts_present = fields.Integer("Values Received", readonly=True, aggregator=False)
    parts_expected = fields.Integer("Values Expected", readonly=True, aggregator=False)
    definition_id = fields.Many2one(
        "kpi.definition", "Definition", related="report_id.definition_id"
    )
    revision_ids = fields.One2many(
        "kpi.measurement.revision",
        compute="_compute_revision_ids",
        string="Earlier Values",
    )
    scope_type = fields.Selection(related="report_id.scope_type")
    department_id = fields.Many2one(related="report_id.department_id")
    team_id = fields.Many2one(related="report_id.team_id")
    user_id = fields.Many2one(related="report_id.user_id")
    company_id = fields.Many2one(related="report_id.company_id")
    category_id = fields.Many2one(related="report_id.category_id")
    revision_count = fields.Integer("Changes", compute="_compute_revision_count")
    period_stop = fields.Date("Period End", compute="_compute_judged", exportable=False)
    target = OptionalFloat(compute="_compute_judged", exportable=False)
    status = fields.Selection(
        lambda self: self._select_statuses(),
        compute="_compute_judged",
        exportable=False,
    )

    _report_grain_period_uniq = models.UniqueIndex(
        "(report_id, grain, period_start)", "This period already has a value."
    )
    _value_finite = models.Constraint(
        "CHECK (value > '-Infinity' AND value < 'Infinity')",
        "A value must be a finite number.",
    )
    _weight_finite = models.Constraint(
        "CHECK (weight > '-Infinity' AND weight < 'Infinity')",
        "A weight must be a finite number.",
    )

    def _select_statuses(self):
        """Those of a KPI."""
        return self.env["kpi.report"]._fields["status"]._description_selection(self.env)

    @api.depends("report_id", "grain", "period_start")
    def _compute_judged(self):
        """The target and status of its period: of one that runs, as the KPI says."""
        # Who sees a KPI sees its targets and status.
        known = (
            self.env["kpi.target.value"]
            .sudo()
            .search(
                [
                    ("report_id", "in", self.report_id.ids),
                    ("period_start", "in", list(set(self.mapped("period_start")))),
                ]
            )
        )
        judged = {(row.report_id, row.grain, row.period_start): row for row in known}
        for fact in self:
            # As above; a calendar is no secret either.
            report = fact.report_id.sudo()
            key = (report, fact.grain, fact.period_start)
            row = judged.get(key, known.browse())
            is_current = key[1:] == (report.frequency, report.current_period_start)
            calendar = report.definition_id.calendar_id
            fact.period_stop = calendar._period(fact.grain, fact.period_start).stop
            fact.target = row.target if row else None
            fact.status = (
                row.status
                or (is_current and report.status)
                or (not row and "no_target")
            )

    def _compute_revision_ids(self):
        revisions = self.env["kpi.measurement.revision"].search(
            [("report_id", "in", self.report_id.ids)]
        )
        by_key = revisions.grouped(
            lambda row: (row.report_id, row.grain, row.period_start)
        )
        for fact in self:
            key = (fact.report_id, fact.grain, fact.period_start)
            fact.revision_ids = by_key.get(key, revisions.browse())

    def _get_refusal(self, operation):
        if operation == "unlink":
            return self.env._("Values can only be removed through their KPI.")
        return self.env._("Values can only be recorded through their KPI.")

    @api.model
    def _find_measured_ids(self, definitions):
        """Ids of those ``definitions`` that have at least one fact."""
        if not definitions.ids:
            return set()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT definition.id
                  FROM kpi_definition AS definition
                 WHERE definition.id = ANY(%s)
                   AND EXISTS (
                         SELECT 1
                           FROM kpi_report AS report
                           JOIN kpi_measurement AS fact ON fact.report_id = report.id
                          WHERE report.definition_id = definition.id
                       )
                """,
                definitions.ids,
            )
        )
        return {definition_id for (definition_id,) in rows}

    @api.model
    def _upsert(self, grain, rows, *, source, cause=None, reason=None, refresh=True):
        """Record facts of one grain; the only way in.

        :param grain: period length of all facts
        :param rows: a ``SQL`` SELECT of ``COLUMN_TYPES``, or an iterable
            of tuples in that order (missing tail: NULL); value NULL or None removes
            the fact of that key
        :param source: where the values come from, a key of ``SOURCES``
        :param cause: why values changed, a key of ``CAUSES``; default: by the source
        :param reason: the same in words; both are stored with the revision
        :param refresh: bring the reports' current values up to date as well
        :return: ``UpsertResult``; equal values are not written
        :raises ValidationError: a key twice, or a value that is not finite
        """
        cause = cause or CAUSE_OF_SOURCE.get(source, source)
        selects = [rows] if isinstance(rows, SQL) else self._list_selects(rows)
        result, heard = UpsertResult(), []
        try:
            with self.env.cr.savepoint(flush=False):
                for some in selects:
                    merged, changes = self._merge(grain, some, source, cause, reason)
                    result += merged
                    heard += [changes] if merged.write_count else []
        except errors.UniqueViolation as error:
            self._check_rows(some)
            # Somebody else recorded the same fact meanwhile: the caller tries again.
            raise ConcurrencyError(str(error)) from error
        except errors.CheckViolation:
            self._check_rows(some)
            raise
        for changes in heard:
            self.env["kpi.event"]._facts_changed(changes)
        if result.write_count and refresh:
            reports = self.env["kpi.report"].browse(result.report_ids)
            reports._refresh_current(result.first_period)
        self.invalidate_model()
        return replace(result, changes=heard)

    def _merge(self, grain, rows, source, cause, reason):
        user = self.env.uid if source in ("manual", "import", "api") else None
        (row,) = self.env.execute_query(
            SQL(
                """
                WITH incoming AS (%(rows)s),
                compared AS MATERIALIZED (
                    SELECT incoming.*,
                           fact.id,
                           fact.value AS old_value,
                           fact.source AS old_source,
                           fact.recorded_at AS old_recorded_at,
                           fact.recorded_by_id AS old_recorded_by_id
                      FROM incoming
                 LEFT JOIN kpi_measurement AS fact
                        ON fact.report_id = incoming.report_id
                       AND fact.grain = %(grain)s
                       AND fact.period_start = incoming.period_start
                     WHERE fact.value IS DISTINCT FROM incoming.value
                       AND (incoming.value BETWEEN
                            fact.value - %(rounding)s * abs(fact.value) AND
                            fact.value + %(rounding)s * abs(fact.value)) IS NOT TRUE
                        OR fact.id IS NOT NULL
                       AND (fact.weight, fact.unpriced_count,
                            fact.parts_present, fact.parts_expected)
                           IS DISTINCT FROM
                           (incoming.weight, incoming.unpriced_count,
                            incoming.parts_present, incoming.parts_expected)
                ),
                revised AS (
                    INSERT INTO kpi_measurement_revision
                           (report_id, grain, period_start, old_value, new_value,
                            old_source, new_source, old_recorded_by_id, recorded_at,
                            replaced_at, replaced_by_id, cause, reason)
                    SELECT report_id, %(grain)s, period_start, old_value, value,
                           old_source, %(source)s, old_recorded_by_id, old_recorded_at,
                           now() AT TIME ZONE 'UTC', %(user)s, %(cause)s,
                           %(reason)s
                      FROM compared
                     WHERE id IS NOT NULL
                       AND old_value IS DISTINCT FROM value
                 RETURNING id
                ),
                removed AS (
                    DELETE FROM kpi_measurement AS fact
                     USING compared
                     WHERE fact.id = compared.id
                       AND compared.value IS NULL
                ),
                changed AS (
                    UPDATE kpi_measurement AS fact
                       SET value = compared.value,
                           weight = compared.weight,
                           unpriced_count = compared.unpriced_count,
                           parts_present = compared.parts_present,
                           parts_expected = compared.parts_expected,
                           source = %(source)s,
                           recorded_at = now() AT TIME ZONE 'UTC',
                           recorded_by_id = %(user)s
                      FROM compared
                     WHERE fact.id = compared.id
                       AND compared.id IS NOT NULL
                       AND compared.value IS NOT NULL
                 RETURNING fact.id
                ),
                added AS (
                    INSERT INTO kpi_measurement
                           (report_id, grain, period_start, value, weight,
                            unpriced_count, parts_present, parts_expected,
                            source, recorded_at, recorded_by_id)
                    SELECT report_id, %(grain)s, period_start, value, weight,
                           unpriced_count, parts_present, parts_expected,
                           %(source)s, now() AT TIME ZONE 'UTC', %(user)s
                      FROM compared
                     WHERE id IS NULL
                  ORDER BY report_id, period_start
                 RETURNING id
                )
                SELECT count(*) FILTER (WHERE id IS NULL),
                       count(*) FILTER (WHERE id IS NOT NULL AND value IS NOT NULL),
                       count(*) FILTER (WHERE value IS NULL),
                       ARRAY(SELECT DISTINCT report_id FROM compared),
                       min(period_start),
                       ARRAY(SELECT id FROM added),
                       ARRAY(SELECT id FROM changed),
                       ARRAY(SELECT id FROM revised)
                  FROM compared
                """,
                rows=rows,
                grain=grain,
                source=source,
                user=user,
                cause=cause,
                reason=reason,
                rounding=ROUNDING,
            )
        )
        added, changed, removed, *found = row
        changes = FactChanges(self.env, grain, source, cause, reason, *found)
        first_period = changes.first_period
        if changed != len(changes.changed_ids):  # a fact was matched by two rows
            self._check_rows(rows)
            raise ValidationError(
                self.env._(
                    "A KPI has two values for the same period (on or after %s). "
                    "Remove one of them.",
                    first_period,
                )
            )
        counts = added, changed, removed
        return UpsertResult(*counts, changes.report_ids, first_period), changes

    @api.model
    def _check_rows(self, rows):
        """Refuse a key twice in ``rows``, or a number that is not finite."""
        refused = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, max(odd)
                  FROM (
                    SELECT *, CASE
                           WHEN value IN ('NaN', 'Infinity', '-Infinity') THEN value
                           WHEN weight IN ('NaN', 'Infinity', '-Infinity') THEN weight
                           END AS odd
                      FROM (%s) AS incoming
                  ) AS checked
              GROUP BY report_id, period_start
                HAVING count(*) > 1
                    OR max(odd) IS NOT NULL
                 LIMIT 1
                """,
                rows,
            )
        )
        for *key, odd in refused:
            if odd is None:
                self._refuse_row(key, self.env._("duplicate value."))
            self._refuse_row(key, self.env._("%s is not a finite number.", odd))

    def _refuse_row(self, key, reason):
        report_id, period_start = key
        raise ValidationError(
            self.env._(
                "%(kpi)s, period from %(period)s: %(reason)s",
                kpi=self.env["kpi.report"].browse(report_id).display_name,
                period=period_start,
                reason=reason,
            )
        )

    @api.model
    def _list_selects(self, rows):
        """``rows`` as SELECTs of arrays, in batches; refused as by ``_check_rows``."""
        keys, names = set(), SQL(", ").join(map(SQL.identifier, COLUMN_TYPES))
        for batch in split_every(ROWS_AT_ONCE, rows):
            for row in batch:
                key = tuple(row[:2])
                if key in keys:
                    self._refuse_row(key, self.env._("duplicate value."))
                keys.add(key)
                for number in row[2:4]:
                    if number is not None and not is_finite(number):
                        odd = self.env._("%s is not a finite number.", str(number)[:20])
                        self._refuse_row(key, odd)
            # NULL fills what rows leave out at their end, here and in PostgreSQL.
            columns = zip_longest(*batch)
            arrays = [
                SQL("%s::%s[]", array_text(column), SQL.identifier(kind))
                for kind, column in zip_longest(
                    COLUMN_TYPES.values(), columns, fillvalue=()
                )
            ]
            yield SQL(
                "SELECT * FROM unnest(%s) AS given(%s)", SQL(", ").join(arrays), names
            )

    @api.depends("revision_ids")
    def _compute_revision_count(self):
        for fact in self:
            fact.revision_count = len(fact.revision_ids)

    @api.depends("report_id", "period_label")
    def _compute_display_name(self):
        for fact in self:
            fact.display_name = f"{fact.report_id.display_name}, {fact.period_label}"

    def action_open_revisions(self):
        """Earlier values of this period."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking.kpi_measurement_revision_action",
            [("id", "in", self.revision_ids.ids)],
        )

    def action_explain(self):
        """Open what explains this value."""
        self.ensure_one()
        return self.report_id.action_explain_period(self.grain, self.period_start)


class KpiMeasurementRevision(models.Model):
    """Value that a fact had before: what was shown can be shown again."""

    _name = "kpi.measurement.revision"
    _inherit = ["kpi.append.only.mixin", "kpi.period.value.mixin"]
    _description = "Earlier KPI Value"
    _order = "id desc"
    _rec_name = "period_start"
    _log_access = False

    report_id = StatementMany2one(ondelete="restrict")
    old_value = fields.Float(readonly=True, aggregator=False)
    new_value = fields.Float(
        readonly=True, aggregator=False, help="Blank if the value was removed."
    )
    is_removal = fields.Boolean("Removed", compute="_compute_is_removal")
    old_source = fields.Selection(SOURCES, readonly=True)
    new_source = fields.Selection(SOURCES, readonly=True)
    old_recorded_by_id = StatementMany2one(
        "res.users", "Entered By", readonly=True, ondelete="restrict"
    )
    recorded_at = fields.Datetime(readonly=True)
    replaced_at = fields.Datetime("Replaced On", readonly=True)
    replaced_by_id = StatementMany2one("res.users", readonly=True, ondelete="restrict")
    cause = fields.Selection(CAUSES, readonly=True)
    reason = fields.Char(readonly=True)

    _report_period_idx = models.Index("(report_id, grain, period_start, id)")

    def _compute_is_removal(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_measurement_revision"
                " WHERE id = ANY(%s) AND new_value IS NULL",
                self.ids,
            )
        )
        removed = {row_id for (row_id,) in rows}
        for revision in self:
            revision.is_removal = revision.id in removed


class ResUsers(models.Model):
    """Users who entered values stay in the database, as the values do."""

    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        # Whoever deletes users need not be allowed to read values.
        fact = (
            self.env["kpi.measurement"]
            .sudo()
            .search([("recorded_by_id", "in", self.ids)], limit=1)
        )
        if fact:
            raise UserError(
                self.env._(
                    "%s has entered values. Archive the user instead.",
                    fact.recorded_by_id.display_name,
                )
            )
