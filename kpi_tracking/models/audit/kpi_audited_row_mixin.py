from odoo import api, models
from odoo.tools import SQL

from .kpi_audit_log import columns_text


class KpiAuditedRowMixin(models.AbstractModel):
    """Rows that were made together with an entry of the audit log and say the same.

    A model says by ``_audited_rows`` what its rows tell; verifying the log compares.
    """

    _name = "kpi.audited.row.mixin"
    _description = "Row beside an Audit Entry"

    _audited_model = ""  # of the record in whose chain the entries are
    _audited_event = ""  # event type of the entries
    _audited_about = ""  # model of what the rows belong to, if faults name it

    @api.model
    def _audited_rows(self, only):
        """SELECT of ``id``, ``log_id``, ``res_id`` (of the chain), ``user_id`` and
        ``told``: the values that the entry has, as ``_canonical_members`` gives them,
        or as what ``_audited_fit`` compares.

        :param only: function of a column with the chain's ``res_id``: SQL of which rows
        """
        raise NotImplementedError

    @api.model
    def _audited_entries(self, only):
        """SELECT of the entries that have a row, with the columns of the log."""
        return SQL(
            "SELECT * FROM audit_logs WHERE model = %s AND event_type = %s AND %s",
            self._audited_model,
            self._audited_event,
            only(SQL("res_id")),
        )

    @api.model
    def _audited_fit(self):
        """SQL of whether the entry ``log`` says what ``told`` says."""
        return SQL(
            """starts_with(log.text, %s || told.told || ',"withheld":')""",
            columns_text(SQL("told.user_id")),
        )

    @api.model
    def _audited_holds(self):
        """SQL of whether the entry ``log`` has all members ``told``, as
        ``_canonical_array`` gives them; beside them, it says what else was known."""
        return SQL(
            """
            NOT EXISTS (SELECT FROM unnest(told.told) AS member
                         WHERE strpos(replace(log.text, '}', ','), member || ',') = 0)
            """
        )

    @api.model
    def _audited_about_id(self):
        """SQL of the id of what a row ``told``, or an entry ``log``, belongs to."""
        return SQL("NULL::integer")

    @api.model
    def _audited_faults(self, only):
        """What does not fit: (res_id, seq, id of the row, id of what it belongs to).

        0 is the place of a row without entry, and the id of a row that is missing.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT coalesce(log.res_id, told.res_id),
                       coalesce(log.seq, 0), coalesce(told.id, 0),
                       coalesce(%(about)s, 0)
                  FROM (%(entries)s) AS log
             FULL JOIN (SELECT given.*, row_number() OVER (
                                   PARTITION BY log_id ORDER BY id) AS copy
                          FROM (%(rows)s) AS given) AS told
                    ON told.log_id = log.id
                 WHERE log.res_id IS DISTINCT FROM told.res_id
                    OR told.copy > 1
                    OR NOT coalesce(%(fit)s, FALSE)
              ORDER BY 1, 2, 3
                """,
                entries=self._audited_entries(only),
                rows=self._audited_rows(only),
                fit=self._audited_fit(),
                about=self._audited_about_id(),
            )
        )

    @api.model
    def _canonical_members(self, members):
        """SQL of a JSON object in its canonical form, without the braces.

        :param members: dict name → SQL of a whole number or a text; NULL is null
        """
        return SQL(" || ',' || ").join(
            SQL(
                "%s || coalesce(to_json(%s)::text, 'null')",
                f'"{name}":',
                members[name],
            )
            for name in sorted(members)
        )

    @api.model
    def _canonical_array(self, members):
        """SQL of an array with the members of a JSON object, one by one."""
        return SQL(
            "ARRAY[%s]",
            SQL(", ").join(
                self._canonical_members({name: column})
                for name, column in members.items()
            ),
        )
