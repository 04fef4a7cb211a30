import hashlib
from collections import Counter

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from odoo.addons.kpi_tracking_analytics.analytics.survival import kaplan_meier

from ..analytics.cohort_analysis import cohort_analyzer
from ..analytics.dashboard.dashboard_config import bi_config
from ..analytics.data_models import customer_models, lifetime_value
from ..analytics.data_models.customer_margin import MonthlyMargins
from ..analytics.data_models.customer_models import (
    STATES,
    YEAR_DAYS,
    describe_customers,
    kept_and_churned,
    sum_up,
)
from ..analytics.data_models.kpi_models import CHOICES, CODES, AlertRule
from ..analytics.data_models.purchase_backtest import PURPOSES, back_test
from ..analytics.data_models.purchases import find_begins
from ..analytics.plain import plain
from .page import Page

ANALYST = "kpi_bi_dashboard.kpi_bi_dashboard_group_analyst"
# of results that are read together
SHOWN = ["analysis", "company_id", "cutoff_date", "computed_at", "figures"]
MONTH_WEEKS = 365.25 / 12 / 7
YEAR_WEEKS = 365.25 / 7
VALUE_MONTHS = 36
YEARS_AHEAD = 3  # of how long customers stay
YEARLY_RATE = 0.1  # by which what comes later is worth less
PERCENT = 100
WEEK = 7
QUARTER_WEEKS = 13
MOST = 12  # regions, channels or categories; the others together
NEWEST = 12  # cohorts of each


