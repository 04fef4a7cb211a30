from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import moment_text_sql


class KpiCommissionStatement(models.Model):
    """What an issued statement and its lines say is in its audit chain."""

    _name = _audited_model = "kpi.commission.statement"
    _inherit = ["kpi.commission.statement", "kpi.audited.record.mixin"]
    _audited_events = "deal_commission_statement_"

    @api.model
    def _get_audited_members(self):
        return {
            "acknowledged_at": moment_text_sql(SQL("held.acknowledged_at")),
            "agent": SQL("held.agent_id"),
            "company": SQL("held.company_id"),
            "currency": SQL(
                "(SELECT name FROM res_currency WHERE id = held.currency_id)"
            ),
            "date_from": SQL("held.date_from::text"),
            "date_to": SQL("held.date_to::text"),
            "draw": SQL("coalesce(held.draw_amount, 0)::numeric(16, 2)::text"),
            "earned": SQL("coalesce(held.earned_amount, 0)::numeric(16, 2)::text"),
            "former": SQL("held.former_id"),
            "issued_at": moment_text_sql(SQL("held.issued_at")),
            "issued_by": SQL("held.issued_by"),
            "line_hash": _lines_sql(
                SQL(
                    """
                    encode(sha256(convert_to(string_agg(concat_ws(' ', 'accrual',
                        accrual_id, 'adjustment', adjustment_id,
                        amount::numeric(16, 2)), ', ' ORDER BY id), 'UTF8')), 'hex')
                    """
                )
            ),
            "lines": _lines_sql(SQL("count(*)")),
            "owed": SQL("coalesce(held.owed_after, 0)::numeric(16, 2)::text"),
            "owed_before": SQL("coalesce(held.owed_before, 0)::numeric(16, 2)::text"),
            "paid": SQL("coalesce(held.paid_amount, 0)::numeric(16, 2)::text"),
            "paid_at": moment_text_sql(SQL("held.paid_at")),
            "paid_by": SQL("held.paid_by"),
            "state": SQL("held.state"),
        }

    @api.model
    def _audited_scope_sql(self):
        """Drafts are not logged, and have no lines."""
        return SQL("(held.state <> 'draft' OR %s > 0)", _lines_sql(SQL("count(*)")))


def _lines_sql(aggregate):
    """SQL of an aggregate over the lines of the statement ``held``."""
    return SQL(
        "(SELECT %s FROM kpi_commission_statement_line WHERE statement_id = held.id)",
        aggregate,
    )
