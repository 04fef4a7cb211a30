from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
    date_from = fields.Date(
        "Joined", required=True, default=lambda self: fields.Date.to_date("1900-01-01")
    )
    date_to = fields.Date("Left", help="First day on which the person has left.")

    _dates_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_to > date_from)",
        "A member must leave after joining.",
    )

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
                        "%(user)s is in %(team)s twice from %(date)s: end the first"
                        " stay before the next one starts.",
                        user=stay.user_id.name,
                        team=stay.team_id.name,
                        date=stay.date_from,
                    )
                )
