from itertools import pairwise

import numpy as np

from odoo import models
from odoo.fields import Date
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count

from ..analytics.data_models import budget
from ..analytics.data_models.acquisition import find_acquisition
from ..analytics.data_models.attribution import Path, attribute
from ..analytics.data_models.marketing_models import build_funnel, rate_steps
from .page import opens

WINDOW_DAYS = 90  # that leads have to be paid in
YEAR_DAYS = 365
YEAR_WEEKS = 52


class KpiBiAnalysis(models.AbstractModel):
    """What channels cost and bring: acquisition, attribution, budget, funnel."""

    _inherit = "kpi.bi.analysis"

    def _read_spend(self, company, names):
        """Channel, day and amount of what was spent up to the last day that counts.

        :param names: name in lower case → name, as it is met first
        """
        spend = self.env["kpi.bi.spend"].search_fetch(
            [("company_id", "=", company.id), ("day", "<=", self._get_cutoff(company))],
            ["channel", "day", "amount"],
            order="day, id",
        )
        return [(_name(names, one.channel), one.day, one.amount) for one in spend]

    def _analyse_acquisition(self, company):
        """What new customers cost; margins since say when they have paid for it."""
        self.env["kpi.bi.spend"]._refresh_analytic(company)
        names = {}
        spend = self._read_spend(company, names)
        channels = {
            customer: _name(names, channel)
            for customer, channel in self._find_groups(company, "channel").items()
            if channel
        }

        def compute():
            return find_acquisition(*self._read(company), spend, channels)

        of = spend, sorted(channels.items())
        return self._store_result(company, "acquisition", compute, of=of)

    def _describe_acquisition(self, page, result):
        figures = result._get_figures()
        if not (costs := figures["costs"]):
            return
        names = [*page.words("acquisition")["names"].values()]
        names += [one["channel"] for one in costs[2:]]
        rows = [
            {**one, "name": name, "value": one["cost"]}
            for one, name in zip(costs, names, strict=True)
        ]
        for row in rows[2:]:
            row["opens"] = self._opens_spend(row["name"]) if row["spend"] else None
        margins = figures.get("margin", {}).get("rows", [])
        has_margins = any(one["value"] is not None for one in margins)
        earned = [*zip(margins, rows, strict=True)] if has_margins else []
        values = {
            "months": figures["months"],
            "totals": [{**row, "text": row["name"]} for row in rows[:2]],
            # what is free has no interval
            "costs": [row for row in rows if row["cost"]],
            "has_margins": has_margins,
            "paybacks": [
                self._get_payback(page, row["name"], one)
                for one, row in earned
                if row["cost"]
            ],
            "channels": [{**one, "earned": one["value"], **row} for one, row in earned]
            or rows,
        }
        page.draw("acquisition", values)

    def _opens_spend(self, channel):
        company = self.env.company.id
        return opens("kpi.bi.spend", "open_channel", company, channel)

    def _get_payback(self, page, name, one):
        """As an interval; open above where it may take longer than is known."""
        months = self.env._("over 1 month"), self.env._("over %s months")
        text = say_count(one["months"], *months)
        high = one["high"]
        if (value := one["payback"]) is not None:
            text = page.interval(value, one["low"], high or "…", "text")
        high = high or (value and one["months"])
        return {**one, "name": name, "value": value, "high": high, "text": text}

    def _analyse_attribution(self, company):
        """Credit of channels by all methods, of imported touches and Odoo's sources."""
        self.env.flush_all()
        stop = Date.add(self._get_cutoff(company), days=1)
        found = self.env.execute_query(SQL(_PATHS, company=company.id, stop=stop))
        names = {}

        def compute():
            paths = [
                Path(
                    tuple(_name(names, one) for one in met),
                    int(won),
                    people,
                    tuple(ages),
                )
                for met, ages, won, people, _amount in found
            ]
            credit = attribute(paths)
            return {
                **vars(credit),
                "spread": credit.spread,
                "paths": sum(path.people for path in paths),
                "successes": sum(path.successes for path in paths),
                "amount": float(sum(row[-1] or 0 for row in found)),
            }

        return self._store_result(company, "attribution", compute, of=(found,))

    def _describe_attribution(self, page, result):
        figures = result._get_figures()
        if not (credit := figures["credits"]):
            return
        lead = figures["lead"]
        words = page.words("attribution")["methods"]
        order = sorted(words, key=lambda method: method != lead)  # it comes first
        methods = {method: words[method] for method in order if method in credit}
        rows = {
            channel: {method: credit[method][channel] for method in methods}
            for channel in sorted(credit[lead], key=lambda one: -credit[lead][one])
        }
        shares = [_spread(name, [*row.values()]) for name, row in rows.items()]
        values = {
            **figures,
            "methods": methods,
            "is_last": lead == "last",
            "lead": words[lead],
            "shares": shares,
            "channels": [
                {"name": name, **row, "amount": row[lead] * figures["amount"]}
                for name, row in rows.items()
            ],
        }
        page.draw("attribution", values)

    def _analyse_budget(self, company):
        """Moves of spend that all models agree on that fit as well as the best."""
        spend = self._read_spend(company, {})

        def compute():
            return _find_moves(*self._read(company), spend)

        return self._store_result(company, "budget", compute, of=(spend,))

    def _describe_budget(self, page, result):
        figures = result._get_figures()
        fits = figures["fits"]
        rows = {
            channel: _spread(channel, [fit["returns"][place] for fit in fits])
            | {"opens": self._opens_spend(channel)}
            for place, channel in enumerate(figures["channels"] if fits else ())
        }
        texts = {
            name: page.interval(row["value"], row["low"], row["high"], "money")
            for name, row in rows.items()
        }
        values = {
            **figures,
            f"is_{figures['problem']}": True,
            "least": budget.LEAST_PERIODS,
            "fewest": budget.MIN_FITS,
            "most_error": budget.MAX_ERROR,
            "shown_change": budget.SHOWN_CHANGE,
            "returns": [*rows.values()],
            "moves": [
                {"from": one, "from_brings": texts[one]}
                | {"to": other, "to_brings": texts[other]}
                for one, other in figures["moves"]
            ],
            "currency": page.currency["name"],
        }
        if fits:
            names = {"count": len(fits), "tried": figures["tried"]}
            values["fit"] = self.env._("%(count)s of %(tried)s", **names)
            values["error"] = fits[0]["error"]
        page.draw("budget", values)

    def _analyse_funnel(self, company):
        """How many leads come how far within the same time."""
        stop = Date.subtract(self._get_cutoff(company), days=WINDOW_DAYS)
        start = Date.subtract(stop, days=YEAR_DAYS)
        period = [("company_id", "=", company.id), ("day", ">=", start)]
        ((visits,),) = self.env["kpi.bi.spend"]._read_group(
            [*period, ("day", "<", stop)], [], ["visits:sum"]
        )
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(_REACHED, company=company.id, start=start, stop=stop)
        )

        def compute():
            names = ["lead", "qualified", "proposal", "order", "paid"]
            reached = np.array([(0, *row) for row in found], float).reshape(-1, 5)
            steps = build_funnel(names, reached, WINDOW_DAYS)
            if visits:
                counts = [visits, *(step.count for step in steps)]
                steps = rate_steps(["visit", *names], counts)
            return {"steps": steps, "since": start, "until": stop}

        return self._store_result(company, "funnel", compute, of=(visits, found))

    def _describe_funnel(self, page, result):
        figures, labels = result._get_figures(), page.words("funnel")["steps"]
        if not any(step["count"] for step in figures["steps"]):
            return
        rows = [
            {
                "name": labels[one["name"]],
                "value": one["count"],
                "text": page.text(one["count"]),
                "rate": page.interval(one["rate"], one["low"], one["high"], "share"),
                "is_bottleneck": one["is_bottleneck"],
            }
            for one in figures["steps"]
        ]
        bottlenecks = [
            {**step, "before": before["name"]}
            for before, step in pairwise(rows)
            if step["is_bottleneck"]
        ]
        rates = [
            {**one, "name": labels[one["name"]], "value": one["rate"]}
            for one in figures["steps"]
            if one["rate"] is not None
        ]
        values = {"rows": rows, "rates": rates, "days": WINDOW_DAYS}
        values["bottlenecks"] = bottlenecks
        page.draw("funnel", {**figures, **values})


