from odoo import api, models
from odoo.tools import SQL

from ...audit import AuditEvent


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

    @api.model
    def _audited_scope_sql(self):
        """SQL of whether the record ``held`` has been logged."""
        return SQL("TRUE")

    def _log_record(self, event_type):
        """Log each record as it is now, in a constant number of statements."""
        values = self._prepare_record_values()
        self.env["kpi.audit.log"]._append(
            [AuditEvent(record, event_type, values[record.id]) for record in self]
        )

    @api.model
    def _audited_key_sql(self):
        return SQL("log.res_id")

    @api.model
    def _audited_entries_sql(self, only):
        return self._last_entries_sql(SQL("res_id"), only)

    @api.model
    def _audited_rows_sql(self, only):
        return SQL(
            """
            SELECT held.id, held.id AS log_id, held.id AS res_id,
                   NULL::integer AS user_id, %(stated)s AS stated
              FROM %(table)s AS held
             WHERE %(scope)s AND %(only)s
            """,
            stated=self._canonical_array_sql(self._get_audited_members()),
            table=SQL.identifier(self._table),
            scope=self._audited_scope_sql(),
            only=only(SQL("held.id")),
        )

    @api.model
    def _audited_match_sql(self):
        """Match without the author: a row does not say who changed it last."""
        return self._audited_contains_sql(is_any_age=True)
