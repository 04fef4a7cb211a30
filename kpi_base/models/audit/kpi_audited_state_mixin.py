from odoo import api, fields, models
from odoo.tools import SQL


class KpiAuditedStateMixin(models.AbstractModel):
    """Rows that change: each is as the last entry about it in the audit log says.

    Entries name their row by a member of their values, such as ``"share":12``.
    """

    _name = "kpi.audited.state.mixin"
    _inherit = ["kpi.audited.row.mixin"]
    _description = "Row with Last Audit Entry"

    _audited_name = ""  # member of the entries that holds the row's id

    audit_log_id = fields.Many2one(
        "kpi.audit.log", "Audit Entry", readonly=True, copy=False, ondelete="restrict"
    )

    def _link_entries(self, entries):
        """Store which entry is the last one of each row.

        :param entries: of the audit log, in the order of the rows
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s AS held
                   SET audit_log_id = entry.log_id
                  FROM unnest(%s::int[], %s::int[]) AS entry (row_id, log_id)
                 WHERE held.id = entry.row_id
                """,
                SQL.identifier(self._table),
                self.ids,
                entries.ids,
            )
        )
        self.invalidate_recordset(["audit_log_id"])

    @api.model
    def _audited_entries_sql(self, only):
        named = SQL("substring(text FROM %s)", f'"{self._audited_name}":[0-9]+')
        return self._last_entries_sql(named, only)

    @api.model
    def _audited_rows_sql(self, only):
        link = SQL.identifier("held", self._audited_link)
        return SQL(
            """
            SELECT held.*, held.audit_log_id AS log_id, %(link)s AS res_id,
                   NULL::integer AS user_id, %(stated)s AS stated
              FROM %(table)s AS held %(joins)s
             WHERE %(only)s
            """,
            link=link,
            joins=self._audited_joins_sql(),
            stated=self._canonical_array_sql(self._get_audited_members()),
            table=SQL.identifier(self._table),
            only=only(link),
        )

    @api.model
    def _audited_match_sql(self):
        """Match without the author: a row does not say who changed it last."""
        return self._audited_contains_sql(is_any_age=True)