def _spread(name, values):
    """The first value, and how far all are apart."""
    return {"name": name, "value": values[0], "low": min(values), "high": max(values)}


def _name(names, channel):
    """The channel as it is written where it is met first."""
    return names.setdefault(channel.strip().casefold(), channel.strip())


def _find_moves(purchases, day, spend):
    """Advice on spend by full weeks, as JSON; ``problem`` names why there is none."""
    channels = sorted({channel for channel, _day, _amount in spend})
    weeks = _weeks([one for _channel, one, _amount in spend])
    first, last = (int(weeks.min()), int(weeks.max())) if spend else (0, -1)
    last, sold = min(last, int(_weeks(day + 1)) - 1), _weeks(purchases.days)
    count = max(last - first + 1, 0)
    figures = {"channels": channels, "weeks": count, "fits": [], "moves": []}
    if count < budget.LEAST_PERIODS:
        return {**figures, "problem": "weeks"}
    amounts = np.zeros((len(channels), count))
    for (channel, _day, amount), week in zip(spend, weeks, strict=True):
        if week <= last:
            amounts[channels.index(channel), week - first] += amount
    if 2 * amounts.any(axis=0).sum() < count:
        return {**figures, "problem": "months"}
    rows = (sold >= first) & (sold <= last)
    revenue = np.bincount(sold[rows] - first, purchases.amounts[rows], count)
    if not revenue[-budget.HOLDOUT :].any() or revenue.sum() <= 0:
        return {**figures, "problem": "revenue"}  # errors are shares of it
    found = budget.advise(tuple(channels), amounts, revenue, YEAR_WEEKS)
    tried = len(budget.CARRY_OVER) * len(budget.SHAPES)
    return {**figures, "tried": tried, **vars(found)}