class KpiBiAnalysis(models.AbstractModel):
    """Analyses of a company, the KPIs they yield, and rules that watch KPIs.

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
            "movements": self.env._("Revenue Movements"),
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
        self, company, name, compute, *, data=None, of=None, **parameters
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
        """Write all figures of each customer at once; two results, of what they did and
        of what they will probably do, say how many are in what, and how it is known.

        The results are of the same data, so neither is computed without the other.
        """
        columns = {}

        def describe():
            purchases, day = self._read(company)
            found = describe_customers(purchases, day)
            columns.update(id=found.customers, **vars(found))
            del columns["customers"]
            classes = ("recency_class", "frequency_class", "monetary_class")
            columns.update(zip(classes, columns.pop("rfm").T, strict=True))
            in_state = {one: int((found.churn_state == one).sum()) for one in STATES}
            margins = {
                one: found.margin[found.segment == one].sum().round(2)
                for one in np.unique(found.segment)
            }
            return {
                "segments": sum_up(found, found.segment),
                "tiers": sum_up(found, found.tier),
                "states": in_state,
                "migration": _moves(purchases, day, found),
                "margin": {"segments": margins},
            }

        def expect():
            figures, expected = self._expect_purchases(*self._read(company))
            columns.update(expected)
            return figures

        result = self._store_result(company, "customers", describe)
        self._store_result(company, "lifetime_value", expect)
        if columns:
            day = self._get_cutoff(company)
            self.env["kpi.bi.customer"]._replace_figures(company, day, columns)
        return result

    # what one of them writes of customers, the other one must not leave as it was
    _analyse_lifetime_value = _analyse_customers

    def _expect_purchases(self, purchases, day):
        """What customers will probably buy: figures of all, and columns of each, none
        where the models have a problem."""
        history = lifetime_value.build_history(purchases, day)
        model = lifetime_value.fit_purchases(history)
        amounts = lifetime_value.fit_amounts(history)
        figures = {
            "problem": model.problem or amounts.problem,
            "purchases": _parameters(model, "r alpha a b"),
            "amounts": _parameters(amounts, "p q gamma correlation"),
        }
        if figures["problem"]:
            return figures, {}
        value = lifetime_value.discounted_value(
            model,
            history,
            amounts.expect_amount(history),
            months=VALUE_MONTHS,
            month=MONTH_WEEKS,
            yearly_rate=YEARLY_RATE,
        )
        expected = model.expect_purchases(history, YEAR_WEEKS)
        quarter = model.expect_purchases(history, QUARTER_WEEKS).sum()
        columns = {
            # who bought once is active for the model, whatever the silence
            "probability_alive": np.where(
                history.repeats > 0, model.probability_alive(history), np.nan
            ),
            "expected_purchases": expected,
            "lifetime_value": value.round(2),
        }
        return {
            **figures,
            "expected_purchases": expected.sum(),
            "of_new_customer": model.expect_of_new_customer(YEAR_WEEKS),
            "value": value.sum().round(2),
            "back_test": _back_test(purchases, day, quarter),
        }, columns

    def _analyse_cohorts(self, company):
        def compute():
            purchases, day = self._read(company)
            found = cohort_analyzer.build_cohorts(purchases, day)
            kept = cohort_analyzer.gross_revenue_retention(purchases, day, found)
            margin = MonthlyMargins(purchases, day).accumulate()
            return {
                **_parameters(found, "months sizes customers revenue mean_retention"),
                "gross_retention": kept,
                "mean_value": found.mean_cumulative_value,
                "mean_net": _weigh(found.net_revenue_retention, found.revenue),
                "mean_gross": _weigh(kept, found.revenue),
                "lives": _describe_lives(describe_customers(purchases, day)),
                "margin": {
                    "months": found.margin,
                    "mean_value": margin.mean,
                },
            }

        self._store_result(company, "cohorts", compute)
        for by in GROUPS:
            self._analyse_cohorts_by(company, by)

    def _analyse_cohorts_by(self, company, by):
        """Cohorts of each region, channel or category: the largest ones, and others."""

        def compute():
            purchases, day = self._read(company)
            names = {one: name for one, name in groups.items() if name}
            largest = [name for name, _n in Counter(names.values()).most_common(MOST)]
            other, unknown = self.env._("Others"), self.env._("Unknown")
            shown = {
                one: name if name in largest else other for one, name in names.items()
            }
            found = cohort_analyzer.build_cohorts(purchases, day, shown)
            order = [*largest, other, ""]
            parts = [
                (name or unknown, found.select(np.array(found.names, object) == name))
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

    def _get_measures(self):
        return ("customer_acquisition", "churn_rate", "nrr")

    def _get_scope_types(self, measure):
        return ("company",)

    def _get_facts(self, definitions, periods):
        today = np.datetime64(fields.Date.context_today(self))
        for company, same in definitions.report_ids.grouped("company_id").items():
            purchases = self.env["kpi.bi.purchase"]._read_purchases(company)
            bought = purchases.bought
            first = bought.days[find_begins(bought.customers)]
            for report in same:
                measure = report.definition_id.external_measure
                for period in periods:
                    if measure == "customer_acquisition":
                        start, stop = map(np.datetime64, (period.start, period.stop))
                        value = int(((first >= start) & (first < stop)).sum())
                    else:
                        # the year of a running period ends today
                        day = min(np.datetime64(period.stop) - 1, today)
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

    def _get_first_days(self, definitions):
        """The day of the first purchase in each company."""
        reports = definitions.report_ids
        groups = self.env["kpi.bi.purchase"]._read_group(
            [("company_id", "in", reports.company_id.ids)], ["company_id"], ["day:min"]
        )
        days = dict(groups)
        return {report.id: days.get(report.company_id) for report in reports}

    def _explain(self, report, period):
        words = Page(self.env).words("measures")["methods"]
        return {"method": words[report.definition_id.external_measure]}

    def _find_reports(self, company, codes):
        """KPIs of the whole company, as far as the user sees them."""
        whole = [("company_id", "=", company.id), ("scope_type", "=", "company")]
        named = ("definition_id.code", "in", codes)
        return self.env["kpi.report"].search([*whole, named])

    def _find_metrics(self, metrics):
        """Metric → the KPI of the company that it names, as far as the user sees it."""
        codes = [*metrics, *CODES.values()]
        reports = self._find_reports(self.env.company, codes)
        known = {report.code: report for report in reports}
        found = {one: known.get(one) or known.get(CODES.get(one)) for one in metrics}
        return {metric: report for metric, report in found.items() if report}

    def _read_metrics(self, metrics):
        """Metric → its latest value, judged: what ``KpiReading`` is made of."""
        names = {
            "value": "current_value", "previous": "previous_value",
            "target": "target_value", "achievement": "achievement",
        }  # fmt: skip
        rows = {}
        for metric, report in self._find_metrics(metrics).items():
            (row,) = report.read(["code", "unit", "direction", "status"], load=None)
            row.pop("id")
            for name, path in names.items():
                is_known = report._fields[path].known(report)
                row[name] = report[path] if is_known else None
            row["name"] = report.definition_id.name
            row["period_start"] = str(report.current_period_start or "") or None
            rows[metric] = row
        return rows

    def _find_newest(self, names=None):
        """Analysis → its newest result of the company, by one statement.

        :param names: of the analyses; None = all, in the order of the run
        """
        names = self._list_analyses() if names is None else names
        results = self.env["kpi.bi.result"]
        results.check_access("read")
        newest = results._get_newest_domain(self.env.company, names)
        # who may read results reads of their figures what _get_figures() gives
        found = results.sudo().search_fetch(newest, SHOWN)
        known = found.sudo(False).grouped("analysis")
        return {name: known[name] for name in names if name in known}

    def _load_config(self, kpi_config, alert_rules):
        """Turn on the KPIs that a configuration names, and bring its rules, off.

        :return: codes of ``kpis``, names of ``alerts``, metrics that are ``missing``
        """
        rules = [AlertRule(**rule) for rule in alert_rules]
        metrics = {*sum(kpi_config["kpi_categories"].values(), [])}
        metrics |= {rule.metric for rule in rules}
        new = metrics - self._find_metrics(metrics).keys()
        codes = [CODES.get(metric, metric) for metric in new]
        ready = self.env["kpi.gallery.kpi"].search([("code", "in", codes)])
        if available := ready.filtered(lambda kpi: kpi.state in ("off", "on")):
            # with the rules of this configuration, not with the usual ones
            available.with_context(kpi_bi_without_rules=True)._turn_on()
        found = self._find_metrics(metrics)
        minutes = kpi_config.get("alert_cooldown_minutes", 60)
        return {
            "kpis": sorted(report.code for report in found.values()),
            "alerts": self._bring_rules(rules, minutes).mapped("name"),
            "missing": sorted(metrics - found.keys()),
        }

    @api.model
    def _name_own_kpis(self):
        """Have own KPIs be on the board where their code is a word of reports."""
        ready = self.env.ref("kpi_bi_dashboard.kpi_gallery_dashboard_executive")
        ready.own_codes = {code: word for word, code in CODES.items()}

    def _turn_on(self, definitions):
        """Bring the rules on KPIs that the company has."""
        if not self.env.context.get("kpi_bi_without_rules"):
            rules = bi_config.get_config()["alert_rules"]
            self._bring_rules([AlertRule(**rule) for rule in rules])

    def _bring_rules(self, rules, cooldown_minutes=60):
        """Rules that the company does not have yet, off until somebody turns them on.

        Those whose KPI nobody tracks are left out.
        """
        # Of two who turn them on at once, the second sees those of the first.
        self.env["kpi.claim"]._claim(f"rules of company {self.env.company.id}")
        found = self._find_metrics([rule.metric for rule in rules])
        company = self.env.company
        here = [("company_id", "in", [company.id, False])]
        known = self.env["kpi.smart.alert"].search(here).mapped("name")
        entries = [
            {
                "name": rule.name,
                "kpis": [found[rule.metric].code],
                "alert_type": "threshold_breach",
                **{name: getattr(rule, name) for name in ("threshold", *CHOICES)},
                "alert_cooldown_minutes": cooldown_minutes,
            }
            for rule in rules
            if rule.metric in found and rule.name not in known
        ]
        return self.env["kpi.pack"]._import({"alerts": entries}, company)["alerts"]

    def _queue_run(self):
        """The job that brings the analyses of the company up to date, for analysts."""
        if not self.env.user.has_group(ANALYST):
            raise AccessError(self.env._("Only analysts can update the analyses."))
        # Who analyses does not run jobs; this one is of a company of theirs.
        return self.env["kpi.job"].sudo()._enqueue_bi(self.env.company)

    def _find_run(self, run_id):
        """A run of the company, or nothing."""
        domain = [("id", "=", run_id), ("bi_company_id", "=", self.env.company.id)]
        # Readers of results are no officers, and may know when the next ones come.
        return self.env["kpi.job"].sudo().search(domain)


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
    years = [curve.survival[at] if at >= 0 else 1.0 for at in last]
    return {
        "median": curve.time_until(0.5),
        "interval": curve.median_interval(),
        "years": years,
        "expected": _expect_years(years),
    }


def _expect_years(years):
    """Share that is still there in the years after these, by sBG; none of a single
    year, or where the model has no answer."""
    if len(years) < 2:
        return []
    model = lifetime_value.fit_retention(np.array([1.0, *years]))
    shares = model.survival(len(years) + YEARS_AHEAD)
    return [] if model.problem else shares[-YEARS_AHEAD:]


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
