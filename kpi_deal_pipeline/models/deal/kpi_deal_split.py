from odoo import fields, models


class KpiDealSplit(models.Model):
    """An agent's share in a deal, from a day on.

    Revenue shares part the deal among its agents and add up to 100 %; overlays are
    credit beside it, for those who helped.
    """

    _name = "kpi.deal.split"
    _description = "Agent's Share in a Deal"
    _inherit = ["kpi.input.mixin"]
    _order = "deal_id, date_from, split_type, id"
    _rec_name = "agent_id"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="cascade", index=True)
    agent_id = fields.Many2one(
        "res.users", required=True, ondelete="restrict", index=True
    )
    split_type = fields.Selection(
        [("revenue", "Revenue"), ("overlay", "Overlay")],
        required=True,
        default="revenue",
    )
    share_percent = fields.Float("Share (%)", digits=(7, 4), required=True)
    date_from = fields.Date("From", help="Empty: from the beginning.")
    date_to = fields.Date("To", help="The first day without it; empty: for good.")

    _share_percent_check = models.Constraint(
        "CHECK (share_percent > 0 AND share_percent <= 100)",
        "A share is more than 0 % and at most 100 %.",
    )
    _dates_check = models.Constraint(
        "CHECK (date_to > date_from)", "A share ends after it begins."
    )
