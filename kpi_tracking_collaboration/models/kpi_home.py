from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_action_item import OPEN

MOST_ACTIONS, MOST_COACHINGS = 100, 20
SOON = "today +7d"
REVIEW_DAYS = 7


class KpiHome(models.AbstractModel):
    """Actions, coachings to sign and reviews to come, among what waits for the user."""

    _inherit = "kpi.home"

    @api.model
    def _list_waiting(self):
        mine = SQL("SELECT FROM kpi_action_item WHERE assigned_to = %s", self.env.uid)
        coachings = SQL("SELECT FROM kpi_performance_coaching")
        return {**super()._list_waiting(), "action": mine, "coaching": coachings}

    @api.model
    def _get_needs(self):
        idle = self._find_idle_kinds()
        return [
            *super()._get_needs(),
            *(self._list_actions() if "action" not in idle else ()),
            *(self._list_coachings() if "coaching" not in idle else ()),
        ]

    def _list_actions(self):
        mine = Domain("assigned_to", "=", self.env.uid) & Domain("status", "in", OPEN)
        items = self.env["kpi.action.item"].search_fetch(
            mine & Domain("reminder_date", "<=", SOON),
            ["due_date", "name", "report_id", "status"],
            order="reminder_date, id",
            limit=MOST_ACTIONS,
        )
        done = self.env._("Done")
        return [
            {
                **self._prepare_need(
                    "action",
                    item,
                    item.name,
                    item.due_date or None,
                    urgency=0 if item.is_overdue else 2,
                    button=self._prepare_button(item, "action_complete", done),
                ),
                "report_id": item.report_id.id,
            }
            for item in items
        ]

    def _list_coachings(self):
        coachings = self.env["kpi.performance.coaching"]
        is_mine = Domain("is_waiting_for_me", "=", True)
        near = coachings._find_reviews(REVIEW_DAYS)
        return [
            self._prepare_need(
                "coaching",
                coaching,
                f"{coaching.display_name} · {coaching.next_step}",
                None if coaching.is_waiting_for_me else coaching.next_review_date,
                urgency=1 if coaching.is_waiting_for_me else 2,
            )
            for coaching in coachings.search(near | is_mine, limit=MOST_COACHINGS)
        ]
