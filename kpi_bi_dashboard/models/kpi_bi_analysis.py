import hashlib
from collections import Counter
from dataclasses import replace

import numpy as np

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking_analytics.analytics.survival import kaplan_meier

from ..analytics.cohort_analysis import cohort_analyzer
from ..analytics.data_models import customer_models, lifetime_value
from ..analytics.data_models.customer_models import (
    STATES,
    YEAR_DAYS,
    describe_customers,
    kept_and_churned,
    sum_up,
)
from ..analytics.data_models.purchase_backtest import PURPOSES, back_test
from ..analytics.data_models.purchases import find_begins
from ..analytics.plain import plain
from .page import Page

MEASURES = ("customer_acquisition", "churn_rate", "nrr")
MONTH_WEEKS = 365.25 / 12 / 7
YEAR_WEEKS = 365.25 / 7
VALUE_MONTHS = 36
YEARLY_RATE = 0.1  # by which what comes later is worth less
PERCENT = 100
WEEK = 7
QUARTER_WEEKS = 13
MOST = 12  # regions, channels or categories; the others together
NEWEST = 12  # cohorts of each
# of a customer, as the analysis and the model call them
FIGURES = (
    "recency_days", "frequency", "monetary", "margin", "tenure_days", "churn_state",
    "health_score", "segment", "tier",
)  # fmt: skip


