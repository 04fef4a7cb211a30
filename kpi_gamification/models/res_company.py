from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_tracking.models.res_config_settings import settings_of

# What people are to others: they may choose more, see ``kpi.gamification.choice``.
DEFAULTS = [("shown", "Visible to Colleagues"), ("hidden", "Hidden")]


class ResCompany(models.Model):
    """When achievements are decided, and what colleagues see of each other."""

    _inherit = "res.company"

    gamification_choice = fields.Selection(
        DEFAULTS, "Default Visibility", default="hidden", required=True
    )
    gamification_days = fields.Integer("Evaluate After (Days)", default=5)
    gamification_teams_only = fields.Boolean("Teams Only")
    gamification_own_rank_only = fields.Boolean("Own Rank Only")
    gamification_least_people = fields.Integer("Minimum People per Board", default=5)
    gamification_most_points = fields.Integer("Maximum Points", default=500)
    gamification_kudos_count = fields.Integer("Kudos per Month", default=4)
    gamification_kudos_points = fields.Integer("Points per Kudos", default=5)
    gamification_freeze_every = fields.Integer("Hits per Freeze", default=6)
    gamification_freeze_most = fields.Integer("Maximum Freezes", default=2)

    def _get_gamification_today(self):
        """Today by the company's calendar, whatever the time zone of who asks."""
        # Calendars are the engine's own.
        return (
            self.env["kpi.calendar"].sudo()._find_company_default(self.sudo())._today()
        )

    def _list_over(self, grain, since):
        """Periods from that of a day on that ended days enough ago to be decided.

        What a day earns is given the next morning.
        """
        calendar = self.env["kpi.calendar"]._find_company_default(self)
        last = calendar._today() - timedelta(days=self._get_delay(grain))
        periods = calendar._periods(grain, since, max(since, last))
        return [period for period in periods if period.stop <= last]

    def _get_delay(self, grain):
        """Days from the end of a period until it is decided."""
        return 0 if grain == "day" else self.gamification_days

    def _get_staff_domain(self):
        """Users who are people of this company."""
        return Domain("share", "=", False) & Domain("company_ids", "in", self.ids)

    def _count_staff(self):
        """How many there are; 0 where they are so few that a number tells of one."""
        count = self.env["res.users"].search_count(self._get_staff_domain())
        return count if count >= self.gamification_least_people else 0

    _gamification_days_range = models.Constraint(
        "CHECK (gamification_days BETWEEN 0 AND 60)",
        "“Evaluate After (Days)” must be 0 to 60.",
    )
    _gamification_freezes_range = models.Constraint(
        "CHECK (least(gamification_freeze_every, gamification_freeze_most,"
        " gamification_kudos_count, gamification_kudos_points,"
        " gamification_most_points) >= 0)",
        "“Hits per Freeze”, “Maximum Freezes”, “Kudos per Month”, “Points per Kudos” "
        "and “Maximum Points” cannot be negative.",
    )
    _gamification_least_people_range = models.Constraint(
        "CHECK (gamification_least_people >= 2)",
        "“Minimum People per Board” must be 2 or more.",
    )


class ResConfigSettings(models.TransientModel):
    """The same of the current company, for administrators."""

    _inherit = "res.config.settings"

    vars().update(settings_of(ResCompany))
    has_achievements = fields.Boolean(compute="_compute_has_achievements")

    @api.depends("company_id")
    def _compute_has_achievements(self):
        achievements = self.env["kpi.achievement"]
        for settings in self:
            of_company = Domain("company_id", "=", settings.company_id.id)
            settings.has_achievements = bool(achievements.search(of_company, limit=1))

    def action_turn_on_achievements(self):
        """Add the shipped achievements and leaderboards to the current company."""
        return self.env["kpi.achievement"].action_add_ready()
