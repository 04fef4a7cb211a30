from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class KpiHome(models.AbstractModel):
    """Own streaks and the next achievement are a panel; challenges await an answer."""

    _inherit = "kpi.home"

    def _get_panels(self):
        """Add the panel, which asks for itself, where something can be earned."""
        panels = super()._get_panels()
        of_company = Domain("company_id", "=", self.env.company.id)
        if not self.env["kpi.achievement"].search(of_company, limit=1):
            return panels
        if self.env["kpi.gamification.choice"].get_choice() != "out":
            panels["kpi_gamification.achievements"] = True
        return panels

    def _list_waiting(self):
        asked = "SELECT FROM kpi_challenge_member WHERE answer = 'waiting'"
        return {**super()._list_waiting(), "challenge": SQL(asked)}

    def _list_counted(self, role):
        challenges = {
            "kind": "challenge",
            "model": "kpi.challenge.member",
            "domain": self.env["kpi.challenge.member"]._get_asked_domain(),
            "text": self.env._("Challenges waiting for your response: %s"),
            "action": "kpi_gamification.kpi_achievement_page_action",
            "context": {},
        }
        return [*super()._list_counted(role), challenges]