class KpiBiAnalysis(models.AbstractModel):
    """Analyses of a company, one after the other, and the KPIs they yield.

    Another analysis is a name in ``_get_titles`` with a method
    ``_analyse_<name>(company)``, which stores a ``kpi.bi.result``.
    """

    _name = "kpi.bi.analysis"
    _inherit = ["kpi.external.source"]
    _description = "Executive Analysis"

    def _get_titles(self):
        """Title of each analysis, in the order in which they need one another."""
        return {
            "purchases": self.env._("Purchases"),
            "customers": self.env._("Segments"),
            "cohorts": self.env._("Cohorts"),
            "lifetime_value": self.env._("Lifetime Value"),
            "market": self.env._("Market"),
            "performance": self.env._("Performance"),
            "pipeline": self.env._("Pipeline"),
            "pipeline_change": self.env._("What Changed"),
            "revenue_forecast": self.env._("Revenue Forecast"),
            "bridge": self.env._("Bridge to the Ledger"),
            "acquisition": self.env._("Acquisition"),
            "attribution": self.env._("Attribution"),
            "budget": self.env._("Budget"),
            "funnel": self.env._("Funnel"),
            "findings": self.env._("What Changed"),
        }

    def _list_analyses(self):
        return [*self._get_titles()]

    def _run_analysis(self, name, company, *, is_nightly=False):
        if name == "purchases":
            self.env["kpi.bi.purchase"]._refresh(company, with_lines=is_nightly)
        else:
            getattr(self, f"_analyse_{name}")(company)

    def _store_result(
        self, company, name, compute, version=1, *, data=None, of=None, **parameters
    ):
        """A result up to the last day that counts, of the figures of ``compute()``.

        :param data: JSON that differs where the data do; by default the hash of the
            purchases
        :param of: what else it is made of, by its ``repr``
        """
        if of is not None:
            parameters["of"] = hashlib.sha256(repr(of).encode()).hexdigest()
        results = self.env["kpi.bi.result"]
        if data is None:
            data = results._find_latest(company, "purchases").data_hash
        return results._store(
            company,
            name,
            lambda: (plain(compute()), {}),
            cutoff=self._get_cutoff(company),
            data=data,
            version=version,
            **parameters,
        )

    def _store_figures(self, company, name, figures):
        """A result that is as quickly computed as compared."""
        figures = plain(figures)
        return self._store_result(company, name, lambda: figures, data=figures)

    def _read(self, company):
        """Purchases up to the last day that counts, and that day."""
        day = self._get_cutoff(company)
        purchases = self.env["kpi.bi.purchase"]._read_purchases(company, day)
        return purchases, np.datetime64(day)

    def _get_cutoff(self, company):
        today = fields.Date.context_today(self)
        return min(company.kpi_bi_cutoff_date or today, today)

    def _analyse_customers(self, company):
        """Write the figures of each customer; a result says how many are in what."""

        def compute():
            purchases, day = self._read(company)
            found = describe_customers(purchases, day)
            columns = {"id": found.customers}
            columns |= {name: getattr(found, name) for name in FIGURES}
            columns |= {"first_date": found.first_days, "last_date": found.last_days}
            classes = ("recency_class", "frequency_class", "monetary_class")
            columns |= zip(classes, found.rfm.T, strict=True)
            if clusters := customer_models.find_clusters(found):
                columns["cluster"] = clusters.labels + 1
            self.env["kpi.bi.customer"]._write_figures(company, columns)
            in_state = {one: int((found.churn_state == one).sum()) for one in STATES}
            margins = {
                one: found.margin[found.segment == one].sum().round(2)
                for one in np.unique(found.segment)
            }
            return {
                "segments": sum_up(found, found.segment),
                "tiers": sum_up(found, found.tier),
                "states": in_state,
                "health": found.health_score.mean() if len(found.customers) else 0,
                "clusters": clusters and _describe_clusters(found, clusters),
                "migration": _moves(purchases, day, found),
                "margin": {"segments": margins},
            }

        return self._store_result(company, "customers", compute, 2)

    def _analyse_cohorts(self, company):
        def compute():
            purchases, day = self._read(company)
            found = cohort_analyzer.build_cohorts(purchases, day)
            kept = cohort_analyzer.gross_revenue_retention(purchases, day, found)
            is_known = found.is_over & ~np.isnan(found.margin)
            of_margin = replace(found, revenue=found.margin, is_over=is_known)
            return {
                **_parameters(found, "months sizes customers revenue mean_retention"),
                "gross_retention": kept,
                "mean_value": found.mean_cumulative_value,
                "mean_net": _weigh(found.net_revenue_retention, found.revenue),
                "mean_gross": _weigh(kept, found.revenue),
                "lives": _describe_lives(describe_customers(purchases, day)),
                "margin": {
                    "months": found.margin,
                    "mean_value": of_margin.mean_cumulative_value,
                },
            }

        result = self._store_result(company, "cohorts", compute, 2)
        for by in GROUPS:
            self._analyse_cohorts_by(company, by)
        return result

    def _analyse_cohorts_by(self, company, by):
        """Cohorts of each region, channel or category: the largest ones, and others."""

        def compute():
            purchases, day = self._read(company)
            names = {one: name for one, name in groups.items() if name}
            largest = [name for name, _n in Counter(names.values()).most_common(MOST)]
            other, unknown = self.env._("Others"), self.env._("Not known")
            shown = {
                one: name if name in largest else other for one, name in names.items()
            }
            ids = np.unique(purchases.customers).tolist()
            found = cohort_analyzer.build_cohorts(
                purchases, day, {one: shown.get(one, unknown) for one in ids}
            )
            order = [*largest, other, unknown]
            parts = [
                (name, found.select(np.array(found.names, object) == name))
                for name in sorted({*found.names}, key=order.index)
            ]
            return {
                "months": np.unique(found.months),
                "mean_retention": found.mean_retention,
                "groups": [
                    {
                        "name": name,
                        "customers": part.sizes.sum(),
                        "retention": part.mean_retention,
                        "value": part.mean_cumulative_value,
                    }
                    for name, part in parts
                ],
                "cohorts": [
                    {"name": name, "month": month, "customers": size, "retention": row}
                    for name, part in parts[:MOST]
                    for month, size, row in [
                        *zip(part.months, part.sizes, part.retention, strict=True)
                    ][-NEWEST:]
                ],
            }

        groups = self._find_groups(company, by)
        of = sorted(groups.items())
        return self._store_result(company, f"cohorts:{by}", compute, by=by, of=(of,))

    def _find_groups(self, company, by):
        """Customer → its group: a name, or nothing where it is not known.

        * ``region``: the state in the company's own country, else the country
        * ``channel``: source of the first order, else of the first lead
        * ``category``: that of most of the first day's revenue
        """
        model, statement = GROUPS[by]
        self.env.flush_all()
        country = company.country_id.id or None
        query = SQL(statement, company=company.id, country=country)
        rows = self.env.execute_query(query)
        known = self.env[model].browse({one for _id, one, _name in rows if one})
        names = {one.id: one.display_name for one in known.exists()}
        return {customer: name or names.get(one) for customer, one, name in rows}

    def _analyse_lifetime_value(self, company):
        """Write what each customer will probably buy; a result says how it is known."""

        def compute():
            purchases, day = self._read(company)
            history = lifetime_value.build_history(purchases, day)
            model = lifetime_value.fit_purchases(history)
            amounts = lifetime_value.fit_amounts(history)
            problem = model.problem or amounts.problem
            figures = {
                "problem": problem,
                "purchases": _parameters(model, "r alpha a b"),
                "amounts": _parameters(amounts, "p q gamma correlation"),
            }
            if problem:
                return figures
            value = lifetime_value.discounted_value(
                model,
                history,
                amounts.expect_amount(history),
                months=VALUE_MONTHS,
                month=MONTH_WEEKS,
                yearly_rate=YEARLY_RATE,
            )
            expected = model.expect_purchases(history, YEAR_WEEKS)
            columns = {
                "id": history.customers,
                "probability_alive": model.probability_alive(history),
                "expected_purchases": expected,
                "lifetime_value": value.round(2),
            }
            self.env["kpi.bi.customer"]._write_figures(company, columns)
            quarter = model.expect_purchases(history, QUARTER_WEEKS).sum()
            return {
                **figures,
                "expected_purchases": expected.sum(),
                "value": value.sum().round(2),
                "back_test": _back_test(purchases, day, quarter),
            }

        return self._store_result(company, "lifetime_value", compute, 2)

    def _get_measures(self):
        return MEASURES

    def _get_facts(self, definitions, periods):
        reports = definitions.report_ids.filtered(
            lambda report: report.scope_type == "company"
        )
        for company, same in reports.grouped("company_id").items():
            purchases = self.env["kpi.bi.purchase"]._read_purchases(company)
            first = purchases.days[find_begins(purchases.customers)]
            for report in same:
                measure = report.definition_id.external_measure
                for period in periods:
                    if measure == "customer_acquisition":
                        start, stop = map(np.datetime64, (period.start, period.stop))
                        value = int(((first >= start) & (first < stop)).sum())
                    else:
                        day = np.datetime64(period.stop) - 1
                        churn, net, _gross = kept_and_churned(purchases, day)
                        value = churn if measure == "churn_rate" else net
                        value = value and PERCENT * value
                    yield report.id, period.start, value

    def _get_fingerprints(self, definitions, periods):
        companies = definitions.report_ids.company_id
        rows = self.env.execute_query(SQL(_MONTH_SUMS, companies=companies.ids or [0]))
        return {
            period.start: repr([row for row in rows if row[0] < period.stop])
            for period in periods
        }

    def _explain(self, report, period):
        words = Page(self.env).words("measures")["methods"]
        return {"method": words[report.definition_id.external_measure]}


