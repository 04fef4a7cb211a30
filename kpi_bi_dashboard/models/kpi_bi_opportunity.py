from odoo import api, fields, models
from odoo.fields import Date

from odoo.addons.kpi_base.fields import OptionalFloat, OptionalMonetary
from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink

from ..analytics.data_models.competitive_models import assess_opportunity
from .kpi_bi_market import Ratio


class KpiBiOpportunity(models.Model):
    """A market, or a part of one, that may be worth entering."""

    _name = "kpi.bi.opportunity"
    _description = "Market Opportunity"
    _inherit = ["kpi.bi.acted.mixin", "kpi.bi.scored.mixin"]
    _order = "score desc, id"
    _parts = {name: name for name in ("size", "growth", "fit", "ease")}
    _scored_by = ("company_id",)

    market_id = fields.Many2one(
        "kpi.bi.market", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(
        related="market_id.company_id", store=True, precompute=True, default=None
    )
    state = fields.Selection(
        [
            ("idea", "Idea"),
            ("assessed", "Assessed"),
            ("pursued", "Pursued"),
            ("entered", "Entered"),
            ("dropped", "Dropped"),
        ],
        string="Status",
        required=True,
        default="idea",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    size = OptionalMonetary(
        "Revenue per Year",
        tracking=True,
        help="Achievable revenue. Matching our last 12 months' revenue scores full "
        "points.",
    )
    growth = Ratio(
        related="market_id.growth",
        tracking=False,
        help="Market growth per year. +20% scores full points, 0% none.",
    )
    fit = Ratio("Strategic Fit", help="100% means our strengths decide.")
    ease = Ratio("Ease of Entry", help="100% means no barriers.")
    score = OptionalFloat(
        help="Score up to 100: revenue 30, growth 20, strategic fit 30, ease of "
        "entry 20. Unknown parts are ignored."
    )

    def _assess(self):
        # What all customers bought together is no secret to who sees markets.
        purchases = self.env["kpi.bi.purchase"].sudo()
        for company, same in self.grouped("company_id").items():
            day = self.env["kpi.bi.analysis"]._get_cutoff(company)
            year = [("day", ">", Date.subtract(day, years=1)), ("day", "<=", day)]
            bought = [("company_id", "=", company.id), *year]
            ((own,),) = purchases._read_group(bought, [], ["amount:sum"])
            for one in same:
                known = one._get_known()
                yield one, assess_opportunity(own_revenue=own or 0, **known)


class KpiUserLink(models.AbstractModel):
    """Opportunities of somebody who leaves need another person; votes stay."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        is_open = ("state", "not in", ("entered", "dropped"))
        return [
            *super()._get_links(),
            UserLink("kpi.bi.opportunity", "user_id", HAND_OVER, (is_open,)),
            UserLink("kpi.bi.swot", "voter_ids", STAY),
        ]
