from odoo import api, models


class KpiUserAchievement(models.Model):
    """Whatever becomes of awards, people are told last."""

    _inherit = "kpi.user.achievement"

    def _tell(self):
        result = super()._tell()
        self.env["gamification.badge.user"]._follow_awards("id", self.ids)
        return result


class KpiGamificationChoice(models.Model):
    """Badges come and go as people choose."""

    _inherit = "kpi.gamification.choice"

    @api.model
    def choose(self, choice: str):
        result = super().choose(choice)
        self.env["gamification.badge.user"]._follow_awards("user_id", [self.env.uid])
        return result


class ResUsers(models.Model):
    """Who left shows nothing any more."""

    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self.env["gamification.badge.user"]._follow_awards("user_id", self.ids)
        return result


class ResCompany(models.Model):
    """What holds for people who have not chosen."""

    _inherit = "res.company"

    def write(self, vals):
        result = super().write(vals)
        if {"gamification_choice", "gamification_teams_only"} & vals.keys():
            self.env["gamification.badge.user"]._follow_awards("company_id", self.ids)
        return result