def _describe_clusters(found, clusters):
    raw = np.column_stack([found.recency_days, found.frequency, found.monetary])
    return {
        **_parameters(clusters, "centres silhouettes"),
        "sizes": np.bincount(clusters.labels),
        "medians": np.median(raw, axis=0),
    }


def _moves(purchases, day, found):
    """From segment to segment since a quarter ago; None where nobody was there then."""
    since = day - QUARTER_WEEKS * WEEK
    before = describe_customers(purchases, since)
    if not len(before.customers):
        return None
    segments = (
        dict(zip(one.customers.tolist(), one.segment.tolist(), strict=True))
        for one in (before, found)
    )
    counts = customer_models.migration(*segments, customer_models.SEGMENTS)
    return {"since": since, "counts": counts}


def _weigh(shares, revenue):
    """Means of shares over cohorts, weighted by the revenue of their first months."""
    known = ~np.isnan(shares)
    weights = np.where(known, np.maximum(revenue[:, :1], 0), 0)
    total = weights.sum(axis=0)
    sums = (np.where(known, shares, 0) * weights).sum(axis=0)
    return np.divide(sums, total, out=np.full(len(total), np.nan), where=total > 0)


def _describe_lives(found):
    """How long customers stay; nothing before one has left."""
    has_churned = found.recency_days >= YEAR_DAYS  # a year after the last purchase
    since = np.where(has_churned, found.recency_days - YEAR_DAYS, 0)
    curve = kaplan_meier(found.tenure_days - since, has_churned)
    if not len(curve.times):
        return None
    ends = np.arange(YEAR_DAYS, found.tenure_days.max() + 1, YEAR_DAYS)
    last = np.searchsorted(curve.times, ends, "right") - 1
    return {
        "median": curve.time_until(0.5),
        "interval": curve.median_interval(),
        "years": [curve.survival[at] if at >= 0 else 1.0 for at in last],
    }


