from odoo import api, models
from odoo.tools import SQL

from .kpi_audit_verification import AuditFault

RECORDS = 50_000  # whose rows are compared at once


class KpiAuditLog(models.Model):
    """Whether what stands beside the log says the same as the log."""

    _inherit = "kpi.audit.log"

    @api.model
    def _row_faults(self, model=None, ids=()):
        """Rows that differ from their entries, of all records or of ``ids``.

        One statement for each kind of rows and batch of records: memory is bounded.
        """
        found = []
        for name in self.env.registry.descendants(
            ["kpi.audited.row.mixin"], "_inherit"
        ):
            rows = self.env[name]
            if rows._abstract or model not in (None, rows._audited_model):
                continue
            rows.flush_model()
            for only in self._batches_of_records(rows._audited_model, model, ids):
                found += [
                    AuditFault("row", rows._audited_model, res_id, seq)
                    for res_id, seq in rows._audited_faults(only)
                ]
        return found + self._personal_faults(model, ids)

    @api.model
    def _batches_of_records(self, audited_model, model, ids):
        """Functions of a column: SQL of whether it is among the batch's records."""
        if model:
            yield lambda column: SQL("%s = ANY(%s)", column, list(ids))
            return
        ((last,),) = self.env.execute_query(
            SQL(
                "SELECT coalesce(max(res_id), 0) FROM audit_logs WHERE model = %s",
                audited_model,
            )
        )
        start = 0
        for start in range(0, last, RECORDS):
            yield _between(start, start + RECORDS)
        # Rows of records without any entry.
        yield _between(start + RECORDS, None)

    @api.model
    def _personal_faults(self, model, ids):
        """Personal texts that are not those to which their entries are bound."""
        only = SQL("TRUE")
        if model:
            only = SQL("log.model = %s AND log.res_id = ANY(%s)", model, list(ids))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT log.model, log.res_id, log.seq
                  FROM kpi_audit_personal AS personal
                  JOIN audit_logs AS log ON log.id = personal.log_id
                 WHERE %s
                   AND strpos(log.text,
                              to_json(personal.name) || ':"' || encode(sha256(
                                  decode(personal.salt, 'hex')
                                  || convert_to(personal.text, 'UTF8')), 'hex')
                              || '"') = 0
              ORDER BY 1, 2, 3
                """,
                only,
            )
        )
        return [AuditFault("personal", *row) for row in rows]


def _between(start, stop):
    if stop is None:
        return lambda column: SQL("%s > %s", column, start)
    return lambda column: SQL("%s > %s AND %s <= %s", column, start, column, stop)
