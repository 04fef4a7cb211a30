import hashlib
from dataclasses import asdict

import numpy as np

from odoo import api, models
from odoo.fields import Date
from odoo.tools import SQL, format_date

from ..analytics.data_models.acquisition import find_acquisition
from ..analytics.data_models.attribution import Path, attribute
from ..analytics.data_models.budget import (
    CARRY_OVER,
    HOLDOUT,
    LEAST_PERIODS,
    SHAPES,
    advise,
)
from ..analytics.data_models.marketing_models import build_funnel, rate_steps
from .kpi_bi_analysis_page import _notes, _numbers, _opens, _section

WINDOW_DAYS = 90  # that leads have to be paid in
YEAR_DAYS = 365
YEAR_WEEKS = 52


class KpiBiAnalysis(models.AbstractModel):
    """What channels cost and bring: acquisition, attribution, budget, funnel."""

    _inherit = "kpi.bi.analysis"

    @api.model
    def _list_analyses(self):
        names = super()._list_analyses()
        return [*names, "acquisition", "attribution", "budget", "funnel"]

    @api.model
    def _get_titles(self):
        return {
            **super()._get_titles(),
            "acquisition": self.env._("Acquisition"),
            "attribution": self.env._("Attribution"),
            "budget": self.env._("Budget"),
            "funnel": self.env._("Funnel"),
        }

    @api.model
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

    # Acquisition

    @api.model
    def _analyse_acquisition(self, company):
        """What new customers cost; margins since say when they have paid for it."""
        self.env["kpi.bi.spend"]._refresh_analytic(company)
        names = {}
        spend = self._read_spend(company, names)
        channels = {
            customer: _name(names, channel)
            for customer, channel in self._find_channels(company).items()
            if channel
        }

        def compute():
            return find_acquisition(*self._read(company), spend, channels), {}

        digest = _digest(spend, sorted(channels.items()))
        return self._store_result(company, "acquisition", compute, 1, of=digest)

    @api.model
    def _describe_acquisition(self, result):
        figures = result._get_figures()
        costs = figures["costs"]
        if not costs:
            message = self.env._(
                "Nothing spent yet: enter it under Spend, import it, or choose the plan"
                " of your analytic accounts in the settings."
            )
            return {"sections": [], "message": message}
        names = [self.env._("All customers"), self.env._("Paid channels")]
        names += [one["channel"] for one in costs[2:]]
        opens = [
            one["channel"]
            and _opens("kpi.bi.spend", "open_channel", result.company_id.id, name)
            if place > 1 and one["spend"]
            else None
            for place, (one, name) in enumerate(zip(costs, names, strict=True))
        ]
        margins = figures.get("margin", {}).get("rows", [])
        if all(one["value"] is None for one in margins):
            margins = []
        heads = [
            self.env._("Channel"),
            self.env._("Spend"),
            self.env._("New customers"),
            self.env._("Cost of one"),
        ]
        rows = [
            [
                name,
                self._money_cell(one["spend"]),
                self._count_cell(one["customers"]),
                self._money_cell(one["cost"]),
            ]
            for name, one in zip(names, costs, strict=True)
        ]
        if margins:
            heads += [
                self.env._("Earned by one"),
                self.env._("LTV:CAC"),
                self.env._("Return on spend"),
            ]
            for row, one in zip(rows, margins, strict=True):
                row += [
                    self._money_cell(one["value"]),
                    self._decimal_cell(one["value_to_cost"]),
                    self._share_cell(one["return_on_spend"]),
                ]
        shown = zip(names, costs, opens, strict=True)
        sections = [
            _numbers(
                [
                    (
                        name,
                        self._money_text(one["cost"]),
                        self.env._("Cost of a new customer, last 12 months"),
                    )
                    for name, one in zip(names[:2], costs[:2], strict=True)
                ]
            ),
            _section(
                "ranges",
                self.env._("Cost of a new customer"),
                self.env._(
                    "Spend ÷ customers who bought first in the last twelve full months,"
                    " with the 95 % interval of so many customers."
                ),
                rows=[
                    {
                        **{name: one[name] for name in ("low", "high")},
                        "name": name,
                        "value": one["cost"],
                        "text": self._interval_text(
                            *(one[key] for key in ("cost", "low", "high")),
                            self._money_text,
                        ),
                        "opens": open_,
                    }
                    for name, one, open_ in shown
                    if one["cost"] is not None
                ],
            ),
        ]
        if margins:
            sections.append(
                _section(
                    "ranges",
                    self.env._("Months until a customer has paid for itself"),
                    self.env._(
                        "When the margin since the first purchase reaches the cost, of"
                        " customers of the last three years who had that many months."
                    ),
                    rows=[
                        {
                            "name": name,
                            "low": one["low"],
                            "value": one["payback"],
                            "high": one["high"] or (one["payback"] and one["months"]),
                            "text": self._payback_text(one),
                        }
                        for name, one in zip(names, margins, strict=True)
                    ],
                )
            )
        months = [
            [
                format_date(
                    self.env, f"{one['month']}-01", date_format="LLL yyyy"
                ),
                self._money_cell(one["spend"]),
                self._count_cell(one["customers"]),
                self._money_cell(one["cost"]),
                self._money_cell(one["paid"]),
            ]
            for one in figures["months"]
        ]  # fmt: skip
        return {
            "sections": [
                *sections,
                _section(
                    "table",
                    self.env._("Channels"),
                    heads=heads,
                    rows=rows,
                    opens=opens,
                ),
                _section(
                    "table",
                    self.env._("By month"),
                    heads=[
                        self.env._("Month"),
                        *heads[1:4],
                        self.env._("Cost of one, paid channels"),
                    ],
                    rows=months,
                ),
                _notes(
                    "",
                    [
                        self.env._(
                            "The channel of a customer is the source of the first"
                            " order, else of the first lead. Customers without one"
                            " count in all customers only."
                        ),
                        self.env._("A month without new customers has no cost of one."),
                    ],
                ),
            ]
        }

    @api.model
    def _payback_text(self, one):
        if one["payback"] is None:
            return self.env._("not within %s months", one["months"])
        return self._interval_text(
            one["payback"], one["low"], one["high"], lambda months: str(months or "…")
        )

    # Attribution

    @api.model
    def _analyse_attribution(self, company):
        """Credit of channels by all methods, of imported touches and Odoo's sources."""
        self.env.flush_all()
        stop = Date.add(self._get_cutoff(company), days=1)
        found = self.env.execute_query(SQL(_PATHS, company=company.id, stop=stop))
        names = {}

        def compute():
            paths = [
                Path(
                    tuple(_name(names, one) for one in channels),
                    int(won),
                    people,
                    tuple(map(float, ages)),
                )
                for channels, ages, won, people, _amount in found
            ]
            credit = attribute(paths)
            return {
                "credits": credit.credits,
                "spread": credit.spread,
                "paths": sum(path.people for path in paths),
                "successes": sum(path.successes for path in paths),
                "amount": float(sum(row[-1] or 0 for row in found)),
            }, {}

        return self._store_result(company, "attribution", compute, 1, of=_digest(found))

    @api.model
    def _describe_attribution(self, result):
        figures = result._get_figures()
        credit = figures["credits"]
        if not credit:
            message = self.env._(
                "Nobody has bought who met a channel: give leads and orders a source,"
                " or import touches."
            )
            return {"sections": [], "message": message}
        labels = {
            "exposure": self.env._("By exposure"),
            "first": self.env._("First"),
            "last": self.env._("Last"),
            "linear": self.env._("Linear"),
            "position": self.env._("Position"),
            "time_decay": self.env._("Time decay"),
            "markov": self.env._("Markov"),
            "shapley": self.env._("Shapley"),
        }
        leading = credit["exposure"]
        channels = sorted(leading, key=lambda one: -leading[one])
        ranges = []
        for channel in channels:
            shares = [credit[method][channel] for method in labels]
            one = {"low": min(shares), "value": shares[0], "high": max(shares)}
            text = self._interval_text(
                shares[0], min(shares), max(shares), self._share_text
            )
            ranges.append({"name": channel, "text": text, **one})
        return {
            "sections": [
                _numbers([
                        (name, text)
                        for name, text in (
                            (self.env._("Ways to a purchase, or to none"),
                             self._text_of(figures["paths"])),
                            (self.env._("Purchases"),
                             self._text_of(figures["successes"])),
                            (self.env._("Bought for"),
                             self._money_text(figures["amount"])),
                        )
                    ]),
                _section(
                    "ranges",
                    self.env._("Share of purchases"),
                    self.env._(
                        "By exposure, the method nearest to known effects in simulated"
                        " paths; the bar is how far all methods are apart."
                    ),
                    rows=ranges,
                ),
                _section(
                    "table",
                    self.env._("All methods"),
                    heads=[
                        self.env._("Channel"),
                        *labels.values(),
                        self.env._("Bought for, by exposure"),
                    ],
                    rows=[
                        [
                            channel,
                            *(self._share_cell(credit[one][channel]) for one in labels),
                            self._money_cell(leading[channel] * figures["amount"]),
                        ]
                        for channel in channels
                    ],
                ),
                _notes("", [
                        self.env._(
                            "Not causal: who would have bought anyway meets channels,"
                            " too. Only a trial with and without a channel shows what"
                            " it brings."
                        ),
                        self.env._(
                            "Where methods are far apart, the data do not tell the"
                            " share of the channel."
                        ),
                    ]),
            ]
        }  # fmt: skip

    # Budget

    @api.model
    def _analyse_budget(self, company):
        """Moves of spend that all models agree on that fit as well as the best."""
        spend = self._read_spend(company, {})

        def compute():
            purchases, day = self._read(company)
            return _find_moves(purchases, day, spend), {}

        return self._store_result(company, "budget", compute, 1, of=_digest(spend))

    @api.model
    def _describe_budget(self, result):
        figures = result._get_figures()
        fits, channels = figures["fits"], figures["channels"]
        problems = {
            "weeks": self.env._(
                "The data cannot tell: weekly spend of %(least)s weeks is needed, there"
                " are %(count)s.",
                least=LEAST_PERIODS,
                count=figures["weeks"],
            ),
            "months": self.env._(
                "The data cannot tell: spend is not known week by week."
            ),
            "revenue": self.env._(
                "The data cannot tell: nothing was sold in the last 26 weeks."
            ),
            "naive": self.env._(
                "The data cannot tell: no model is better than repeating the same weeks"
                " of last year."
            ),
            "disagree": self.env._(
                "The data cannot tell: models that fit as well disagree."
            ),
        }
        sections = []
        if figures["problem"]:
            notes = [problems[figures["problem"]]]
            sections.append(_notes("", notes))
        if not fits:
            return {"sections": sections}
        returns = {
            channel: [fit["returns"][place] for fit in fits]
            for place, channel in enumerate(channels)
        }
        texts = {
            channel: self._interval_text(
                some[0], min(some), max(some), self._money_text
            )
            for channel, some in returns.items()
        }
        ends = [
            (self.env._("Models that fit as well as the best"),
             self.env._("%(count)s of %(tried)s", count=len(fits),
                        tried=figures["tried"])),
            (self.env._("Missed in the last 26 weeks"),
             self._share_text(fits[0]["error"])),
            (self.env._("Same weeks of last year missed"),
             self._share_text(figures["naive_error"])),
        ]  # fmt: skip
        sections.append(_numbers(ends))
        if figures["moves"]:
            sections.append(
                _section(
                    "table",
                    self.env._("Moves of spend that all of them agree on"),
                    self.env._("Revenue that one more %s of spend brings, as modelled.",
                               result.company_id.currency_id.name),
                    heads=[self.env._("From"), self.env._("Brings"),
                           self.env._("To"), self.env._("Brings")],
                    rows=[
                        [one, texts[one], other, texts[other]]
                        for one, other in figures["moves"]
                    ],
                )
            )  # fmt: skip
        rows = [
            {"name": channel, "low": min(some), "value": some[0], "high": max(some),
             "text": texts[channel],
             "opens": _opens("kpi.bi.spend", "open_channel", result.company_id.id,
                             channel)}
            for channel, some in returns.items()
        ]  # fmt: skip
        return {
            "sections": [
                *sections,
                _section(
                    "ranges",
                    self.env._("What one more unit of spend brings"),
                    self.env._("The best model, and how far all that fit are apart."),
                    rows=rows,
                ),
                _notes(
                    "",
                    [
                        self.env._(
                            "Not causal: revenue that follows spend need not come from"
                            " it. Try a move in one region first."
                        )
                    ],
                ),
            ]
        }

    # Funnel

    @api.model
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
            days = {"since": str(start), "until": str(stop)}
            return {"steps": [asdict(step) for step in steps], **days}, {}

        return self._store_result(
            company, "funnel", compute, 1, of=_digest(visits, found)
        )

    @api.model
    def _describe_funnel(self, result):
        figures = result._get_figures()
        steps = figures["steps"]
        if not any(step["count"] for step in steps):
            message = self.env._(
                "No leads that are %s days old: they come from CRM, visits from the"
                " entries and files of Spend.",
                WINDOW_DAYS,
            )
            return {"sections": [], "message": message}
        labels = {
            "visit": self.env._("Visit"),
            "lead": self.env._("Lead"),
            "qualified": self.env._("Qualified"),
            "proposal": self.env._("Proposal"),
            "order": self.env._("Order"),
            "paid": self.env._("Paid"),
        }
        texts = {
            step["name"]: self._interval_text(
                step["rate"], step["low"], step["high"], self._share_text
            )
            for step in steps
            if step["rate"] is not None
        }
        bottleneck = [
            self.env._(
                "Bottleneck: from %(before)s to %(step)s come %(rate)s.",
                before=labels[before["name"]],
                step=labels[step["name"]],
                rate=texts[step["name"]],
            )
            for before, step in zip(steps, steps[1:], strict=False)
            if step["is_bottleneck"]
        ]
        return {
            "sections": [
                _notes(
                    "",
                    bottleneck
                    or [self.env._("No bottleneck is clear: intervals overlap.")],
                ),
                _section(
                    "bars",
                    self.env._("Leads and what became of them"),
                    self.env._(
                        "Leads from %(since)s to %(until)s; each had %(days)s days.",
                        since=format_date(self.env, figures["since"]),
                        until=format_date(self.env, figures["until"]),
                        days=WINDOW_DAYS,
                    ),
                    rows=[
                        {
                            "name": labels[step["name"]],
                            "value": step["count"],
                            "text": self._text_of(step["count"]),
                        }
                        for step in steps
                    ],
                ),
                _section(
                    "table",
                    self.env._("From step to step"),
                    self.env._("With the 95 % interval of the share (Wilson)."),
                    heads=[
                        self.env._("Step"),
                        self.env._("Came so far"),
                        self.env._("Of the step before"),
                    ],
                    rows=[
                        [
                            labels[step["name"]],
                            self._count_cell(step["count"]),
                            texts.get(step["name"], "–"),
                        ]
                        for step in steps
                    ],
                ),
            ]
        }


