from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...formatting import format_day


class KpiTeamMember(models.Model):
    """A user's stay in a team: from ``date_from`` to before ``date_to``."""

    _name = "kpi.team.member"
    _description = "KPI Team Member"
    _inherit = ["kpi.input.mixin"]
    _order = "team_id, date_from, id"
    _rec_name = "user_id"

    team_id = fields.Many2one("kpi.team", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one(
        "res.users", required=True, ondelete="cascade", index=True
    )
    date_from = fields.Date("Joined", required=True, default="1900-01-01")
    date_to = fields.Date("Left", help="First day the person is no longer a member.")

    _dates_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_to > date_from)",
        "The leaving date must be after the joining date.",
    )
    # Ranges of one id, as equality in such a constraint needs an extension.
    _stays_excl = models.Constraint(
        """EXCLUDE USING gist (int4range(team_id, team_id, '[]') WITH &&,
                               int4range(user_id, user_id, '[]') WITH &&,
                               daterange(date_from, date_to) WITH &&)
           DEFERRABLE INITIALLY IMMEDIATE""",
        "This person is already a member during this time. End the first "
        "membership first.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        with self._defer_checks():
            return super().create(vals_list)

    def write(self, vals):
        with self._defer_checks():
            return super().write(vals)

    def _end_today(self):
        """Let these stays end with the day before; none is shorter than a day."""
        today = fields.Date.context_today(self)
        for stay in self:
            stay.date_to = max(today, fields.Date.add(stay.date_from, days=1))

    @contextmanager
    def _defer_checks(self):
        """Have the database look at stays when all are written, not row by row.

        Then the constraint below can name the person, and what others write at the
        same moment is refused here, where Odoo shows people why, not on commit.
        """
        self.env.cr.execute("SET CONSTRAINTS kpi_team_member_stays_excl DEFERRED")
        yield
        self.flush_model()
        self.env.cr.execute("SET CONSTRAINTS kpi_team_member_stays_excl IMMEDIATE")

    @api.constrains("team_id", "user_id", "date_from", "date_to")
    def _check_no_overlap(self):
        stays = self.search(
            [("team_id", "in", self.team_id.ids), ("user_id", "in", self.user_id.ids)],
            order="team_id, user_id, date_from",
        )
        for previous, stay in zip(stays, stays[1:], strict=False):
            same = (previous.team_id, previous.user_id) == (stay.team_id, stay.user_id)
            if same and (not previous.date_to or previous.date_to > stay.date_from):
                raise ValidationError(
                    self.env._(
                        "%(user)s is already a member of %(team)s on %(date)s. End "
                        "the first membership first.",
                        user=stay.user_id.name,
                        team=stay.team_id.name,
                        date=format_day(self.env, stay.date_from),
                    )
                )
