from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import AuditEvent, moment_text, moment_text_sql
from odoo.addons.kpi_base.engine.money import exact_text

# When and by whom it came to what it is.
MOMENTS = (
    "confirmed_at",
    "disputed_at",
    "introduced_at",
    "invoiced_at",
    "paid_at",
    "resolved_at",
)
# Entries with which an amount is settled, or becomes another one.
PRICING = (
    "deal_commission_introduced",
    "deal_commission_computed",
    "deal_commission_changed",
    "deal_commission_confirmed",
)


class KpiCommission(models.Model):
    """Each change of a commission is an entry in the audit chain of its deal.

    The commission is as the last of its entries says; what it came to with each of them
    is stored as an event.
    """

    _name = "kpi.commission"
    _inherit = ["kpi.commission", "kpi.audited.state.mixin"]
    _audited_model = "kpi.deal"
    _audited_name = "commission"
    _audited_events = "deal_commission_"
    _audited_beside = ("deal_commission_adjusted", "deal_commission_priced")
    _audited_link = "deal_id"

    def _log(self, event_type, personal=None, **values):
        """Log each commission as it is now, in a constant number of statements.

        :param values: what else is known, such as the status before
        :param personal: name → text that somebody wrote
        """
        events = self.env["kpi.commission.event"]
        derivations = self._get_derivation_hashes()
        states = events._states(self, event_type in PRICING)
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    commission.deal_id,
                    event_type,
                    {
                        **commission._prepare_log_values(),
                        "derivation": derivations.get(commission.id),
                        **events._prepare_log_values(state),
                        **values,
                    },
                    dict(personal or {}),
                )
                for commission, state in zip(self, states, strict=True)
            ]
        )
        self._link_entries(entries)
        events._insert(states, entries)
        return entries

    def _prepare_log_values(self):
        """Prepare the entry's values of a commission beside its amount."""
        return {
            **{
                name: moment_text(self[name]) if self[name] else None
                for name in MOMENTS
            },
            "basis": exact_text(self.basis_amount),
            "confirmed_by": self.confirmed_by.id or None,
            "earned_on": fields.Date.to_string(self.earned_on) or None,
            "plan": self.plan_id.id or None,
            "rate": exact_text(self.commission_rate, 4),
            "rule": self.rule,
            "type": self.commission_type,
        }

    @api.model
    def _get_audited_members(self):
        return {
            **{name: moment_text_sql(SQL.identifier("held", name)) for name in MOMENTS},
            "agent": SQL("held.agent_id"),
            "amount": SQL("held.commission_amount::numeric(16, 2)::text"),
            "basis": SQL("coalesce(held.basis_amount, 0)::numeric(16, 2)::text"),
            "commission": SQL("held.id"),
            "confirmed_by": SQL("held.confirmed_by"),
            "currency": SQL(
                "(SELECT name FROM res_currency WHERE id = held.currency_id)"
            ),
            "derivation": SQL("derivation.hash"),
            "earned_on": SQL("held.earned_on::text"),
            "plan": SQL("held.plan_id"),
            "rate": SQL("coalesce(held.commission_rate, 0)::numeric(5, 4)::text"),
            "rule": SQL("held.rule"),
            "status": SQL("held.status"),
            "type": SQL("held.commission_type"),
        }

    def _get_derivation_hashes(self):
        """Id → hash over the steps of the derivation, for those that have one."""
        self.env["kpi.commission.step"].flush_model()
        only = SQL("commission_id = ANY(%s)", self.ids)
        return dict(self.env.execute_query(_derivations_sql(only)))

    @api.model
    def _audited_joins_sql(self):
        return SQL(
            "LEFT JOIN (%s) AS derivation ON derivation.commission_id = held.id",
            _derivations_sql(SQL("TRUE")),
        )


def _derivations_sql(only):
    """SELECT of commissions and the hash over their steps.

    :param only: SQL of which steps
    """
    return SQL(
        """
        SELECT commission_id,
               encode(sha256(convert_to(string_agg(concat_ws(' ', sequence, kind,
                   basis::numeric(16, 4), factor::numeric(16, 8),
                   amount::numeric(16, 4), total::numeric(16, 4)),
                   ', ' ORDER BY sequence, id), 'UTF8')), 'hex') AS hash
          FROM kpi_commission_step
         WHERE %s
      GROUP BY commission_id
        """,
        only,
    )