def _name(names, channel):
    """The channel as it is written where it is met first."""
    return names.setdefault(channel.strip().casefold(), channel.strip())


def _digest(*inputs):
    return hashlib.sha256(repr(inputs).encode()).hexdigest()


def _find_moves(purchases, day, spend):
    """Advice on spend by full weeks, as JSON; ``problem`` names why there is none."""
    channels = sorted({channel for channel, _day, _amount in spend})
    when = np.array([one for _channel, one, _amount in spend], "datetime64[D]")
    weeks, sold = _weeks(when), _weeks(purchases.days)
    first = int(weeks.min(initial=0 if not len(weeks) else weeks.max()))
    last = min(int(weeks.max(initial=first)), int(_weeks(day + 1)) - 1)
    count = last - first + 1 if spend else 0
    figures = {"channels": channels, "weeks": max(count, 0), "fits": [], "moves": []}
    if count < LEAST_PERIODS:
        return {**figures, "problem": "weeks"}
    amounts = np.zeros((len(channels), count))
    for (channel, _day, amount), week in zip(spend, weeks, strict=True):
        if week <= last:
            amounts[channels.index(channel), week - first] += amount
    if 2 * amounts.any(axis=0).sum() < count:
        return {**figures, "problem": "months"}
    rows = (sold >= first) & (sold <= last)
    revenue = np.bincount(sold[rows] - first, purchases.amounts[rows], count)
    if not revenue[-HOLDOUT:].any() or revenue.sum() <= 0:
        return {**figures, "problem": "revenue"}  # errors are shares of it
    found = advise(tuple(channels), amounts, revenue, YEAR_WEEKS)
    is_naive = found.fits and found.fits[0].error >= found.naive_error
    return {
        **figures,
        "tried": len(CARRY_OVER) * len(SHAPES),
        "fits": [
            {
                "carry_over": fit.carry_over,
                "shape": fit.shape,
                "error": fit.error,
                "shares": fit.shares.tolist(),
                "returns": fit.returns.tolist(),
            }
            for fit in found.fits
        ],
        "naive_error": found.naive_error,
        "moves": found.moves,
        "problem": ("naive" if is_naive else "disagree") if found.problem else "",
    }


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
