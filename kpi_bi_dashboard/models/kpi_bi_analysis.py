import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from ..analytics.cohort_analysis.cohort_analyzer import (
    build_cohorts,
    gross_revenue_retention,
)
from ..analytics.data_models.customer_models import (
    describe_customers,
    find_clusters,
    kept_and_churned,
)
from ..analytics.data_models.lifetime_value import (
    build_history,
    discounted_value,
    fit_amounts,
    fit_purchases,
)
from ..analytics.data_models.purchase_backtest import PURPOSES, back_test

MEASURES = ("customer_acquisition", "churn_rate", "nrr")
MONTH_WEEKS = 365.25 / 12 / 7
YEAR_WEEKS = 365.25 / 7
VALUE_MONTHS = 36
YEARLY_RATE = 0.1  # by which what comes later is worth less
PERCENT = 100


class KpiBiAnalysis(models.AbstractModel):
    """Analyses of a company, one after the other, and the KPIs they yield.

    Another analysis is a name in ``_list_analyses`` with a method
    ``_analyse_<name>(company)``, which stores a ``kpi.bi.result``.
    """

    _name = "kpi.bi.analysis"
    _inherit = ["kpi.external.source"]
    _description = "Executive Analysis"

    @api.model
    def _list_analyses(self):
        """Names of the analyses, in the order in which they need one another."""
        return ["purchases", "customers", "cohorts", "lifetime_value"]

    @api.model
    def _run_analysis(self, name, company, *, is_nightly=False):
        if name == "purchases":
            self.env["kpi.bi.purchase"]._refresh(company, with_lines=is_nightly)
        else:
            getattr(self, f"_analyse_{name}")(company)

    @api.model
    def _store_result(self, company, name, compute, version, **parameters):
        """A result of the purchases up to the last day that counts."""
        results = self.env["kpi.bi.result"]
        purchases = results._find_latest(company, "purchases")
        return results._store(
            company,
            name,
            compute,
            cutoff=self._get_cutoff(company),
            data=purchases.data_hash,
            version=version,
            **parameters,
        )

    @api.model
    def _read(self, company):
        """Purchases up to the last day that counts, and that day."""
        day = self._get_cutoff(company)
        purchases = self.env["kpi.bi.purchase"]._read_purchases(company, day)
        return purchases, np.datetime64(day)

    @api.model
    def _get_cutoff(self, company):
        today = fields.Date.context_today(self)
        return min(company.kpi_bi_cutoff_date or today, today)

    @api.model
    def _analyse_customers(self, company):
        """Write the figures of each customer; a result says how many are in what."""

        def compute():
            purchases, day = self._read(company)
            found = describe_customers(purchases, day)
            clusters = find_clusters(found)
            columns = {
                "id": found.customers,
                "first_date": found.first_days,
                "last_date": found.last_days,
                "recency_days": found.recency_days,
                "frequency": found.frequency,
                "monetary": found.monetary,
                "margin": found.margin,
                "tenure_days": found.tenure_days,
                "churn_state": found.churn_state,
                "health_score": found.health_score,
                "recency_class": found.rfm[:, 0],
                "frequency_class": found.rfm[:, 1],
                "monetary_class": found.rfm[:, 2],
                "segment": found.segment,
                "tier": found.tier,
            }
            if clusters:
                columns["cluster"] = clusters.labels + 1
            self.env["kpi.bi.customer"]._write_figures(company, columns)
            segments = {
                name: {
                    "customers": int(rows.sum()),
                    "revenue": float(found.monetary[rows].sum().round(2)),
                }
                for name in np.unique(found.segment)
                for rows in [found.segment == name]
            }
            return {
                "segments": segments,
                "clusters": clusters
                and {
                    "centres": clusters.centres.tolist(),
                    "silhouettes": {str(k): v for k, v in clusters.silhouettes.items()},
                },
            }, {}

        return self._store_result(company, "customers", compute, 1)

    @api.model
    def _analyse_cohorts(self, company):
        def compute():
            purchases, day = self._read(company)
            found = build_cohorts(purchases, day)
            kept = gross_revenue_retention(purchases, day, found)
            return {
                "months": found.months.astype(str).tolist(),
                "sizes": found.sizes.tolist(),
                "customers": _plain(found.customers),
                "revenue": _plain(found.revenue),
                "margin": _plain(found.margin),
                "gross_retention": _plain(kept),
                "mean_retention": _plain(found.mean_retention),
                "mean_value": _plain(found.mean_cumulative_value),
            }, {}

        return self._store_result(company, "cohorts", compute, 1)

    @api.model
    def _analyse_lifetime_value(self, company):
        """Write what each customer will probably buy; a result says how it is known."""

        def compute():
            purchases, day = self._read(company)
            history = build_history(purchases, day)
            model, amounts = fit_purchases(history), fit_amounts(history)
            problem = model.problem or amounts.problem
            figures = {
                "problem": problem,
                "purchases": _parameters(model, ("r", "alpha", "a", "b")),
                "amounts": _parameters(amounts, ("p", "q", "gamma", "correlation")),
            }
            if problem:
                return figures, {}
            value = discounted_value(
                model,
                history,
                amounts.expect_amount(history),
                months=VALUE_MONTHS,
                month=MONTH_WEEKS,
                yearly_rate=YEARLY_RATE,
            )
            expected = model.expect_purchases(history, YEAR_WEEKS)
            self.env["kpi.bi.customer"]._write_figures(
                company,
                {
                    "id": history.customers,
                    "probability_alive": model.probability_alive(history),
                    "expected_purchases": expected,
                    "lifetime_value": value.round(2),
                },
            )
            figures["expected_purchases"] = float(expected.sum())
            figures["value"] = float(value.sum().round(2))
            return {**figures, "back_test": _back_test(purchases, day)}, {}

        return self._store_result(company, "lifetime_value", compute, 1)

    # KPIs

    def _get_measures(self):
        return MEASURES

    def _get_facts(self, definitions, periods):
        reports = definitions.report_ids.filtered(
            lambda report: report.scope_type == "company"
        )
        for company, same in reports.grouped("company_id").items():
            purchases = self.env["kpi.bi.purchase"]._read_purchases(company)
            first = purchases.days[np.unique(purchases.customers, return_index=True)[1]]
            for report in same:
                measure = report.definition_id.external_measure
                for period in periods:
                    if measure == "customer_acquisition":
                        start, stop = map(np.datetime64, (period.start, period.stop))
                        value = int(((first >= start) & (first < stop)).sum())
                    else:
                        value = _retained(purchases, period, measure)
                    yield report.id, period.start, value

    def _get_fingerprints(self, definitions, periods):
        companies = definitions.report_ids.company_id
        rows = self.env.execute_query(SQL(_MONTH_SUMS, companies=companies.ids or [0]))
        return {
            period.start: repr([row for row in rows if row[0] < period.stop])
            for period in periods
        }

    def _explain(self, report, period):
        methods = {
            "customer_acquisition": self.env._(
                "Customers whose first purchase lies in the period."
            ),
            "churn_rate": self.env._(
                "Of the customers who bought in the year before the last one, the share"
                " that did not buy in the last year."
            ),
            "nrr": self.env._(
                "Revenue of the last year of the customers of the year before, as a"
                " share of their revenue then."
            ),
        }
        return {"method": methods[report.definition_id.external_measure]}


def _retained(purchases, period, measure):
    day = np.datetime64(period.stop) - 1
    churn, net, _gross = kept_and_churned(purchases, day)
    value = churn if measure == "churn_rate" else net
    return None if value is None else PERCENT * value


def _back_test(purchases, today):
    try:
        found = back_test(purchases, today)
    except ValueError as error:
        return {"problem": str(error)}
    return {
        "origins": found.origins.astype(str).tolist(),
        "total_errors": _plain(found.total_errors),
        "best": {purpose: found.best(purpose) for purpose in PURPOSES},
        "coverage": found.coverage(found.best("total")),
        "problems": found.problems,
    }


def _parameters(model, names):
    values = {name: getattr(model, name) for name in names}
    return {name: None if np.isnan(one) else one for name, one in values.items()}


def _plain(values):
    """An array as JSON: NaN is null."""
    return np.where(np.isnan(values), None, values).tolist()


_MONTH_SUMS = """
    SELECT date_trunc('month', day)::date, company_id, count(*), sum(amount),
           bit_xor(hash_record_extended(ROW(customer_id, day, amount), 0))
      FROM kpi_bi_purchase
     WHERE company_id = ANY(%(companies)s)
  GROUP BY 1, 2
  ORDER BY 1, 2
"""
