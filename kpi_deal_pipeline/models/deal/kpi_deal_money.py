from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, float_round

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.fields import OptionalMonetary
from odoo.addons.kpi_base.repeat import repeat_late

from .kpi_deal_history import ValueChange

LARGEST_UNITS = Decimal(10) ** 14
EXACT = Decimal("1e-8")  # what the columns hold
RATE_EXACT = Decimal("1e-15")


class KpiDeal(models.Model):
    """Value of a deal in the currency of its company."""

    _inherit = "kpi.deal"

    company_currency_id = fields.Many2one(
        "res.currency",
        "Company Currency",
        related="company_id.currency_id",
        store=True,
        precompute=True,
    )
    company_amount = OptionalMonetary(
        "Value in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Converted at the exchange rate of the last change, not rounded. "
        "Empty if there was no rate.",
    )
    weighted_amount = OptionalMonetary(
        "Weighted Value",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Value in company currency × confidence while the deal is open, "
        "not rounded. Empty if there was no exchange rate.",
    )
    is_unpriced = fields.Boolean(
        "No Exchange Rate",
        readonly=True,
        copy=False,
        help="No exchange rate on that day: the deal is counted, but its amount "
        "is not included in totals.",
    )

    @api.constrains("estimated_value_amount", "currency_id")
    def _check_estimated_value_amount(self):
        """Amounts stay where Odoo still rounds them right."""
        for deal in self:
            unit = Decimal(str(deal.currency_id.rounding))
            if Decimal(str(deal.estimated_value_amount)) >= LARGEST_UNITS * unit:
                raise ValidationError(
                    self.env._(
                        "%(deal)s: the estimated value must be below %(limit)s"
                        " %(currency)s.",
                        deal=deal.title,
                        limit=f"{LARGEST_UNITS * unit:,.0f}",
                        currency=deal.currency_id.name,
                    )
                )

    @api.model
    def _add_precomputed_values(self, vals_list):
        """Add what each new deal is worth, since it came into its stage."""
        priceable = self._find_priceable(vals_list)
        rates = self._company_rates(map(_rate_key, priceable))
        for vals in vals_list:
            # PostgreSQL refuses deals without, as it does unknown ones.
            vals |= {"company_currency_id": False, "estimated_value_currency": False}
        for vals in priceable:
            vals |= self._prepare_worth_values(vals, rates[_rate_key(vals)])
        return super()._add_precomputed_values(vals_list)

    @api.model
    def _find_priceable(self, vals_list):
        """The ``vals_list`` whose company and currency exist."""
        known = {
            name: set(
                self.env[self._fields[name].comodel_name]
                .browse({vals.get(name) for vals in vals_list} - {None, False})
                .exists()
                .ids
            )
            for name in ("company_id", "currency_id")
        }
        return [
            vals
            for vals in vals_list
            if all(vals.get(name) in ids for name, ids in known.items())
        ]

    @api.model
    def _prepare_worth_values(self, vals, rate):
        """Columns of a new deal, exact as its value events will have them."""
        # Which currency a company has is no secret.
        company = self.env["res.company"].sudo().browse(vals["company_id"])
        currency = self.env["res.currency"].browse(vals["currency_id"])
        amount = currency.round(float(vals.get("estimated_value_amount") or 0))
        confidence = float(vals.get("confidence") or 0)
        entered = {
            "estimated_value_amount": exact(amount, currency.decimal_places),
            "confidence": exact(float_round(confidence, precision_digits=2)),
        }
        worth = self._prepare_priced_values(entered, rate)
        if vals.get("status") != "open":
            worth["weighted_amount"] = Decimal(0)
        return {
            "company_currency_id": company.currency_id.id,
            "estimated_value_amount": entered["estimated_value_amount"],
            "estimated_value_currency": currency.name,
            "company_amount": worth["company_amount"],
            "weighted_amount": worth["weighted_amount"],
            "is_unpriced": rate is None,
        }

    @api.model
    def _company_rates(self, keys):
        """Return the value of a unit of a currency to a company on a day.

        The last rate at or before the day; a company's own currency is worth 1.

        :param keys: (company id, currency id, day)
        :return: dict key → ``Decimal``; None where there is no rate
        """
        keys = list(dict.fromkeys(keys))
        if not keys:
            return {}
        self.env["res.currency.rate"].flush_model(["company_id", "name", "rate"])
        rows = self.env.execute_query(self._rates_sql(keys))
        return {
            key: rate and Decimal(rate).quantize(RATE_EXACT)
            for key, (rate,) in zip(keys, rows, strict=True)
        }

    @api.model
    def _rates_sql(self, keys):
        companies, currencies, days = zip(*keys, strict=True)
        return SQL(
            """
            WITH wanted AS (
                SELECT given.*, company.currency_id AS base_id,
                       split_part(company.parent_path, '/', 1)::integer AS root_id
                  FROM unnest(%(companies)s::integer[], %(currencies)s::integer[],
                              %(days)s::date[]) WITH ORDINALITY
                       AS given (company_id, currency_id, day, place)
                  JOIN res_company AS company ON company.id = given.company_id
            )
            SELECT CASE WHEN wanted.currency_id = wanted.base_id THEN 1
                        ELSE coalesce(base.rate, 1) / own.rate
                   END::text
              FROM wanted
         LEFT JOIN LATERAL (%(own)s) AS own ON TRUE
         LEFT JOIN LATERAL (%(base)s) AS base ON TRUE
          ORDER BY wanted.place
            """,
            companies=list(companies),
            currencies=list(currencies),
            days=list(days),
            own=self._last_rate_sql(SQL("wanted.currency_id")),
            base=self._last_rate_sql(SQL("wanted.base_id")),
        )

    @api.model
    def _last_rate_sql(self, currency):
        """SELECT of a currency's last rate; the company's own before shared ones."""
        return SQL(
            """
            SELECT rate.rate
              FROM res_currency_rate AS rate
             WHERE rate.currency_id = %s
               AND rate.name <= wanted.day
               AND rate.rate > 0
               AND (rate.company_id = wanted.root_id OR rate.company_id IS NULL)
          ORDER BY rate.company_id IS NULL, rate.name DESC
             LIMIT 1
            """,
            currency,
        )

    @api.model
    def _prepare_priced_values(self, worth, rate):
        """Amounts in company currency at ``rate``: as columns of a value event.

        :param worth: its ``estimated_value_amount`` and ``confidence``, exact
        """
        if rate is None:
            return {"rate": None, "company_amount": None, "weighted_amount": None}
        amount = worth["estimated_value_amount"] * rate
        return {
            "rate": rate,
            "company_amount": amount.quantize(EXACT),
            "weighted_amount": (amount * worth["confidence"]).quantize(EXACT),
        }

    @api.model
    def _keep_worth(self, rows):
        """Store on deals what they are worth now, exactly as their events say.

        Closed deals are not weighted any more: they leave the sums of what is open.

        Through Odoo's floats, large amounts would lose their cents.

        :param rows: deal id → columns of its last value event
        """
        if not rows:
            return
        kept = ["company_amount", "weighted_amount", "is_unpriced"]
        self.flush_model(kept)
        columns = [
            [row[name] for row in rows.values()]
            for name in ("company_amount", "weighted_amount", "rate")
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE agent_deals AS deal
                   SET company_amount = worth.company_amount,
                       weighted_amount = CASE WHEN deal.status = 'open'
                                              THEN worth.weighted_amount ELSE 0 END,
                       is_unpriced = worth.rate IS NULL
                  FROM unnest(%s::integer[], %s::numeric[], %s::numeric[],
                              %s::numeric[])
                       AS worth (deal_id, company_amount, weighted_amount, rate)
                 WHERE deal.id = worth.deal_id
                """,
                list(rows),
                *columns,
            )
        )
        self.browse(rows).invalidate_recordset(kept)

    def _exact_value(self):
        """Amount and confidence, as what was entered and not as floats."""
        digits = self.currency_id.decimal_places
        return exact(self.estimated_value_amount, digits), exact(self.confidence)

    @api.model
    def _cron_price(self):
        """Price deals whose rate came late, and what follows from them."""
        repeat_late(self.env, self._price_late)

    @api.model
    def _price_late(self):
        """Price deals whose rate came late, at the day they were last changed."""
        waiting = self.with_context(active_test=False).search(
            [("is_unpriced", "=", True)], order="id"
        )
        last = dict(
            self.env["kpi.deal.value.event"]._read_group(
                [("deal_id", "in", waiting.ids)], ["deal_id"], ["effective_at:max"]
            )
        )
        keys = {
            deal: (deal.company_id.id, deal.currency_id.id, last[deal].date())
            for deal in waiting
        }
        rates = self._company_rates(keys.values())
        self._record(
            [],
            [
                ValueChange(deal, last[deal], "late_rate")
                for deal, key in keys.items()
                if rates[key] is not None
            ],
        )


def _rate_key(vals):
    """(company, currency, day) at whose rate a new deal is worth what it is."""
    return vals["company_id"], vals["currency_id"], vals["stage_since"].date()
