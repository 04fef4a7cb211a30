from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """What people earned stays theirs, as does who was to see it."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        runs = ("is_ended", "=", False)
        return [
            *super()._get_links(),
            UserLink("kpi.gamification.choice", "user_id", STAY),
            UserLink("kpi.performance.streak", "user_id", STAY),
            UserLink("kpi.user.achievement", "user_id", STAY),
            UserLink("kpi.points.entry", "user_id", STAY),
            UserLink("kpi.points.balance", "user_id", STAY),
            UserLink("kpi.reward.order", "user_id", STAY),
            UserLink("kpi.kudos", "user_id", STAY),
            UserLink("kpi.kudos", "giver_id", STAY),
            UserLink("kpi.leaderboard.line", "user_id", STAY),
            UserLink("kpi.challenge", "owner_id", HAND_OVER, (runs,)),
            UserLink("kpi.challenge.member", "user_id", STAY),
        ]