def _back_test(purchases, today, expected):
    """:param expected: purchases of the next quarter by the model"""
    try:
        found = back_test(purchases, today)
    except ValueError as error:
        return {"problem": str(error)}
    return {
        **_parameters(found, "origins total_errors problems"),
        "best": {purpose: found.best(purpose) for purpose in PURPOSES},
        "coverage": found.coverage(found.best("total")),
        "ranges": [
            {"method": "bg_nbd", "low": low, "value": expected, "high": high}
            for low, high in [found.interval("bg_nbd", expected)]
            if not np.isnan(low)
        ],
    }


def _parameters(model, names):
    return {name: getattr(model, name) for name in names.split()}


_MONTH_SUMS = """
    SELECT date_trunc('month', day)::date, company_id, count(*), sum(amount),
           bit_xor(hash_record_extended(ROW(customer_id, day, amount), 0))
      FROM kpi_bi_purchase
     WHERE company_id = ANY(%(companies)s)
  GROUP BY 1, 2
  ORDER BY 1, 2
"""
_REGIONS = """
    SELECT customer.id, partner.country_id,
           CASE WHEN partner.country_id = %(country)s THEN state.name END
      FROM kpi_bi_customer AS customer
      JOIN res_partner AS partner ON partner.id = customer.partner_key
 LEFT JOIN res_country_state AS state ON state.id = partner.state_id
     WHERE customer.company_id = %(company)s
"""
# A commercial partner has bought; contacts of it were asked.
_FIRST_SOURCES = """
    SELECT DISTINCT ON (customer.id) customer.id, first.source_id, NULL
      FROM (
            SELECT 1 AS rank, partner_id, date_order AS at, source_id, company_id
              FROM sale_order
             WHERE state = 'sale'
         UNION ALL
            SELECT 2, partner_id, create_date, source_id, company_id
              FROM crm_lead
           ) AS first
      JOIN res_partner AS partner ON partner.id = first.partner_id
      JOIN kpi_bi_customer AS customer
        ON customer.partner_key = partner.commercial_partner_id
     WHERE customer.company_id = %(company)s
       AND (first.company_id = customer.company_id OR first.company_id IS NULL)
       AND first.source_id IS NOT NULL
  ORDER BY customer.id, first.rank, first.at
"""
_FIRST_CATEGORIES = """
    SELECT DISTINCT ON (customer_id) customer_id, category_key, NULL
      FROM kpi_bi_purchase
     WHERE company_id = %(company)s
       AND amount >= 0
  ORDER BY customer_id, day, amount DESC, category_key
"""
GROUPS = {
    "region": ("res.country", _REGIONS),
    "channel": ("utm.source", _FIRST_SOURCES),
    "category": ("product.category", _FIRST_CATEGORIES),
}
