from functools import partial

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Date
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat, OptionalMonetary, or_none
from odoo.addons.kpi_base.formatting import format_percent

from ..analytics.data_models.competitive_models import market_share
from .kpi_import_bi import FIRST_DAY, MOST

# A share or rate as a ratio, that may be not known.
Ratio = partial(OptionalFloat, digits=(6, 4), aggregator=False, tracking=True)
RANGES = {  # lowest and highest
    **dict.fromkeys(("share", "overlap", "fit", "ease"), (0, 1)),
    "growth": (-1, 10),
    "price_advantage": (-10, 1),
}


class KpiBiMarketPartMixin(models.AbstractModel):
    """Something that is known, or judged, of a market; discussed by who sees it."""

    _name = "kpi.bi.market.part.mixin"
    _description = "Market Item"
    _inherit = ["kpi.input.mixin", "kpi.thread.mixin"]
    _check_company_auto = True
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    def _get_input_error(self, field):
        if error := super()._get_input_error(field):
            return error
        value = or_none(self[field.name])
        if field.name == "date" and value and value > Date.context_today(self):
            return self.env._("this day is in the future.")
        if field.name == "date" and value and value < FIRST_DAY:
            return self.env._("this day is before 1970.")
        if field.type == "monetary" and value and abs(value) >= MOST:
            return self.env._("this number is too large.")
        low, high = RANGES.get(field.name, (None, None))
        if low is None or value is None or low <= value <= high:
            return ""
        low, high = (format_percent(self.env, limit) for limit in (low, high))
        return self.env._("use %(low)s to %(high)s.", low=low, high=high)


class KpiBiScoredMixin(models.AbstractModel):
    """Score of what people know; ``_assess`` says how it comes about."""

    _name = "kpi.bi.scored.mixin"
    _description = "Score"
    # fields that it is made of → names of the parts in the formula
    _parts: dict[str, str] = {}
    _scored_by: tuple[str, ...] = ()  # other fields

    score = OptionalFloat(
        compute="_compute_score", store=True, digits=(4, 1), aggregator="avg"
    )

    @api.depends(lambda self: (*self._scored_by, *self._parts))
    def _compute_score(self):
        for one, score in self._assess():
            one.score = score.value

    def _get_known(self):
        return {name: or_none(self[name]) for name in self._parts}

    def _assess(self):
        """(record, its ``Score``) of each."""
        raise NotImplementedError(f"{self._name} has no _assess")


class KpiBiMarket(models.Model):
    """The size of a market in a year, as a source says, and the own part of it."""

    _name = "kpi.bi.market"
    _description = "Market"
    _inherit = ["kpi.bi.market.part.mixin"]
    _order = "name, year desc, id"
    _rec_names_search = ["name", "year"]

    name = fields.Char("Market", required=True, tracking=True)
    year = fields.Integer(
        required=True,
        default=lambda self: Date.context_today(self).year - 1,
        aggregator=False,
    )
    category_id = fields.Many2one(
        "product.category",
        "Product Category",
        index="btree_not_null",
        ondelete="restrict",  # without it all that is sold would count
        help="Own revenue: sales of this category and its subcategories. Leave "
        "empty for all sales.",
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Region",
        help="Only customers in these countries count. Leave empty for all.",
    )
    size = OptionalMonetary(
        tracking=True, help="Revenue of all companies in the market."
    )
    growth = Ratio(help="Compared with last year.")
    source = fields.Char(
        required=True,
        tracking=True,
    )
    date = fields.Date(
        "As Of", required=True, default=Date.context_today, help="Date of the source."
    )
    own_revenue = OptionalMonetary(
        compute="_compute_own_revenue",
        store=True,
        help="Purchases of the year, or the last 12 months if it is running. "
        "Updated with the analyses.",
    )
    own_share = Ratio(
        compute="_compute_own_share",
        store=True,
        tracking=False,
        help="Own revenue divided by market size.",
    )
    competitor_ids = fields.One2many("kpi.bi.competitor", "market_id", "Competitors")

    _name_uniq = models.UniqueIndex(
        "(company_id, lower(name), year)", "This market already exists for this year."
    )
    _size_positive = models.Constraint(
        "CHECK (size > 0)", "Enter a size above 0, or leave it empty."
    )
    _year_usual = models.Constraint(
        "CHECK (year BETWEEN 1990 AND 2100)", "Enter a year from 1990 to 2100."
    )

    def init(self):
        # once, 0 said that a size is not known; it would keep the constraint away
        self.env.cr.execute("UPDATE kpi_bi_market SET size = NULL WHERE size = 0")

    @api.depends("name", "year")
    def _compute_display_name(self):
        for market in self:
            market.display_name = f"{market.name or ''} {market.year or ''}".strip()

    @api.depends("category_id", "company_id", "country_ids", "year")
    def _compute_own_revenue(self):
        self.flush_model(["category_id", "company_id", "country_ids"])
        spans = []
        for market in self:
            until = self.env["kpi.bi.analysis"]._get_cutoff(market.company_id)
            if 0 < market.year <= until.year:
                last = min(Date.to_date(f"{market.year:04}-12-31"), until)
                spans.append((market._origin.id or 0, last))
        ids, days = [one[0] for one in spans], [one[1] for one in spans]
        revenue = dict(self.env.execute_query(SQL(_OWN_REVENUE, ids=ids, days=days)))
        for market in self:
            market.own_revenue = revenue.get(market._origin.id)

    @api.depends("own_revenue", "size")
    def _compute_own_share(self):
        for market in self:
            size = or_none(market.size)
            is_known = market.own_revenue is not False
            market.own_share = is_known and market_share(market.own_revenue, size)

    def _check_shares(self):
        for market in self:
            # Of two competitors entered at once the second is run again.
            self.env["kpi.claim"]._claim(f"shares of market {market.id}")
            total = sum(one.share or 0 for one in market.competitor_ids)
            if round(total, 6) > 1:
                raise ValidationError(
                    self.env._(
                        "%(market)s: competitors' shares add up to %(total)s. Lower "
                        "them.",
                        market=market.display_name,
                        total=format_percent(self.env, total),
                    )
                )


# Nothing where the company sold nothing at all in the time: that is not known to be 0.
_OWN_REVENUE = """
    SELECT market.id,
           COALESCE(sum(purchase.amount) FILTER (WHERE
               (category.id IS NULL OR EXISTS (
                   SELECT FROM product_category AS sold
                    WHERE sold.id = purchase.category_key
                      AND sold.parent_path LIKE category.parent_path || '%%'))
               AND (place.ids IS NULL OR partner.country_id = ANY(place.ids))), 0)
      FROM unnest(%(ids)s::int[], %(days)s::date[]) AS span (id, last)
      JOIN kpi_bi_market AS market ON market.id = span.id
 LEFT JOIN product_category AS category ON category.id = market.category_id
CROSS JOIN LATERAL (
           SELECT array_agg(country.res_country_id) AS ids
             FROM kpi_bi_market_res_country_rel AS country
            WHERE country.kpi_bi_market_id = market.id
           ) AS place
      JOIN kpi_bi_purchase AS purchase
        ON purchase.company_id = market.company_id
       AND purchase.day > span.last - interval '1 year'
       AND purchase.day <= span.last
 LEFT JOIN kpi_bi_customer AS customer ON customer.id = purchase.customer_id
 LEFT JOIN res_partner AS partner ON partner.id = customer.partner_key
  GROUP BY market.id
"""
