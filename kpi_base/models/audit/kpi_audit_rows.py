from odoo import api, models
from odoo.tools import SQL

from ...engine.audit import AuditFault


class KpiAuditLog(models.Model):
    """Comparison of the rows beside the log with the log."""

    _inherit = "kpi.audit.log"

    @api.model
    def _row_faults(self, model=None, ids=()):
        """Rows that differ from their entries, of all records or of ``ids``.

        One statement for each kind of rows, which reads both sides as they lie and
        gives back what differs: memory is bounded, whatever their number.
        """
        found = []
        registry = self.env.registry
        for name in registry.descendants(["kpi.audited.row.mixin"], "_inherit"):
            rows = self.env[name]
            if rows._abstract or model not in (None, rows._audited_model):
                continue
            rows.flush_model()
            found += [
                AuditFault(
                    "row",
                    rows._audited_model,
                    res_id,
                    seq,
                    row=(rows._name, row_id),
                    about=(rows._audited_about, about_id) if about_id else None,
                )
                for res_id, seq, row_id, about_id in rows._find_audited_faults(
                    _only(model, ids)
                )
            ]
        return found + self._personal_faults(model, ids)

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


def _only(model, ids):
    """Function of a column: SQL of whether it is among ``ids``, or anything."""
    if model is None:
        return lambda _column: SQL("TRUE")
    return lambda column: SQL("%s = ANY(%s)", column, list(ids))
