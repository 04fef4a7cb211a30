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
    growth = Ratio(help="Growth per year. +20% scores full points, −20% none.")
    overlap = Ratio(
        "Customer Overlap", help="Share of our customers the competitor also sells to."
    )
    price_advantage = Ratio(
        help="A price advantage of 20% scores full points, −20% none."
    )
    source = fields.Char(
        required=True,
        tracking=True,
    )
    date = fields.Date(
        "As Of",
        required=True,
        default=fields.Date.context_today,
        help="Date of the source.",
    )
    score = OptionalFloat(
        "Threat",
        help="Score up to 100: relative market share 35, growth 25, customer "
        "overlap 25, price advantage 15. Unknown parts are ignored.",
    )

    _name_uniq = models.UniqueIndex(
        "(market_id, lower(name))", "This competitor already exists in the market."
    )

    @api.constrains("market_id", "share")
    def _check_share(self):
        self.market_id._check_shares()

    def _assess(self):
        for one in self:
            own = or_none(one.market_id.own_share)
            yield one, threat_score(own_share=own, **one._get_known())
