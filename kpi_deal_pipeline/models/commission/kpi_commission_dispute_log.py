from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import moment_text, moment_text_sql
from odoo.addons.kpi_base.engine.money import exact_text

OPENED, RESOLVED = "deal_commission_disputed", "deal_commission_dispute_resolved"


class KpiCommissionDispute(models.Model):
    """A dispute is as the last entry about it in the audit chain of its deal says."""

    _name = "kpi.commission.dispute"
    _inherit = ["kpi.commission.dispute", "kpi.audited.row.mixin"]
    _audited_model = "kpi.deal"
    _audited_about = "kpi.commission"

    def _prepare_log_values(self):
        """Prepare what entries say of the dispute; nothing personal."""
        return {
            "decided_at": moment_text(self.decided_at) if self.decided_at else None,
            "decided_by": self.decided_by.id or None,
            "dispute": self.id,
            "document": self.document_id.id or None,
            "effect": exact_text(self.effect_amount),
            "former_status": self.former_status,
            "opened_at": moment_text(self.opened_at),
            "opened_by": self.opened_by.id,
            "outcome": self.state,
        }

    @api.model
    def _audited_key_sql(self):
        return SQL("""substring(log.text FROM '"dispute":([0-9]{1,9})')::integer""")

    @api.model
    def _audited_entries_sql(self, only):
        """The last entry of each dispute."""
        return SQL(
            """
            SELECT DISTINCT ON (%(key)s) *
              FROM audit_logs AS log
             WHERE model = 'kpi.deal'
               AND event_type IN (%(opened)s, %(resolved)s)
               AND %(only)s
          ORDER BY %(key)s, seq DESC
            """,
            key=self._audited_key_sql(),
            opened=OPENED,
            resolved=RESOLVED,
            only=only(SQL("res_id")),
        )

    @api.model
    def _audited_rows_sql(self, only):
        members = {
            "commission": SQL("held.commission_id"),
            "decided_at": moment_text_sql(SQL("held.decided_at")),
            "decided_by": SQL("held.decided_by"),
            "dispute": SQL("held.id"),
            "document": SQL("held.document_id"),
            "effect": SQL("coalesce(held.effect_amount, 0)::numeric(16, 2)::text"),
            "former_status": SQL("held.former_status"),
            "opened_at": moment_text_sql(SQL("held.opened_at")),
            "opened_by": SQL("held.opened_by"),
            "outcome": SQL("held.state"),
        }
        return SQL(
            """
            SELECT held.id, held.id AS log_id, commission.deal_id AS res_id,
                   held.commission_id, held.state, held.decision, %(stated)s AS stated
              FROM kpi_commission_dispute AS held
              JOIN agent_commission_records AS commission
                ON commission.id = held.commission_id
             WHERE %(only)s
            """,
            stated=self._canonical_array_sql(members),
            only=only(SQL("commission.deal_id")),
        )

    @api.model
    def _audited_match_sql(self):
        """Compare the reasons with the text stored apart, until that is erased."""
        return SQL(
            """
            (stated.state = 'open') = (log.event_type = %s)
            AND %s
            AND NOT EXISTS (SELECT FROM kpi_audit_personal AS personal
                             WHERE personal.log_id = log.id
                               AND personal.name = 'decision'
                               AND personal.text IS DISTINCT FROM stated.decision)
            """,
            OPENED,
            self._audited_contains_sql(is_any_age=True),
        )

    @api.model
    def _audited_about_id_sql(self):
        return SQL(
            """
            coalesce(stated.commission_id, substring(
                log.text FROM '"commission":([0-9]{1,9})')::integer)
            """
        )
