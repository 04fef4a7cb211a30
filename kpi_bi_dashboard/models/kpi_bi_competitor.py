from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat, or_none

from ..analytics.data_models.competitive_models import threat_score
from .kpi_bi_market import Ratio


class KpiBiCompetitor(models.Model):
    """A competitor in a market of a year, and how threatening it is."""

    _name = "kpi.bi.competitor"
    _description = "Competitor"
    _inherit = ["kpi.bi.market.part.mixin", "kpi.bi.scored.mixin"]
    _order = "score desc, id"
    _parts = {
        "share": "share",
        "growth": "growth",
        "overlap": "overlap",
        "price_advantage": "price",
    }
    _scored_by = ("market_id.own_share",)

    name = fields.Char("Competitor", required=True, tracking=True)
    market_id = fields.Many2one(
        "kpi.bi.market", required=True, index=True, ondelete="cascade", tracking=True
    )
    company_id = fields.Many2one(
        related="market_id.company_id", store=True, precompute=True, default=None
    )
    share = Ratio("Market Share")
    growth = Ratio(help="A year: +20% counts all, −20% nothing.")
    overlap = Ratio(
        "Customer Overlap", help="Share of our customers to whom it sells as well."
    )
    price_advantage = Ratio(
        help="By how much it is cheaper: 20% counts all, 20% dearer nothing."
    )
    source = fields.Char(required=True, tracking=True, help="Who says so.")
    date = fields.Date(
        "As Of",
        required=True,
        default=fields.Date.context_today,
        help="When they said so.",
    )
    score = OptionalFloat(
        "Threat",
        help="Points, 100 in all: up to 35 for its share of what it and we have"
        " together, 25 for growth, 25 for customer overlap, 15 for price advantage."
        " What is not known is left out and the rest counts for more.",
    )

    _name_uniq = models.UniqueIndex(
        "(market_id, lower(name))", "This competitor is in the market already."
    )

    @api.constrains("market_id", "share")
    def _check_share(self):
        self.market_id._check_shares()

    def _assess(self):
        for one in self:
            own = or_none(one.market_id.own_share)
            yield one, threat_score(own_share=own, **one._get_known())
