from odoo import SUPERUSER_ID, api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import moment_text_sql

from .kpi_performance_coaching_state import SIGNATURES, TEXTS


class KpiPerformanceCoaching(models.Model):
    """The audit log knows that something was shared and signed, not what or by whom.

    Its entries hold salted commitments to the texts, the agreed actions, and the terms
    (people, type, next review). The salts lie in the coaching, so that verifying finds
    a text that was changed past Odoo; erased with the texts, nothing leads back.
    """

    _inherit = "kpi.performance.coaching"
    _audited_model = "kpi.performance.coaching"
    _audited_events = "coaching_"

    def _log(self, event_type):
        # System administrators read the log: who coaches whom is not for them.
        self.with_user(SUPERUSER_ID)._log_record(event_type)

    def _log_content(self):
        """Log what was changed since it was shared.

        It moves the head of the chain, as signing does: of two who do both at once the
        second is run again, and sees the first.
        """
        shared = self.filtered(lambda coaching: coaching.state != "draft")
        if shared:
            shared._log("coaching_changed")

    @api.model
    def _audited_scope_sql(self):
        return SQL("held.state <> 'draft'")

    @api.model
    def _get_audited_members(self):
        return {
            "state": SQL("held.state"),
            **{
                name: moment_text_sql(SQL.identifier("held", name))
                for name in SIGNATURES
            },
            **{
                name: _commitment_sql(name, SQL.identifier("held", name))
                for name in TEXTS
            },
            "actions": _commitment_sql("actions", ACTIONS),
            "terms": _commitment_sql("terms", TERMS),
        }


ACTIONS = SQL(
    """
    (SELECT jsonb_agg(jsonb_build_array(
                          step.description, step.assigned_to, step.due_date)
                      ORDER BY step.id)::text
       FROM kpi_performance_coaching_action AS step
      WHERE step.coaching_id = held.id)
    """
)
TERMS = SQL(
    """
    jsonb_build_array(held.coach_id, held.employee_id, held.coaching_type,
                      held.next_review_date)::text
    """
)


def _commitment_sql(name, text):
    """SQL of what ``engine.audit.commitment`` gives of a text; NULL of none."""
    return SQL(
        "encode(sha256(decode(held.salts->>%s, 'hex') || convert_to(%s, 'UTF8')),"
        " 'hex')",
        name,
        text,
    )
