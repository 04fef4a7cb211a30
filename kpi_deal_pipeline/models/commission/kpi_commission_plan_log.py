from odoo import api, models
from odoo.tools import SQL

from .kpi_commission_plan import TERMS

LOGGED = {
    *TERMS,
    "agent_ids",
    "company_id",
    "date_from",
    "date_to",
    "draw_amount",
    "draw_is_recoverable",
    "state",
}
FOUR = SQL("::numeric(7, 4)::text")
AMOUNT = SQL("::numeric(16, 2)::text")


class KpiCommissionPlan(models.Model):
    """What a plan pays, and to whom, is in its audit chain with each change."""

    _name = _audited_model = "kpi.commission.plan"
    _inherit = ["kpi.commission.plan", "kpi.audited.record.mixin"]
    _audited_events = "commission_plan_"

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._log_record("commission_plan_added")
        return plans

    def write(self, vals):
        if LOGGED.isdisjoint(vals):
            return super().write(vals)
        before = self._prepare_record_values()
        result = super().write(vals)
        after = self._prepare_record_values()
        self.filtered(lambda plan: after[plan.id] != before[plan.id])._log_changed()
        return result

    def unlink(self):
        self._log_record("commission_plan_removed")
        return super().unlink()

    def _log_changed(self):
        self._log_record("commission_plan_changed")

    @api.model
    def _get_audited_members(self):
        agents = self._fields["agent_ids"]
        return {
            **{
                name: SQL("held.%s", SQL.identifier(name))
                for name in (
                    "accrual",
                    "base",
                    "clawback",
                    "commission_type",
                    "computation",
                    "period",
                    "state",
                )
            },
            **{
                name: SQL("held.%s%s", SQL.identifier(name), AMOUNT)
                for name in (
                    "draw_amount",
                    "flat_amount",
                    "line_cap",
                    "line_floor",
                    "period_cap",
                    "quota",
                )
            },
            "accelerators": _parts_sql("accelerator", "above_ratio", "factor"),
            "agents": SQL(
                "(SELECT string_agg(%(agent)s::text, ' ' ORDER BY %(agent)s)"
                " FROM %(relation)s WHERE %(plan)s = held.id)",
                agent=SQL.identifier(agents.column2),
                plan=SQL.identifier(agents.column1),
                relation=SQL.identifier(agents.relation),
            ),
            "clawback_is_linear": SQL("coalesce(held.clawback_is_linear, FALSE)"),
            "clawback_months": SQL("coalesce(held.clawback_months, 0)"),
            "company": SQL("held.company_id"),
            "currency": SQL(
                "(SELECT name FROM res_currency WHERE id = held.currency_id)"
            ),
            "date_from": SQL("held.date_from::text"),
            "date_to": SQL("held.date_to::text"),
            "draw_is_recoverable": SQL("coalesce(held.draw_is_recoverable, FALSE)"),
            "overrides": _parts_sql("override", "user_id", "rate"),
            "rate": SQL("held.rate%s", FOUR),
            "rates": _parts_sql("rate", "product", "rate"),
            "tiers": _parts_sql("tier", "amount_from", "amount_to", "rate"),
        }


def _parts_sql(kind, *names):
    """SQL of the terms of a kind of the plan ``held``, as one text."""
    return SQL(
        """
        (SELECT string_agg(concat_ws(' ', %(columns)s), ', '
                           ORDER BY concat_ws(' ', %(columns)s) COLLATE "C")
           FROM %(table)s WHERE plan_id = held.id)
        """,
        columns=SQL(", ").join(
            SQL("coalesce(%s::text, '-')", SQL.identifier(name)) for name in names
        ),
        table=SQL.identifier(f"kpi_commission_{kind}"),
    )
