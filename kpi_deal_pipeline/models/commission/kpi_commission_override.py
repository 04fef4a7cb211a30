from odoo import fields, models


class KpiCommissionOverride(models.Model):
    """Share that somebody gets on top of the commissions of a plan's agents."""

    _name = "kpi.commission.override"
    _inherit = ["kpi.input.mixin", "kpi.commission.term.mixin"]
    _description = "Manager's Commission Share"
    _order = "plan_id, id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Manager", required=True, ondelete="restrict"
    )
    rate = fields.Float(
        digits=(5, 4),
        required=True,
        help="Share of the agents' commissions, not of other managers' shares.",
    )

    _user_id_uniq = models.UniqueIndex(
        "(plan_id, user_id)", "The manager has a share in this plan already."
    )
    _rate_check = models.Constraint(
        "CHECK (rate > 0 AND rate <= 1)", "A share must be above 0 % and at most 100 %."
    )
