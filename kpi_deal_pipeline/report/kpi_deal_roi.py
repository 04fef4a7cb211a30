from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.fields import OptionalFloat, OptionalMonetary, or_none
from odoo.addons.kpi_base.formatting import format_period

from ..engine.kinds import DEAL_ASSET_TYPES, DEAL_TYPES

CHANGES = ("value_change", "cost_change", "return_change")
SUMMED = ("value_won", "commission_cost", "value_won_before", "commission_cost_before")


class KpiDealRoi(models.Model):
    """Value won and commission cost of each agent in each deal.

    The value of a won deal is that of the deal, parted by the revenue shares on the day
    it was won. The cost is the net amount of its commissions that are not written off,
    at the rates at which they were booked; proposals cost nothing until they are
    confirmed. Both count on the day the deal was won, so that what is booked later
    changes the return of that day. Deals that are not won have no return.

    What there was a year before stands on the same day a year later, in rows of its
    own, up to today: any period that has begun is compared with the same days. Months
    before the company's first won deal are unknown, not 0, so changes leave out the
    same months a year later.

    Amounts are in the company's currency and not rounded.
    """

    _name = "kpi.deal.roi"
    _description = "Return on Commission"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "deal_id"
    _depends = {
        "kpi.commission": (
            "agent_id company_net_amount confirmed_at deal_id plan_id status"
            " unpriced_count"
        ).split(),
        "kpi.deal": (
            "actual_close_date agent_id asset_type company_amount company_currency_id"
            " company_id deal_type lead_source status team_id won_by_id"
        ).split(),
        "kpi.deal.split": (
            "agent_id date_from date_to deal_id share_percent split_type"
        ).split(),
    }

    deal_id = fields.Many2one("kpi.deal", readonly=True)
    agent_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True, help="Day the deal was won.")
    asset_type = fields.Selection(DEAL_ASSET_TYPES, readonly=True)
    deal_type = fields.Selection(DEAL_TYPES, readonly=True)
    lead_source = fields.Char("Channel", readonly=True)
    value_won = OptionalMonetary(
        readonly=True, help="Value of won deals by agents' revenue shares."
    )
    commission_cost = OptionalMonetary(
        readonly=True,
        help="Net commissions of won deals, including pending and disputed ones; "
        "without a plan, only approved ones.",
    )
    pending_cost = OptionalMonetary(
        "Not Approved Yet",
        readonly=True,
        help="Commission cost still pending.",
    )
    value_per_cost = OptionalFloat(
        "Return",
        digits=(16, 2),
        aggregator="avg",
        readonly=True,
        help="Value won ÷ commission cost. Blank if cost is zero.",
    )
    value_won_before = OptionalMonetary(
        "Value Won, Previous Year",
        readonly=True,
        help="Figure for the same days a year earlier.",
    )
    commission_cost_before = OptionalMonetary(
        "Commission Cost, Previous Year",
        readonly=True,
        help="Figure for the same days a year earlier.",
    )
    value_per_cost_before = OptionalFloat(
        "Return, Previous Year",
        digits=(16, 2),
        aggregator="avg",
        readonly=True,
        help="Figure for the same days a year earlier.",
    )
    value_change = OptionalFloat(
        "Value vs Previous Year",
        digits=(16, 4),
        aggregator="avg",
        readonly=True,
        help="Compared with the same days a year earlier, if recorded.",
    )
    cost_change = OptionalFloat(
        "Cost vs Previous Year",
        digits=(16, 4),
        aggregator="avg",
        readonly=True,
        help="Compared with the same days a year earlier, if recorded.",
    )
    return_change = OptionalFloat(
        "Return vs Previous Year",
        digits=(16, 4),
        aggregator="avg",
        readonly=True,
        help="Compared with the same days a year earlier, if recorded.",
    )
    is_year_before = fields.Boolean("Previous Year", readonly=True)
    is_comparable = fields.Boolean(
        readonly=True,
        help="The company already had won deals a year earlier.",
    )
    is_unpriced = fields.Boolean(
        "No Exchange Rate",
        readonly=True,
        help="Excluded from amounts because the deal or a commission has no "
        "exchange rate.",
    )

    @property
    def _table_query(self):
        # Rules show no other companies: their deals need not be read.
        ours = SQL("TRUE")
        if not self.env.su:
            ours = SQL("deal.company_id = ANY(%s)", self.env.companies.ids)
        columns = [SQL.identifier(name) for name in SUMMED]
        return SQL(
            """
            -- Of all deals of a company, not of those that the rules show.
            WITH beginnings AS MATERIALIZED (
                SELECT company.id AS company_id,
                       (date_trunc('month', (
                           SELECT min(actual_close_date)
                             FROM agent_deals
                            WHERE company_id = company.id AND status = 'closed_won'
                       )) + interval '1 year')::date AS date
                  FROM res_company AS company
            )
            SELECT compared.number + 4 * is_year_before::integer AS id,
                   compared.deal_id, compared.agent_id, deal.team_id,
                   compared.company_id, compared.currency_id,
                   compared.date, deal.asset_type, deal.deal_type, deal.lead_source,
                   value_won, commission_cost, pending_cost, value_won_before,
                   commission_cost_before,
                   %(ratios)s, is_year_before, compared.is_unpriced,
                   is_year_before OR compared.date >= beginnings.date
                   AS is_comparable
              FROM (
                SELECT returns.*, FALSE AS is_year_before, value AS value_won,
                       cost AS commission_cost, pending AS pending_cost,
                       0::numeric AS value_won_before,
                       0::numeric AS commission_cost_before
                  FROM (%(returns)s) AS returns
             UNION ALL
                SELECT returns.*, TRUE, 0, 0, 0, value, cost
                  FROM (%(returns_before)s) AS returns
                 WHERE date <= %(today)s
              ) AS compared
              JOIN beginnings ON beginnings.company_id = compared.company_id
              -- Left out by PostgreSQL where nothing of it is asked for.
         LEFT JOIN agent_deals AS deal ON deal.id = compared.deal_id
            """,
            returns=self._returns_sql(SQL("deal.actual_close_date"), ours),
            returns_before=self._returns_sql(
                SQL("(deal.actual_close_date + interval '1 year')::date"), ours
            ),
            today=fields.Date.context_today(self),
            ratios=SQL(", ").join(
                SQL("%s AS %s", ratio, SQL.identifier(name))
                for name, ratio in _ratios_sql(*columns, *columns[:2]).items()
            ),
        )

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Changes say since when there is something to compare with, where that is new.

        Totals stand beside them that count earlier months too.
        """
        found = super().fields_get(allfields, attributes)
        changes = [found[name] for name in CHANGES if "string" in found.get(name, ())]
        since = changes and self._find_comparable_since()
        for field in changes if since else ():
            field["string"] = self.env._(
                "%(measure)s (since %(month)s)",
                measure=field["string"],
                month=format_period(self.env, since, "month"),
            )
        return found

    @api.model
    def _find_comparable_since(self):
        """First day of changes in the company; None if there is no recent one."""
        if len(self.env.companies) > 1:
            return None
        # When the first deal was won is no secret.
        deals = self.env["kpi.deal"].sudo().with_context(active_test=False)
        ((first,),) = deals._read_group(
            [
                ("company_id", "in", self.env.companies.ids),
                ("status", "=", "closed_won"),
            ],
            [],
            ["actual_close_date:min"],
        )
        since = first and first.replace(day=1) + relativedelta(years=1)
        seen_from = fields.Date.context_today(self) - relativedelta(years=2)
        return since if since and since > seen_from else None

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Read what rules look at with the rows: by ids they are computed again."""
        if field_names is not None:
            own = ("agent_id", "company_id", "deal_id")
            field_names = list(dict.fromkeys((*field_names, *own)))
        return super().search_fetch(domain, field_names, offset, limit, order)

    @api.model
    def _returns_sql(self, day, ours):
        """SELECT of value and cost of each agent in each won deal.

        Conditions on what it is grouped by are PostgreSQL's to move to the tables.

        :param day: SQL of the day on which ``deal`` counts
        :param ours: condition of ``deal``
        """
        # Each row has a number that no other one has, as large as ids can be: that of
        # what makes it, times 8, and which kind it is of.
        return SQL(
            """
            SELECT deal_id, agent_id, company_id, date, min(currency_id) AS currency_id,
                   coalesce(min(value_number), min(cost_number)) AS number,
                   coalesce(sum(value), 0) AS value,
                   sum(cost) AS cost, sum(pending) AS pending,
                   bool_or(is_unpriced) AS is_unpriced
              FROM (
                SELECT %(deal)s,
                       coalesce(split.agent_id, deal.won_by_id, deal.agent_id)
                       AS agent_id,
                       coalesce(8 * split.id + 1, 8 * deal.id) AS value_number,
                       NULL::integer AS cost_number,
                       deal.company_amount * coalesce(split.share_percent, 100) / 100
                       AS value,
                       0::numeric AS cost, 0::numeric AS pending,
                       deal.company_amount IS NULL AS is_unpriced
                  FROM agent_deals AS deal
             LEFT JOIN kpi_deal_split AS split
                    ON split.deal_id = deal.id
                   AND split.split_type = 'revenue'
                   AND (split.date_from IS NULL
                        OR split.date_from <= deal.actual_close_date)
                   AND (split.date_to IS NULL
                        OR split.date_to > deal.actual_close_date)
                 WHERE deal.status = 'closed_won' AND %(ours)s
             UNION ALL
                SELECT %(deal)s, commission.agent_id,
                       NULL, 8 * commission.id + 2, 0, commission.company_net_amount,
                       CASE WHEN commission.status = 'pending'
                            THEN commission.company_net_amount ELSE 0 END,
                       commission.unpriced_count > 0
                  FROM agent_commission_records AS commission
                  JOIN agent_deals AS deal ON deal.id = commission.deal_id
                 WHERE deal.status = 'closed_won' AND %(ours)s
                   AND commission.status <> 'written_off'
                   AND commission.company_net_amount IS NOT NULL
                   -- One without a plan counts once it is approved.
                   AND (commission.plan_id IS NOT NULL
                        OR commission.confirmed_at IS NOT NULL)
              ) AS parts
          GROUP BY deal_id, agent_id, company_id, date
            """,
            deal=SQL(
                "deal.id AS deal_id, deal.company_id,"
                " deal.company_currency_id AS currency_id, %s AS date",
                day,
            ),
            ours=ours,
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Ratios of several rows are those of their sums; none of several currencies.

        An average of the rows' ratios would weigh a small deal as a large one. Changes
        are those of the comparable rows.
        """
        name = aggregate_spec.partition(":")[0]
        fields_sql = [self._field_to_sql(self._table, each, query) for each in SUMMED]
        is_comparable = self._field_to_sql(self._table, "is_comparable", query)
        ratio = _ratios_sql(
            *(SQL("sum(%s)", each) for each in fields_sql),
            *(
                SQL("sum(%s) FILTER (WHERE %s)", each, is_comparable)
                for each in fields_sql[:2]
            ),
        ).get(name)
        if ratio is None:
            return super()._read_group_select(aggregate_spec, query)
        currency = self._field_to_sql(self._table, "currency_id", query)
        return SQL("CASE WHEN min(%s) = max(%s) THEN %s END", currency, currency, ratio)

    def action_open_deal(self):
        """Open the deal that a row is about."""
        self.ensure_one()
        self.check_access("read")
        return open_form(self.deal_id)

    @api.model
    def _summarize(self, agent, company, days):
        """Returns of an agent, in all and by class of assets, channel and month.

        :param days: first and last day of a period, or None
        :return: dict of decimals as floats; None if the user may not see returns
        """
        if not self.has_access("read"):
            return None
        domain = Domain("agent_id", "=", agent.id)
        domain &= Domain("company_id", "=", company.id)
        domain &= Domain("is_year_before", "=", False)
        if days:
            domain &= Domain("date", ">=", days[0]) & Domain("date", "<=", days[1])
        sums = ["value_won:sum", "commission_cost:sum", "value_per_cost:avg"]
        by = {
            "asset_type": "asset_type",
            "lead_source": "lead_source",
            "month": "date:month",
        }
        (total,), *groups = self._read_grouping_sets(
            domain, [[], *([spec] for spec in by.values())], sums
        )
        return {
            **_prepare_return(*total),
            **{
                f"by_{name}": [
                    {name: key or None, **_prepare_return(*numbers)}
                    for key, *numbers in found
                ]
                for name, found in zip(by, groups, strict=True)
            },
        }


def _ratios_sql(
    value, cost, value_before, cost_before, comparable_value, comparable_cost
):
    """Name of a ratio → its SQL, NULL where it has nothing to divide by."""

    def per_cost(value, cost):
        return SQL("%s / nullif(greatest(%s, 0), 0)", value, cost)

    before = per_cost(value_before, cost_before)

    def change(new, old):
        return SQL("(%s) / nullif(%s, 0) - 1", new, old)

    return {
        "value_per_cost": per_cost(value, cost),
        "value_per_cost_before": before,
        "value_change": change(comparable_value, value_before),
        "cost_change": change(comparable_cost, cost_before),
        "return_change": change(per_cost(comparable_value, comparable_cost), before),
    }


def _prepare_return(value, cost, ratio):
    return {
        "value_won_amount": value or 0.0,
        "commission_cost_amount": cost or 0.0,
        "value_per_commission": or_none(ratio),
    }
