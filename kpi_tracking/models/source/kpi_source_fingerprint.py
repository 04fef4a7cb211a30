from datetime import timedelta
from secrets import token_hex

from psycopg2 import errors
from psycopg2.extras import Json, execute_values

from odoo import fields, models
from odoo.tools import SQL

from ...engine.fingerprint import Fingerprint, find_cause, hash_text, join_parts
from ..fact.kpi_measurement_breakdown import COMBINED_BY

RECENT_DAYS = 92  # of periods that are looked at in each run
OLDER_AFTER = timedelta(hours=1)  # the others, where a table has changed
ALL_AFTER = timedelta(days=1)  # whatever PostgreSQL has counted


class KpiSource(models.Model):
    """Change detection by content: what a period's facts were computed from.

    It finds deletes, re-dated records and changes by raw SQL, which no ``write_date``
    shows. Where only definitions differ, only theirs is computed anew: also where one
    of them reads a column that none did before.
    """

    _inherit = "kpi.source"

    def init(self):
        result = super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_source_fingerprint (
                source_id integer NOT NULL REFERENCES kpi_source ON DELETE CASCADE,
                period_start date NOT NULL,
                fingerprint text NOT NULL,
                PRIMARY KEY (source_id, period_start)
            );
            ALTER TABLE kpi_source_fingerprint
              ADD COLUMN IF NOT EXISTS methods jsonb NOT NULL DEFAULT '{}',
              ADD COLUMN IF NOT EXISTS reads jsonb NOT NULL DEFAULT '{}'
            """
        )
        return result

    def _fetch_fingerprints(self, periods):
        rows = self.env.execute_query(
            SQL(
                "SELECT period_start, fingerprint, methods, reads"
                "  FROM kpi_source_fingerprint"
                " WHERE source_id = %s AND period_start = ANY(%s)",
                self.id,
                [period.start for period in periods],
            )
        )
        return {
            start: Fingerprint(text, {int(id_): m for id_, m in methods.items()}, reads)
            for start, text, methods, reads in rows
        }

    def _store_fingerprints(self, fingerprints):
        rows = [
            (self.id, start, each.records, Json(each.methods), Json(each.reads))
            for start, each in fingerprints.items()
        ]
        execute_values(  # none where there are no rows
            self.env.cr._obj,
            "INSERT INTO kpi_source_fingerprint VALUES %s"
            " ON CONFLICT (source_id, period_start)"
            " DO UPDATE SET fingerprint = EXCLUDED.fingerprint,"
            " methods = EXCLUDED.methods, reads = EXCLUDED.reads",
            rows,
        )

    def _forget_fingerprints(self):
        """Make the next run compute every period of these sources again."""
        self.env.cr.execute(
            "DELETE FROM kpi_source_fingerprint WHERE source_id = ANY(%s)", [self.ids]
        )

    def _plan_changed(self):
        """Plan what may have changed since the last look, by what PostgreSQL counts.

        A table that nobody wrote to is not read. Its counters come up to ten seconds
        after a commit, never before it: they are read before the records, so that a
        change that was missed is found by the next run.

        :return: chunks as of ``_plan``, and what ``_note_look`` takes once they are
            computed; empty where counters do not tell
        """
        chunks = self._plan()
        counters = self._read_counters(chunks)
        if not counters:
            return chunks, {}
        known = self.look or {}
        periods = [period for _statement, some in chunks for period in some]
        has_seen = len(self._fetch_fingerprints(periods)) == len(periods)
        is_same = has_seen and known.get("all", [])[1:] == counters[1:]
        after = ALL_AFTER if known.get("all") == counters else OLDER_AFTER
        now = fields.Datetime.now()
        if not is_same or not self.all_checked_at or self.all_checked_at + after <= now:
            return chunks, {"all": counters, "recent": counters}
        is_timed = chunks[0][0].whole.is_timed
        if known.get("recent") == counters and not is_timed:
            return [], {}
        since = self.calendar_id._today() - timedelta(days=RECENT_DAYS)
        recent = [
            (statement, [period for period in periods if period.stop > since])
            for statement, periods in chunks
        ]
        return [chunk for chunk in recent if chunk[1]], {"recent": counters}

    def _read_counters(self, chunks):
        """What was written to the tables ever, and how facts are computed from them.

        Empty where they cannot tell: what others hand over, snapshots, views and
        partitions, a KPI that failed, counting turned off.
        """
        if not chunks or self.kind in ("external", "snapshot"):
            return []
        whole = chunks[0][0].whole
        if any(whole.definitions.mapped("computation_error")):
            return []
        tables = self._list_tables(whole)
        # What this session has not handed over yet is counted, too: a test's changes.
        ((written, count),) = self.env.execute_query(
            SQL(
                """
                SELECT string_agg(concat_ws(':', oid, pg_relation_filenode(oid),
                         pg_stat_get_tuples_inserted(oid)
                         + pg_stat_get_tuples_updated(oid)
                         + pg_stat_get_tuples_deleted(oid)
                         + pg_stat_get_xact_tuples_inserted(oid)
                         + pg_stat_get_xact_tuples_updated(oid)
                         + pg_stat_get_xact_tuples_deleted(oid)), ' ' ORDER BY oid)
                       || pg_postmaster_start_time() || COALESCE((
                         SELECT stats_reset::text
                           FROM pg_stat_database
                          WHERE datname = current_database()), ''),
                       count(*)
                  FROM pg_class
                 WHERE oid IN (SELECT to_regclass(name) FROM unnest(%s) AS name)
                   AND relkind = 'r'
                   AND NOT relhassubclass
                   AND current_setting('track_counts')::boolean
                """,
                tables,
            )
        )
        if count < len(tables):
            return []
        methods = sorted(
            (slot.definition_id, str(slot.first_start), method)
            for slot, method in self._hash_methods(whole)
        )
        return [written, hash_text(repr([methods, self._list_reads(whole)]))]

    def _list_tables(self, statement):
        """Tables that the facts of a statement are computed from."""
        used = self._find_used_fields(statement)
        tables = {self.env[name]._table for name in {*used, statement.model._name}}
        tables |= {
            field.relation
            for columns in used.values()
            for field in columns
            if field.type == "many2many"
        }
        rates = {"res_currency_rate"} if statement.is_converted else set()
        return sorted(tables | rates | {"kpi_membership"})

    def _note_look(self, look):
        """Note what was there before the periods were looked at that are computed."""
        if look and not any(self.definition_ids.mapped("computation_error")):
            self.look = {**(self.look or {}), **look}
            if "all" in look:
                self.all_checked_at = fields.Datetime.now()

    def _try_fingerprints(self, statement, periods):
        """Period start → current ``Fingerprint``.

        Empty where a table has lost what a KPI reads. Then everything is computed, KPI
        by KPI, so that the one concerned can say so.
        """
        whole = statement.whole
        reads = self._list_reads(whole)
        texts = self._try_hash_records(whole, periods, reads)
        methods = list(self._hash_methods(whole)) if texts else []
        return {
            start: Fingerprint(
                text,
                {
                    slot.definition_id: method
                    for slot, method in methods
                    if slot.first_start <= start < slot.until_start
                },
                reads,
            )
            for start, text in texts.items()
        }

    def _find_due(self, statement, periods, known, current):
        """What has to be computed, and why, by period start → ``Fingerprint``.

        :return: dict (ids of definitions, a key of ``CAUSES``) → the periods that lack
            them; no ids where only the fingerprint has to be stored anew
        """
        due = {}
        everything = frozenset(statement.definitions.ids)
        looked_at = self._hash_as_before(statement, periods, known, current)
        for period in periods:
            before, now = known.get(period.start), current.get(period.start)
            text = looked_at.get(period.start)
            if not text:
                due.setdefault((everything, "recomputed"), []).append(period)
                continue
            changed = frozenset(
                id_
                for id_, method in now.methods.items()
                if before.methods.get(id_) != method
            )
            if text != before.records:
                is_other = bool(changed)
                cause = find_cause(before.records, text, has_other_method=is_other)
                due.setdefault((everything, cause), []).append(period)
            elif before != now:
                due.setdefault((changed, "definition"), []).append(period)
        return due

    def _hash_as_before(self, statement, periods, known, current):
        """Hashes of the records, made over what was read when they were last stored.

        Where other columns are read since, those of before are looked at once more.

        :return: dict first day → as ``_hash_records``, of the periods that are known
        """
        found, others = {}, {}
        for period in periods:
            old, new = known.get(period.start), current.get(period.start)
            if old and new and old.reads == new.reads:
                found[period.start] = new.records
            elif old and new:
                others.setdefault(repr(old.reads), []).append(period)
        for same in others.values():
            reads = known[same[0].start].reads
            found |= self._try_hash_records(statement.whole, same, reads)
        return found

    def _list_reads(self, statement):
        """What facts are computed from: fields by model, rates, the day itself."""
        return {
            "fields": {
                model: sorted({field.name for field in fields})
                for model, fields in self._find_used_fields(statement).items()
            },
            "has_rates": statement.is_converted,
            "is_timed": statement.is_timed,
        }

    def _try_hash_records(self, statement, periods, reads):
        """As ``_hash_records``; empty where what is to be read is gone."""
        try:
            with self.env.cr.savepoint(flush=False):
                return self._hash_records(statement, periods, reads)
        except (KeyError, errors.DataError, errors.ProgrammingError):
            return {}

    def _hash_records(self, statement, periods, reads):
        """First day of each period → hashes of what its facts are computed from."""
        used = {
            model: {self.env[model]._fields[name] for name in names}
            for model, names in reads.get("fields", {}).items()
        }
        selects = {
            "records": self._record_hashes_sql(statement, periods, used),
            "people": self._membership_hashes_sql(periods),
        }
        if reads.get("has_rates"):
            rates = SQL(
                """
                SELECT name AS day, 1 AS step,
                       hash_record_extended(ROW(company_id, currency_id, name, rate), 0)
                       AS row_hash
                  FROM res_currency_rate
                """
            )
            selects["rates"] = self._cumulative_hashes_sql(rates, periods)
        joined = self._joined_hash(statement, used)
        parts = {period.start: {"joined": joined} for period in periods}
        for name, select in selects.items():
            for start, count, digest in self.env.execute_query(select):
                if start in parts:
                    parts[start][name] = f"{count}:{digest}"
        for period in periods:
            if ids := sorted(self._list_not_begun(period)):
                # No records there, which is no 0 as it is in periods after the first.
                records = parts[period.start].get("records", "")
                parts[period.start]["records"] = f"{records}|{hash_text(repr(ids))}"
        if reads.get("is_timed"):
            # One in which “today” moves on differs at every look, and once after.
            today = self.calendar_id._today()
            for period in periods:
                running = period.stop > today
                parts[period.start]["time"] = token_hex(8) if running else "elapsed"
        return {start: join_parts(each) for start, each in parts.items()}

    def _find_used_fields(self, statement):
        """Stored fields that the statement reads, per model."""
        used = {}
        # First of all: their joins land on the query.
        branches = statement.branches({"company", "department", "team", "user"})
        breakdowns = []
        for path in sorted({*statement.definitions.breakdown_ids.mapped("field_path")}):
            _alias, field = statement.stored_end(path)
            is_relation = field.type == "many2many"
            column = SQL("", to_flush=field) if is_relation else statement.column(path)
            breakdowns.append(column)
        expressions = [
            *statement.cells,
            statement.company,
            statement.query.from_clause,
            statement.query.where_clause,
            statement.date or SQL(),
            *(each for branch in branches for each in (branch.join, branch.scopes)),
            *breakdowns,
        ]
        for expression in expressions:
            for field in expression.to_flush:
                used.setdefault(field.model_name, set()).add(field)
        for field in statement.filter_fields:
            # Conditions on several records do not tell the columns that relate them.
            if field.type == "one2many":
                field = self.env[field.comodel_name]._fields[field.inverse_name]
            if field.store:
                used.setdefault(field.model_name, set()).add(field)
        return used

    def _row_hash_sql(self, alias, used):
        """A hash per row over ``used`` columns, whatever order they were found in."""
        stored = sorted(
            {field for field in used if field.column_type and field.name != "id"},
            key=lambda field: field.name,
        )
        columns = [SQL.identifier(alias, "id")]
        columns += [
            SQL.identifier(alias, field.name, to_flush=field) for field in stored
        ]
        return SQL("hash_record_extended(ROW(%s), 0)", SQL(", ").join(columns))

    def _record_hashes_sql(self, statement, periods, used):
        """Rows of the source by period: their number and a hash of what is read."""
        own = used.get(statement.model._name, set())
        row_hash = self._row_hash_sql(statement.query.table, own)
        if self.kind == "stock":
            return self._stock_hashes_sql(statement, periods, row_hash)
        if self.kind == "snapshot":
            # Looked at anew in every run.
            return SQL("SELECT NULL::date, 0, now() WHERE FALSE")
        return SQL(
            """
            SELECT calendar_day.period_start, sum(daily.rows), bit_xor(daily.hash)
              FROM (
                SELECT %(day)s AS day, count(*) AS rows, bit_xor(%(row_hash)s) AS hash
                  FROM %(records)s
                 WHERE %(range)s
              GROUP BY 1
              ) AS daily
              JOIN kpi_calendar_day AS calendar_day
                ON calendar_day.shape = %(shape)s
               AND calendar_day.grain = %(grain)s
               AND calendar_day.day = daily.day
          GROUP BY calendar_day.period_start
            """,
            row_hash=row_hash,
            records=statement.dated_records,
            shape=self.calendar_id._get_shape(),
            grain=self.grain,
            day=statement.local_day,
            range=statement.select_range(periods[0].start, periods[-1].stop),
        )

    def _stock_hashes_sql(self, statement, periods, row_hash):
        """The rows open at the end of each period.

        A row comes in when it is opened and, as ``bit_xor`` cancels, goes out when it
        is closed. What happened before the first period counts for that one, so that
        the hash of a period does not depend on where a run begins.
        """
        table = statement.dated_records
        opened = statement.local_day
        events = [SQL("SELECT %s AS day, 1 AS step, %s AS row_hash", opened, row_hash)]
        closing = SQL("TRUE")
        if self.date_to_field:
            closed = statement._local_day_sql(
                statement.column(self.date_to_field), self.date_to_field
            )
            events.append(SQL("SELECT %s, -1, %s", closed, row_hash))
            closing = SQL("%s IS NOT NULL", closed)
        branches = SQL(" UNION ALL ").join(
            SQL("%s FROM %s WHERE %s IS NOT NULL AND %s", event, table, opened, known)
            for event, known in zip(events, (SQL("TRUE"), closing), strict=False)
        )
        return self._cumulative_hashes_sql(branches, periods)

    def _cumulative_hashes_sql(self, events, periods):
        """Number and hash of the ``events`` up to the end of each period.

        :param events: SELECT of day, step (1 comes in, -1 goes out) and row_hash; those
            before the first period count for that one
        """
        return SQL(
            """
            SELECT part.period_start, sum(part.rows) OVER dated,
                   bit_xor(part.hash) OVER dated
              FROM (
                SELECT day.period_start, sum(event.step) AS rows,
                       bit_xor(event.row_hash) AS hash
                  FROM kpi_calendar_day AS day
             LEFT JOIN (
                    SELECT GREATEST(day, %(first)s) AS day, sum(step) AS step,
                           bit_xor(row_hash) AS row_hash
                      FROM (%(events)s) AS single
                  GROUP BY 1
                  ) AS event ON event.day = day.day
                 WHERE day.shape = %(shape)s
                   AND day.grain = %(grain)s
                   AND day.day >= %(first)s
                   AND day.day < %(stop)s
              GROUP BY day.period_start
              ) AS part
            WINDOW dated AS (ORDER BY part.period_start)
            """,
            events=events,
            shape=self.calendar_id._get_shape(),
            grain=self.grain,
            first=periods[0].start,
            stop=periods[-1].stop,
        )

    def _membership_hashes_sql(self, periods):
        return SQL(
            """
            WITH period AS (%s)
            SELECT period.start, count(*),
                   bit_xor(hash_record_extended(
                     ROW(member.user_id, member.company_id, member.scope_type,
                         member.scope_id, GREATEST(member.date_from, period.start),
                         LEAST(member.date_to, period.stop)), 0))
              FROM period
              JOIN kpi_membership AS member
                ON member.date_from < period.stop
               AND member.date_to > period.start
          GROUP BY period.start
            """,
            self._period_rows_sql(periods),
        )

    def _joined_hash(self, statement, used):
        """Hash of the tables that the records are joined with, in all periods."""
        tables = [
            (self.env[name]._table, self._row_hash_sql("part", used[name]))
            for name in sorted(used.keys() - {statement.model._name})
        ]
        relations = {
            (field.relation, field.column1, field.column2)
            for columns in used.values()
            for field in columns
            if field.type == "many2many"
        }
        for relation, *names in sorted(relations):
            columns = SQL(", ").join(SQL.identifier("part", name) for name in names)
            row_hash = SQL("hash_record_extended(ROW(%s), 0)", columns)
            tables.append((relation, row_hash))
        if not tables:
            return ""
        hashes = [
            SQL(
                "(SELECT count(*)::text || ':' || COALESCE(bit_xor(%s), 0)"
                " FROM %s AS part)",
                row_hash,
                SQL.identifier(table),
            )
            for table, row_hash in tables
        ]
        (row,) = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(hashes)))
        return "|".join(row)

    def _hash_methods(self, statement):
        """Each slot and a hash of how its values are computed, and for whom."""
        cells = [
            self.env.cr.mogrify(cell.code, cell.params) for cell in statement.cells
        ]
        reports = self._hash_reports(statement.definitions)
        for slot, stretch in zip(statement.slots, statement.stretches, strict=True):
            places = (slot.value_at, slot.weight_at, slot.unpriced_at)
            compiled = [at and cells[at - 1] for at in places]
            lines = stretch.kpi.breakdown_ids.sorted("id")
            combined_by = COMBINED_BY.get(stretch.method.measure)
            split = lines.mapped(
                lambda line, how=combined_by: (line.field_path, line.top_count, how)
            )
            hours = stretch.method.working_calendar_id.mapped("kpi_days_fingerprint")
            of = [compiled, slot.empty_value, split, hours, reports.get(stretch.kpi.id)]
            yield slot, hash_text(repr(of))

    def _hash_reports(self, definitions):
        """Definition id → hash of the scopes that track it."""
        self.env["kpi.report"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT definition_id, bit_xor(hash_record_extended(ROW(id,"
                    " scope_type, scope_id, company_id, active), 0))::text"
                    " FROM kpi_report WHERE definition_id = ANY(%s)"
                    " GROUP BY definition_id",
                    definitions.ids,
                )
            )
        )
