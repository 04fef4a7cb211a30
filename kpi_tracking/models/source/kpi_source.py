from collections import Counter
from dataclasses import replace
from datetime import timedelta

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import utc_bounds
from odoo.addons.kpi_base.models.record.base import count_rows_of
from odoo.addons.kpi_base.models.record.session_lock import (
    session_unlock,
    try_session_lock,
)

from ...engine.fingerprint import Fingerprint, hash_text
from ..calendar.kpi_calendar import GRAINS
from ..definition.kpi_definition import SOURCE_FIELDS
from ..fact.kpi_measurement import UpsertResult
from .source_statement import SourceStatement

JOINED_TABLES = (
    "kpi_calendar_day",
    "kpi_currency_rate",
    "kpi_definition",
    "kpi_measurement",
    "kpi_membership",
    "kpi_report",
    "kpi_working_day",
)
LOCK_SPACE = 1_262_570_836  # keeps our advisory locks apart from others'
EXTERNAL = "external"
CELLS_PER_CHUNK = 500_000
SEAM_SHARE = 0.25  # of the definitions of a source that change on one day


class KpiSource(models.Model):
    """Records that are read together: one pass serves all KPIs on them.

    KPIs on the same model, kind, dates, calendar, period length, company and people
    share a source. It is the unit of locking, of change detection and of the job log.
    """

    _name = "kpi.source"
    _description = "KPI Source"
    _order = "model_name, id"
    _rec_name = "name"

    name = fields.Char(compute="_compute_name")
    key = fields.Char(required=True, readonly=True, exportable=False)
    model_name = fields.Char(required=True, readonly=True, index=True)
    kind = fields.Char(required=True, readonly=True, exportable=False)
    date_field = fields.Char(readonly=True)
    date_to_field = fields.Char("Closing Date Field", readonly=True, exportable=False)
    calendar_id = fields.Many2one(
        "kpi.calendar", required=True, readonly=True, ondelete="cascade"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    company_field = fields.Char(readonly=True, exportable=False)
    without_company = fields.Char(readonly=True)
    without_company_id = fields.Many2one(
        "res.company",
        "Company for Records Without One",
        readonly=True,
        ondelete="cascade",
    )
    department_field = fields.Char(readonly=True, exportable=False)
    team_field = fields.Char(readonly=True, exportable=False)
    user_field = fields.Char(readonly=True, exportable=False)
    definition_ids = fields.Many2many("kpi.definition", readonly=True)
    # company id → local day of its first record, None without one; as last looked at.
    # Of what others hand over: definition id → the same
    first_days = fields.Json(readonly=True, exportable=False)
    last_run_at = fields.Datetime("Last Computed", readonly=True)
    last_error = fields.Char(readonly=True)
    all_checked_at = fields.Datetime("Older Periods Checked", readonly=True)
    # what its tables and definitions were before the last looks, see ``_plan_changed``
    look = fields.Json(readonly=True, exportable=False)

    _key_uniq = models.UniqueIndex("(key)")

    @api.depends("model_name", "date_field", "grain")
    def _compute_name(self):
        grains = dict(self._fields["grain"]._description_selection(self.env))
        for source in self:
            model = source.model_name in self.env and self.env[source.model_name]
            label = model._description if model is not False else source.model_name
            parts = [label, source.date_field, grains.get(source.grain)]
            source.name = " · ".join(part for part in parts if part)

    @api.model
    def _sync(self, definitions):
        """Link ``definitions`` to the sources they are computed from."""
        keyed = {
            kpi: {
                key: each
                for stretch in (kpi._list_stretches() if kpi.active else ())
                for key, each in self._prepare_method_values(stretch.method)
            }
            for kpi in definitions
        }
        values = dict(item for wanted in keyed.values() for item in wanted.items())
        known = self.search([("key", "in", list(values))])
        missing = values.keys() - set(known.mapped("key"))
        known |= self.create([values[key] for key in sorted(missing)])
        by_key = {source.key: source for source in known}
        for keys, same in definitions.grouped(lambda kpi: tuple(keyed[kpi])).items():
            sources = self.union(*(by_key[key] for key in keys))
            same.filtered(
                lambda kpi, wanted=sources: kpi.source_ids != wanted
            ).source_ids = sources
        self.search([("definition_ids", "=", False)]).unlink()

    @api.model
    def _prepare_method_values(self, method):
        """Keys and values of the sources that a definition is computed from so."""
        values = self._prepare_source_values(method)
        if not values:
            return
        parts = [str(values[name] or "") for name in SOURCE_FIELDS]
        # What is handed over comes for the KPI's own periods only.
        is_own = method.computation == EXTERNAL
        for grain in [method.frequency] if is_own else method._grains():
            key = "|".join([*parts, grain])
            yield key, {**values, "grain": grain, "key": key}

    @api.model
    def _prepare_source_values(self, definition):
        """``SOURCE_FIELDS`` of what ``definition`` is read from; None: of nothing."""
        if definition.computation == EXTERNAL and definition.external_source:
            return {
                **dict.fromkeys(SOURCE_FIELDS, False),
                "model_name": definition.external_source,
                "kind": EXTERNAL,
                "calendar_id": definition.calendar_id.id,
                "company_id": definition.company_id.id,
            }
        if definition.computation != "records":
            return None
        return {
            name: definition._fields[name].convert_to_write(
                definition[name], definition
            )
            for name in SOURCE_FIELDS
        }

    @api.model
    def _recompute_all(self, first=None, last=None, *, force=False):
        """Compute every KPI in this transaction; jobs go chunk by chunk instead.

        :param first, last: local days that bound the periods; default: all history
        :param force: also where no record has changed
        :return: number of facts written
        """
        self._refresh_shared()
        written = 0
        for source in self.search([("definition_ids.active", "=", True)]):
            for statement, periods in source._plan(first, last):
                written += source._compute(statement, periods, force=force).write_count
            source.last_run_at = fields.Datetime.now()
        formulas = self.env["kpi.definition"]._recompute_formulas(first, last)
        return written + formulas.write_count

    @api.model
    def _refresh_shared(self, *, force=False):
        """Bring joined tables in line with Odoo's; ``force`` trusts no note of them."""
        # Tables of the engine's own, which officers can only read.
        self.env["kpi.membership"].sudo()._refresh()
        # As above.
        self.env["kpi.currency.rate"].sudo()._refresh(force=force)
        # As above.
        self.env["kpi.working.day"].sudo()._refresh_used()
        count_rows_of(self.env, JOINED_TABLES)

    def _lock(self):
        """Take the session lock of this source; False where another session has it.

        A lock of the transaction would not do: under REPEATABLE READ the snapshot is
        older than the wait, and the second writer would fail.
        """
        return try_session_lock(self.env.cr, LOCK_SPACE, self.id)

    def _unlock(self):
        session_unlock(self.env.cr, LOCK_SPACE, self.id)

    def _statement(self, stretches, whole=None):
        """Compile ``stretches``; one whose model or fields are gone says so.

        :param whole: the statement that these are some of
        :return: ``SourceStatement``, or None where nothing is left to compute
        """
        statement = None
        for stretch in stretches:
            error = ""
            try:
                stretch.method._records_model()
                stretch.kpi.breakdown_ids._check_fields_exist(stretch.method)
                statement = statement or SourceStatement(self, whole)
                statement.add(stretch)
            except (ValidationError, AccessError) as refusal:
                error = str(refusal)
            except (KeyError, ValueError, TypeError) as misfit:
                error = self.env._(
                    "%(kpi)s no longer fits %(model)s: %(reason)s",
                    kpi=stretch.kpi.name,
                    model=self.model_name,
                    reason=misfit,
                )
            stretch.set_error(error)
        return statement if statement and statement.slots else None

    def _compute(self, statement, periods, *, force=False, reason=None):
        """Compute ``periods`` in one pass per branch, skipping what has not changed.

        :param force: also what has not changed since the last run
        :param reason: stored with each value that is replaced
        :return: ``UpsertResult``; ``drifted`` counts values that differ although
            nothing they are computed from has changed
        """
        # A KPI counts all records; who sees its value is asked where it is shown.
        source = self.sudo()
        if self.kind == EXTERNAL:
            return source._compute_external(statement, periods, force, reason)
        # Compiling hundreds of filters takes PostgreSQL's JIT longer than running them.
        self.env.cr.execute("SET LOCAL jit = off")
        source._note_first_days(statement, periods)
        known = source._fetch_fingerprints(periods)
        current = source._try_fingerprints(statement, periods)
        due = source._find_due(statement, periods, known, current)
        result = UpsertResult()
        filled = []
        for (ids, cause), changed in due.items():
            if not ids:
                continue
            some = source._only(statement, ids)
            result += source._fill(some, changed, cause, reason)
            filled += changed if some is statement else []
        if force:
            same = [each for each in periods if each not in filled]
            drift = source._fill(statement, same, "recomputed", reason)
            result += replace(drift, drifted=drift.write_count)
        if current and not any(statement.definitions.mapped("computation_error")):
            # Else the next run tries again, and goes on saying why it fails.
            starts = [period.start for same in due.values() for period in same]
            source._store_fingerprints({start: current[start] for start in starts})
        return result

    def _note_first_days(self, statement, periods):
        """Note the first days of the companies that track what is computed.

        With the first periods that the source is computed for, all records are read:
        then a first record may be gone, too. With others, only companies that have not
        begun before them are asked about, and what is dated in them is read.
        """
        whole = statement.whole
        groups = self.env["kpi.report"]._read_group(
            [("definition_id", "in", whole.definitions.ids)], ["company_id"]
        )
        ids = sorted(company.id for (company,) in groups)
        known, first = self.first_days or {}, periods[0].start
        is_later = first > min(slot.first_start for slot in whole.slots)
        is_known = is_later and all(str(id_) in known for id_ in ids)
        asked, is_snapshot = ids, self.kind == "snapshot"
        if is_known:
            # What has begun as a snapshot stays so.
            asked = [
                id_
                for id_ in ids
                if not (day := known[str(id_)])
                or (day >= str(first) and not is_snapshot)
            ]
        if not asked:
            return
        is_partial = is_known and not is_snapshot
        select = whole.first_days_sql(asked, periods=periods if is_partial else None)
        try:
            with self.env.cr.savepoint(flush=False):
                found = dict(self.env.execute_query(select))
        except (errors.DataError, errors.ProgrammingError):
            return  # a column is gone: the KPIs that read it say so
        days = {str(id_): found.get(id_) and str(found[id_]) for id_ in ids}
        if is_known or is_snapshot:
            # Some records say nothing of the others; those that a snapshot has seen may
            # have been deleted since: none are left, which is a value.
            days = {
                id_: min(filter(None, (known.get(id_), day)), default=None)
                for id_, day in days.items()
            }
        if days != known:
            self.first_days = days

    def _list_not_begun(self, period):
        """Ids of the companies without a record up to the end of ``period``."""
        return [
            int(id_)
            for id_, day in (self.first_days or {}).items()
            if not day or day >= str(period.stop)
        ]

    def _compute_external(self, definitions, periods, force, reason):
        """As ``_compute``, of facts that another addon works out.

        ``model_name`` is a ``kpi.external.source`` here. What changed unseen is no
        drift: others know why it did.
        """
        known = self._fetch_fingerprints(periods)
        units = [
            (kpi.id, kpi.external_measure, kpi.history_start, kpi._unit_description())
            for kpi in definitions
        ]
        reports = self._hash_reports(definitions)
        shared = hash_text(repr([units, sorted(reports.items())]))
        given = self.env[self.model_name]._get_fingerprints(definitions, periods)
        begun = self.env[self.model_name]._get_first_days(definitions)
        self._note_given_first_days(definitions, begun)
        current = {}
        for period in periods:
            text = f"{shared}|{hash_text(given[period.start])}"
            if early := sorted(id_ for id_ in begun if _is_early(begun, id_, period)):
                text = f"{text}|{hash_text(repr(early))}"
            current[period.start] = Fingerprint(text, {}, {})
        due = [
            period
            for period in periods
            if force or known.get(period.start) != current[period.start]
        ]
        if not due:
            return UpsertResult()
        rows = self._external_rows(definitions, due, begun)
        facts = self.env["kpi.measurement"]
        result = facts._upsert(self.grain, rows, source=EXTERNAL, reason=reason)
        self._store_fingerprints({p.start: current[p.start] for p in due})
        return result

    def _note_given_first_days(self, definitions, begun):
        """Note since when others have had something to measure in each company."""
        days = {}
        for report in definitions.report_ids:
            if report.id in begun:
                of_kpi = days.setdefault(str(report.definition_id.id), {})
                company, day = str(report.company_id.id), begun[report.id]
                known = (of_kpi.get(company), day and str(day))
                of_kpi[company] = min(filter(None, known), default=None)
        if days != (self.first_days or {}):
            self.first_days = days

    def _external_rows(self, definitions, periods, begun):
        """The facts, none before the history of their KPI; refuses others.

        Before the first record (``begun``) there is none, except where the period was
        evaluated already.
        """
        by_start = {period.start: period for period in periods}
        history = {
            report.id: definition.calendar_id._period(
                self.grain, definition.history_start
            ).start
            for definition in definitions
            for report in definition.report_ids
        }
        rows, early = [], []
        for row in self.env[self.model_name]._get_facts(definitions, periods):
            report_id, start = row[:2]
            if report_id not in history or start not in by_start:
                raise ValueError(
                    f"{self.model_name} was not asked for a fact of kpi.report"
                    f" {report_id} on {start}"
                )
            if start >= history[report_id]:
                is_early = _is_early(begun, report_id, by_start[start])
                (early if is_early else rows).append(row)
        return rows + self._leave_out_early(early)

    def _leave_out_early(self, rows):
        """``rows`` without their values, but those of periods that were evaluated."""
        if not rows:
            return []
        evaluated = set(
            self.env.execute_query(
                SQL(
                    "SELECT report_id, period_start FROM kpi_target_value"
                    " WHERE report_id = ANY(%s) AND grain = %s"
                    " AND period_start = ANY(%s) AND rated_at IS NOT NULL",
                    list({report_id for report_id, *_others in rows}),
                    self.grain,
                    list({start for _report_id, start, *_others in rows}),
                )
            )
        )
        return [
            row if tuple(row[:2]) in evaluated else (*row[:2], None) for row in rows
        ]

    def _only(self, statement, ids):
        """The statement of some of its definitions."""
        if len(ids) == len(statement.definitions):
            return statement
        wanted = [each for each in statement.stretches if each.kpi.id in ids]
        return self._statement(wanted, statement.whole)

    def _fill(self, statement, periods, cause, reason=None):
        """Write the facts of ``periods``; a KPI that fails does not stop the others."""
        if not periods or not statement:
            return UpsertResult()
        try:
            with self.env.cr.savepoint(flush=False):
                return self._fill_together(statement, periods, cause, reason)
        except (errors.DataError, errors.ProgrammingError, ValidationError) as error:
            if len(statement.stretches) > 1:
                alone = (
                    self._statement([stretch], statement.whole)
                    for stretch in statement.stretches
                )
                filled = (self._fill(each, periods, cause, reason) for each in alone)
                return sum(filled, UpsertResult())
            (stretch,) = statement.stretches
            reason = str(error).splitlines()[0]
            stretch.set_error(
                self.env._("%(kpi)s: %(reason)s", kpi=stretch.kpi.name, reason=reason)
            )
            return UpsertResult()

    def _fill_together(self, statement, periods, cause, reason):
        facts = self.env["kpi.measurement"]
        result = UpsertResult()
        for branch in statement.branches(self._scope_types(statement.definitions)):
            select = self._facts_select(statement, branch, periods)
            result += facts._upsert(
                self.grain,
                select,
                source="records",
                cause=cause,
                reason=reason,
                refresh=False,
            )
        self._fill_breakdowns(statement, periods)
        reports = self.env["kpi.report"].browse(result.report_ids)
        reports._refresh_current(result.first_period)
        return result

    def _scope_types(self, definitions):
        groups = self.env["kpi.report"]._read_group(
            [("definition_id", "in", definitions.ids)], ["scope_type"]
        )
        return {scope_type for (scope_type,) in groups}

    def _facts_select(self, statement, branch, periods):
        """Rows for ``_upsert``: every report of the branch in every period.

        Without records a value is 0 from the company's first record on, and where the
        period was evaluated before.
        """
        begun = {int(id_): day for id_, day in (self.first_days or {}).items() if day}
        return SQL(
            """
            WITH period AS (%(periods)s),
            cell AS MATERIALIZED (%(cells)s)
            SELECT report.id AS report_id,
                   period.start AS period_start,
                   COALESCE(
                     cell.cells[slot.value_at],
                     CASE WHEN begun.day < period.stop OR EXISTS (
                            SELECT 1
                              FROM kpi_target_value AS evaluated
                             WHERE evaluated.report_id = report.id
                               AND evaluated.grain = %(grain)s
                               AND evaluated.period_start = period.start
                               AND evaluated.rated_at IS NOT NULL
                          ) THEN slot.empty_value END) AS value,
                   cell.cells[slot.weight_at] AS weight,
                   cell.cells[slot.unpriced_at]::integer AS unpriced_count,
                   NULL::integer AS parts_present,
                   NULL::integer AS parts_expected
              FROM kpi_report AS report
              JOIN %(slots)s
                ON slot.definition_id = report.definition_id
              JOIN period
                ON period.start >= slot.first_start
               AND period.start < slot.until_start
         LEFT JOIN cell
                ON cell.scope_type = report.scope_type
               AND cell.scope_id = report.scope_id
               AND cell.company_id = report.company_id
               AND cell.period_start = period.start
         LEFT JOIN unnest(%(companies)s::int[], %(days)s::date[])
                   AS begun(company_id, day)
                ON begun.company_id = report.company_id
             WHERE report.active
               AND report.scope_type = ANY(%(scope_types)s)
            """,
            periods=self._period_rows_sql(periods),
            cells=statement.cells_sql(branch, periods),
            slots=statement.slots_sql(),
            scope_types=list(branch.scope_types),
            companies=list(begun),
            days=list(begun.values()),
            grain=self.grain,
        )

    def _period_rows_sql(self, periods):
        """Rows (start, stop, stop_at): local days; the moment the last starts, UTC."""
        spec = self.calendar_id._spec()
        return SQL(
            "SELECT * FROM unnest(%s::date[], %s::date[], %s::timestamp[])"
            " AS period(start, stop, stop_at)",
            [period.start for period in periods],
            [period.stop for period in periods],
            [utc_bounds(spec, period)[1] for period in periods],
        )

    def _plan(self, first=None, last=None):
        """Plan the computation: chunks of periods, each with its compiled statement.

        The caller may commit between two chunks: each is complete in itself.

        :param first, last: local days that bound the periods; default: all history
        :return: list of pairs of ``SourceStatement`` (or definitions whose facts are
            handed over) and a list of periods
        """
        self.ensure_one()
        # A KPI counts all records; who sees its value is asked where it is shown.
        source = self.sudo()
        # By id: renaming or moving a KPI in the list changes nothing of its values.
        definitions = source.definition_ids.filtered("active").sorted("id")
        if self.kind == EXTERNAL:
            fitting = definitions.filtered(lambda kpi: kpi._check_external())
            chunks = source._split_periods(fitting, first, last) if fitting else []
            return [(fitting, periods) for periods in chunks]
        whole = source._statement(source._list_stretches(definitions))
        if not whole:
            return []
        chunks = source._split_periods(whole.definitions, first, last)
        narrowed = [(source._narrow(whole, periods), periods) for periods in chunks]
        return [(statement, periods) for statement, periods in narrowed if statement]

    def _list_stretches(self, definitions):
        """The stretches of definitions that are computed from this source."""
        return [
            each
            for kpi in definitions
            for each in kpi._list_stretches()
            if not each.version
            or self.key in dict(self._prepare_method_values(each.method))
        ]

    def _narrow(self, whole, periods):
        """The statement with what is in force in ``periods`` alone.

        What the records are looked at for is the same in all periods, so that a
        fingerprint does not depend on which ones a run looks at.
        """
        needed = [each for each in whole.stretches if any(map(each.covers, periods))]
        if len(needed) == len(whole.stretches):
            return whole
        return self._statement(needed, whole)

    def _split_periods(self, definitions, first, last):
        """The periods to compute, in lists that are each computed at once.

        Cut on days when many definitions change: else all their versions are computed
        for all periods.
        """
        reports = self.env["kpi.report"].search_count(
            [("definition_id", "in", definitions.ids)]
        )
        size = max(1, CELLS_PER_CHUNK // max(1, reports))
        days = Counter(definitions.version_ids.mapped("valid_from"))
        least = max(1, len(definitions) * SEAM_SHARE)
        seams = [day for day, count in days.items() if count >= least]
        chunks = []
        for period in self._periods(definitions, first, last):
            is_cut = any(period.stop > day >= period.start for day in seams)
            if not chunks or is_cut or len(chunks[-1]) == size:
                chunks.append([])
            chunks[-1].append(period)
        return chunks

    def _periods(self, definitions, first, last):
        """Elapsed and running periods to compute, oldest first."""
        history_start = min(definitions.mapped("history_start"))
        today = self.calendar_id._today()
        first = max(first or history_start, history_start)
        last = min(last or today, today)
        if self.kind == "snapshot":
            # The past cannot be seen again: the running period is looked at until it
            # has closed, and once after that.
            running = self.calendar_id._period(self.grain, today)
            calendar = self.calendar_id.with_context(tz=self.calendar_id.tz)
            seen = self.last_run_at and fields.Datetime.context_timestamp(
                calendar, self.last_run_at
            )
            was_running = bool(seen) and seen.date() < running.start
            first = max(first, running.start - timedelta(days=int(was_running)))
        if first > last:
            return []
        self.calendar_id._ensure_days(first, last)
        return self.calendar_id._periods(self.grain, first, last)


def _is_early(begun, report_id, period):
    """Return whether a period is over before there was anything to measure.

    :param begun: as of ``kpi.external.source._get_first_days``
    """
    day = begun.get(report_id, period.start)
    return not day or day >= period.stop
