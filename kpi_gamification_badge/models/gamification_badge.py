from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import plaintext2html

LEVELS = {"common": "bronze", "rare": "silver", "epic": "gold", "legendary": "gold"}


class GamificationBadge(models.Model):
    """Badges of achievements, which nobody grants; they look as when last earned."""

    _inherit = "gamification.badge"

    kpi_achievement_id = fields.Many2one(
        "kpi.achievement",
        string="KPI Achievement",
        copy=False,
        groups=fields.NO_ACCESS,
        ondelete="cascade",
    )
    _kpi_achievement_uniq = models.UniqueIndex("(kpi_achievement_id)")

    @api.model
    def _find_of(self, achievements):
        """Achievement → its badge, made where there is none."""
        values = {
            one: {
                "name": one.name,
                "description": plaintext2html(one.description or one.criteria),
                "image_1920": one.badge_icon,
                "kpi_achievement_id": one.id,
                "level": LEVELS[one.rarity],
                "rule_auth": "nobody",
            }
            for one in achievements
        }
        badges = self.with_context(active_test=False)
        badges = badges.search([("kpi_achievement_id", "in", achievements.ids)])
        for badge in badges:
            badge.write(values.pop(badge.kpi_achievement_id))
        if values:  # of two who make one at once the second is run again
            self.env["kpi.claim"]._claim("badges of achievements")
        return (badges | self.create([*values.values()])).grouped("kpi_achievement_id")


class GamificationBadgeUser(models.Model):
    """Badges of what people earned by their KPIs, as long as they show it."""

    _inherit = "gamification.badge.user"

    kpi_award_id = fields.Many2one(
        "kpi.user.achievement",
        string="KPI Award",
        copy=False,
        groups=fields.NO_ACCESS,
        ondelete="cascade",
    )
    _kpi_award_uniq = models.UniqueIndex("(kpi_award_id)")

    @api.model
    def _follow_awards(self, name, ids):
        """Give the badges of awards that are shown, and take those of others; of the
        awards whose field ``name`` has one of ``ids``.
        """
        # Who earned something decides, whoever brings it about: asked as nobody.
        nobody = self.with_user(SUPERUSER_ID)
        companies = nobody.env["res.company"].search([("active", "=", True)])
        quiet = {"mail_create_nolog": True, "tracking_disable": True}
        nobody = nobody.with_context(allowed_company_ids=companies.ids, **quiet)
        shown = [(name, "in", ids), ("is_shown_to_me", "=", True)]
        shown = nobody.env["kpi.achievement.wall"].search(shown, order="id")
        awards = nobody.env["kpi.user.achievement"].browse(shown.ids)
        known = nobody.search([("kpi_award_id", "any", [(name, "in", ids)])])
        known.filtered(lambda one: one.kpi_award_id not in awards).unlink()
        awards -= known.exists().kpi_award_id
        badges = nobody.env["gamification.badge"]._find_of(awards.achievement_id)
        nobody.create(
            [
                {
                    "badge_id": badges[award.achievement_id].id,
                    "comment": award.period_label,
                    "kpi_award_id": award.id,
                    "user_id": award.user_id.id,
                }
                for award in awards
            ]
        )


def remove_badges(env):
    """Take them along with the addon: they would be shown whatever people choose."""
    badges = env["gamification.badge"].with_context(active_test=False)
    badges.search([("kpi_achievement_id", "!=", False)]).unlink()
