from odoo import models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink

OF_PEOPLE = (
    "kpi.gamification.choice kpi.performance.streak kpi.user.achievement kpi.kudos"
    " kpi.points.entry kpi.points.balance kpi.reward.order kpi.leaderboard.line"
    " kpi.challenge.member"
).split()


class KpiUserLink(models.AbstractModel):
    """What people earned stays theirs, as does who was to see it."""

    _inherit = "kpi.user.link"

    def _get_links(self):
        runs = ("is_ended", "=", False)
        return [
            *super()._get_links(),
            *(UserLink(model, "user_id", STAY) for model in OF_PEOPLE),
            UserLink("kpi.achievement", "author_ids", STAY),
            UserLink("kpi.gamification.change", "user_id", STAY),
            UserLink("kpi.gamification.change", "decided_by_id", STAY),
            UserLink("kpi.kudos", "giver_id", STAY),
            UserLink("kpi.challenge", "owner_id", HAND_OVER, (runs,)),
        ]