def _weeks(days):
    """Numbers of weeks that begin on Mondays."""
    return (np.asarray(days, "datetime64[D]").astype(int) + 3) // 7


# A way ends with each purchase; what follows begins another one.
_PATHS = """
    WITH event AS (
        SELECT touch.person, touch.moment, touch.id AS rank,
               NULLIF(touch.channel, '') AS channel, touch.amount
          FROM kpi_bi_touch AS touch
         WHERE touch.company_id = %(company)s
     UNION ALL
        SELECT COALESCE('p' || partner.commercial_partner_id, 'l' || lead.id),
               lead.create_date, lead.id, source.name, NULL
          FROM crm_lead AS lead
          JOIN utm_source AS source ON source.id = lead.source_id
     LEFT JOIN res_partner AS partner ON partner.id = lead.partner_id
         WHERE lead.company_id = %(company)s OR lead.company_id IS NULL
     UNION ALL
        SELECT 'p' || partner.commercial_partner_id, orders.date_order, orders.id,
               -- that of an opportunity is handed on to its orders
               CASE WHEN orders.opportunity_id IS NULL THEN source.name END,
               CASE WHEN orders.state = 'sale'
                    THEN orders.amount_untaxed
                         / NULLIF(orders.currency_rate, 0)::numeric END
          FROM sale_order AS orders
          JOIN res_partner AS partner ON partner.id = orders.partner_id
     LEFT JOIN utm_source AS source ON source.id = orders.source_id
         WHERE orders.company_id = %(company)s
    ), numbered AS (
        SELECT *,
               count(amount) OVER (
                   PARTITION BY person ORDER BY moment, rank
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS number
          FROM event
         WHERE moment < %(stop)s
    ), way AS (
        SELECT array_agg(channel ORDER BY moment, rank)
                   FILTER (WHERE channel IS NOT NULL) AS channels,
               array_agg(moment::date ORDER BY moment, rank)
                   FILTER (WHERE channel IS NOT NULL) AS days,
               max(moment)::date AS ended, count(amount) AS won, sum(amount) AS amount
          FROM numbered
      GROUP BY person, number
    ), aged AS (
        SELECT channels, won, amount,
               ARRAY(SELECT ended - day FROM unnest(days) AS day) AS ages
          FROM way
         WHERE channels IS NOT NULL
    )
    SELECT channels, ages, sum(won), count(*), sum(amount)
      FROM aged
  GROUP BY channels, ages
  ORDER BY channels, ages
"""
# Days from a lead to each step, or NULL: of leads that were created in the period.
_REACHED = """
    SELECT CASE WHEN lead.type = 'opportunity'
                THEN COALESCE(lead.date_conversion, lead.create_date)::date END
           - lead.create_date::date,
           sold.proposed::date - lead.create_date::date,
           sold.ordered::date - lead.create_date::date,
           sold.paid - lead.create_date::date
      FROM crm_lead AS lead
CROSS JOIN LATERAL (
           SELECT min(orders.create_date) AS proposed,
                  min(orders.date_order) FILTER (WHERE orders.state = 'sale')
                      AS ordered,
                  min(settled.day) FILTER (WHERE orders.state = 'sale') AS paid
             FROM sale_order AS orders
        LEFT JOIN LATERAL (
                  SELECT max(COALESCE(part.max_date, move.invoice_date)) AS day
                    FROM sale_order_line AS ordered
                    JOIN sale_order_line_invoice_rel AS link
                      ON link.order_line_id = ordered.id
                    JOIN account_move_line AS line ON line.id = link.invoice_line_id
                    JOIN account_move AS move ON move.id = line.move_id
               LEFT JOIN account_move_line AS due
                      ON due.move_id = move.id AND due.display_type = 'payment_term'
               LEFT JOIN account_partial_reconcile AS part
                      ON part.debit_move_id = due.id
                   WHERE ordered.order_id = orders.id
                     AND move.move_type = 'out_invoice'
                     AND move.payment_state IN ('in_payment', 'paid')
                  ) AS settled ON TRUE
            WHERE orders.opportunity_id = lead.id
           ) AS sold
     WHERE (lead.company_id = %(company)s OR lead.company_id IS NULL)
       AND lead.create_date >= %(start)s
       AND lead.create_date < %(stop)s
"""
