import json
import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from ...audit import AuditEvent
from ..record.base import arrays_sql
from .kpi_audit_log import columns_text


class KpiAuditedRowMixin(models.AbstractModel):
    """Rows that were made together with an entry of the audit log and say the same.

    A model says by ``_audited_rows_sql`` what its rows state; verifying compares.
    """

    _name = "kpi.audited.row.mixin"
    _description = "Audited Row"

    _audited_model = ""  # of the record in whose chain the entries are
    _audited_link = ""  # field that leads to that record
    _audited_event = ""  # event type of the entries
    _audited_events = ""  # how their types begin, where a row has several entries
    _audited_beside = ()  # those among them that say something else
    _audited_name = ""  # member of those that holds the row's id; none: its own chain
    _audited_log_column = "audit_log_id"  # what ``_audited_key_sql`` leads to
    _audited_about = ""  # model of what the rows belong to, if faults name it
    # Whether ``stated`` is all that the entries say: then equal sums mean no fault.
    _is_audited_whole = False
    _audited_alias = "held"  # of the row in ``_get_audited_members``

    @api.model
    def _get_audited_members(self):
        """Name → SQL of the columns of ``held`` as the entries have them."""
        raise NotImplementedError(
            f"{self._name} has no _get_audited_members: what its entries say"
        )

    def _audited_joins_sql(self):
        """SQL of what ``_get_audited_members`` reads beside the row itself.

        Of the rows ``self`` or, where there are none, of all. Joined and not looked up
        row by row, which PostgreSQL does in one process only.
        """
        return SQL("")

    def _prepare_record_values(self):
        """Id → what an entry says of the row now, by the SQL that verifying uses."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT held.id, '{' || %s || '}' FROM %s AS held %s"
                " WHERE held.id = ANY(%s)",
                self._canonical_members_sql(self._get_audited_members()),
                SQL.identifier(self._table),
                self._audited_joins_sql(),
                self.ids,
            )
        )
        return {row_id: json.loads(text) for row_id, text in rows}

    @api.model
    def _prepare_given_values(self, rows):
        """What entries say of ``rows`` to be added, by the SQL that verifying uses."""
        if not rows:
            return []
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        texts = self.env.execute_query(
            SQL(
                "SELECT '{' || %s || '}' FROM unnest(%s) WITH ORDINALITY"
                " AS %s (%s, place) %s ORDER BY place",
                self._canonical_members_sql(self._get_audited_members()),
                arrays_sql(self, columns),
                SQL.identifier(self._audited_alias),
                SQL(", ").join(map(SQL.identifier, columns)),
                self._audited_joins_sql(),
            )
        )
        return [json.loads(text) for (text,) in texts]

    @api.model
    def _insert_logged(self, rows, entries):
        """Add ``rows``, dicts of columns, each with its entry of the audit log."""
        # One moment for all; few may read the log, and when it was is no secret.
        logged_at = entries[:1].sudo().recorded_at
        self._insert(
            [
                {**row, "audit_log_id": entry.id, "recorded_at": logged_at}
                for row, entry in zip(rows, entries, strict=True)
            ]
        )

    @api.model
    def _audited_scope_sql(self):
        """SQL of whether the row ``held`` has been logged."""
        return SQL("TRUE")

    @api.model
    def _audited_rows_sql(self, only):
        """SELECT of ``id``, ``log_id``, ``res_id`` (of the chain), ``user_id`` and
        ``stated``: the values that the entry has, as ``_canonical_members_sql`` gives
        them, or as what ``_audited_match_sql`` compares.

        :param only: function of a column with the chain's ``res_id``: SQL of which rows
        """
        link = SQL.identifier("held", self._audited_link)
        return SQL(
            """
            SELECT held.*, held.%(log)s AS log_id, %(link)s AS res_id,
                   NULL::integer AS user_id, %(stated)s AS stated
              FROM %(table)s AS held %(joins)s
             WHERE %(scope)s AND %(only)s
            """,
            log=SQL.identifier(self._audited_log_column),
            link=link,
            joins=self._audited_joins_sql(),
            stated=self._canonical_array_sql(self._get_audited_members()),
            table=SQL.identifier(self._table),
            scope=self._audited_scope_sql(),
            only=only(link),
        )

    @api.model
    def _audited_entries_sql(self, only):
        """SELECT of the entries that have a row, with the columns of the log.

        Of several the last one of each row that was not removed.
        """
        if not self._audited_events:
            return SQL(
                "SELECT * FROM audit_logs WHERE model = %s AND event_type = %s AND %s",
                self._audited_model,
                self._audited_event,
                only(SQL("res_id")),
            )
        key = SQL("res_id")
        if self._audited_name:
            key = SQL("substring(text FROM %s)", f'"{self._audited_name}":[0-9]+')
        return SQL(
            """
            SELECT *
              FROM (SELECT DISTINCT ON (%(key)s) *
                      FROM audit_logs
                     WHERE model = %(model)s
                       AND starts_with(event_type, %(events)s)
                       AND event_type <> ALL(%(beside)s)
                       AND %(only)s
                  ORDER BY %(key)s, seq DESC) AS latest
             WHERE event_type <> %(removed)s
            """,
            key=key,
            model=self._audited_model,
            events=self._audited_events,
            beside=list(self._audited_beside),
            only=only(SQL("res_id")),
            removed=f"{self._audited_events}removed",
        )

    @api.model
    def _audited_match_sql(self):
        """SQL of whether the entry ``log`` says what ``stated`` says.

        Of rows that change without the author: they do not say who changed them last.
        """
        if self._audited_events:
            return self._audited_contains_sql(is_any_age=True)
        return SQL(
            """starts_with(log.text, %s || stated.stated || ',"withheld":')""",
            columns_text(SQL("stated.user_id")),
        )

    @api.model
    def _audited_key_sql(self):
        """SQL of what leads from an entry ``log`` to its row's ``log_id``."""
        return SQL("log.id")

    @api.model
    def _audited_contains_sql(self, is_any_age=False):
        """SQL of whether the entry ``log`` has all members ``stated``, as
        ``_canonical_array_sql`` gives them; it also says what else was known.

        :param is_any_age: members that an entry does not name were not logged then
        """
        return SQL(
            """
            NOT EXISTS (SELECT FROM unnest(stated.stated) AS member
                         WHERE strpos(log.text, member || ',') = 0
                           AND strpos(log.text, member || '}') = 0
                           AND %s)
            """,
            SQL("strpos(log.text, split_part(member, ':', 1) || ':') > 0")
            if is_any_age
            else SQL("TRUE"),
        )

    @api.model
    def _audited_about_id_sql(self):
        """SQL of the id of what a row ``stated``, or an entry ``log``, belongs to."""
        return SQL("NULL::integer")

    @api.model
    def _find_audited_faults(self, only):
        """Find faults: (res_id, seq, id of the row, id of what it belongs to).

        0 is the position of a row without entry, and the id of a row that is missing.
        """
        if self._is_audited_whole and self._are_sums_equal(only):
            return []
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT coalesce(log.res_id, stated.res_id),
                       coalesce(log.seq, 0), coalesce(stated.id, 0),
                       coalesce(%(about)s, 0)
                  FROM (%(entries)s) AS log
             FULL JOIN (SELECT given.*, row_number() OVER (
                                   PARTITION BY log_id ORDER BY id) AS copy
                          FROM (%(rows)s) AS given) AS stated
                    ON stated.log_id = %(key)s
                 WHERE log.res_id IS DISTINCT FROM stated.res_id
                    OR stated.copy > 1
                    OR NOT coalesce(%(fit)s, FALSE)
              ORDER BY 1, 2, 3
                """,
                entries=self._audited_entries_sql(only),
                rows=self._audited_rows_sql(only),
                fit=self._audited_match_sql(),
                about=self._audited_about_id_sql(),
                key=self._audited_key_sql(),
            )
        )

    @api.model
    def _are_sums_equal(self, only):
        """Check whether the rows and their entries add up to the same.

        Nothing is joined or sorted: as with chains (``_compare_links``), each side's
        rows become numbers that depend on a key drawn anew. That the columns of an
        entry are as its text says is checked with its chain.
        """
        key = secrets.randbits(63)
        ((are_equal,),) = self.env.execute_query(
            SQL(
                """
                SELECT entries = stated
                  FROM (SELECT (count(*), sum(hashtextextended(concat_ws(',',
                                   log.id, log.res_id, log.user_id,
                                   split_part(split_part(
                                       log.text, ',"values":', 2), ',"withheld":', 1)
                               ), timestamp_hash_extended(log.recorded_at, %(key)s)
                               ))) AS entries
                          FROM (%(entries)s) AS log) AS log,
                       (SELECT (count(*), sum(hashtextextended(concat_ws(',',
                                   stated.log_id, stated.res_id, stated.user_id,
                                   stated.stated
                               ), timestamp_hash_extended(stated.recorded_at, %(key)s)
                               ))) AS stated
                          FROM (%(rows)s) AS stated) AS stated
                """,
                entries=self._audited_entries_sql(only),
                rows=self._audited_rows_sql(only),
                key=key,
            )
        )
        return are_equal is not False

    @api.model
    def _canonical_members_sql(self, members):
        """SQL of a canonical JSON object without its braces: name → SQL of a value."""
        parts = [
            SQL(
                "%s, coalesce(to_json(%s)::text, 'null')",
                f'{"," if place else ""}"{name}":',
                members[name],
            )
            for place, name in enumerate(sorted(members))
        ]
        return SQL("concat(%s)", SQL(", ").join(parts))

    @api.model
    def _canonical_array_sql(self, members):
        """SQL of an array with the members of a JSON object, one by one."""
        return SQL(
            "ARRAY[%s]",
            SQL(", ").join(
                self._canonical_members_sql({name: column})
                for name, column in members.items()
            ),
        )


class KpiAuditedEventMixin(models.AbstractModel):
    """Something that happened to a record: added, and never changed.

    When it took effect can lie before when it was recorded, which is the moment of its
    entry in the audit log. Each row names that entry and says the same::

        class OrderMove(models.Model):
            _name = "my.order.move"
            _inherit = ["kpi.audited.event.mixin"]
            _audited_model, _audited_link = "my.order", "order_id"
            _audited_event = "order_moved"

            order_id = fields.Many2one("my.order", required=True, ondelete="restrict")
    """

    _name = "kpi.audited.event.mixin"
    _description = "Audited Event"
    _inherit = ["kpi.append.only.mixin", "kpi.audited.row.mixin"]
    _log_access = False
    _is_audited_whole = True
    _audited_alias = "event"
    _order = "effective_at desc, id desc"

    changed_by = fields.Many2one(
        "res.users", "User", required=True, readonly=True, ondelete="restrict"
    )
    recorded_at = fields.Datetime(required=True, readonly=True)
    effective_at = fields.Datetime(required=True, readonly=True)
    audit_log_id = fields.Many2one(
        "kpi.audit.log",
        "Audit Entry",
        readonly=True,
        ondelete="restrict",
        groups="base.group_system",
    )

    @api.model
    def _audited_rows_sql(self, only):
        link = SQL.identifier("event", self._audited_link)
        return SQL(
            """
            SELECT event.id, event.audit_log_id AS log_id, %(link)s AS res_id,
                   event.changed_by AS user_id, event.recorded_at,
                   '{' || %(stated)s || '}' AS stated
              FROM %(table)s AS event %(joins)s
             WHERE %(only)s
            """,
            link=link,
            joins=self._audited_joins_sql(),
            stated=self._canonical_members_sql(self._get_audited_members()),
            table=SQL.identifier(self._table),
            only=only(link),
        )

    @api.model
    def _audited_match_sql(self):
        return SQL(
            "stated.recorded_at = log.recorded_at AND %s", super()._audited_match_sql()
        )


class KpiAuditedRecordMixin(models.AbstractModel):
    """Records with a chain of their own: each is as its last entry says.

    What is logged is read from the database by the SQL that verifying uses::

        class OrderTerms(models.Model):
            _name = _audited_model = "my.order.terms"
            _inherit = ["kpi.audited.record.mixin"]
            _audited_events = "order_terms_"

            def _get_audited_members(self):
                return {"rate": SQL("held.rate::numeric(5, 4)::text")}

        terms._log_record("order_terms_changed")
    """

    _name = "kpi.audited.record.mixin"
    _inherit = ["kpi.audited.row.mixin"]
    _description = "Record with an Audit Chain"

    _audited_link = _audited_log_column = "id"

    def _log_record(self, event_type):
        """Log each record as it is now, in a constant number of statements."""
        values = self._prepare_record_values()
        self.env["kpi.audit.log"]._append(
            [AuditEvent(record, event_type, values[record.id]) for record in self]
        )

    @api.model
    def _audited_key_sql(self):
        return SQL("log.res_id")
