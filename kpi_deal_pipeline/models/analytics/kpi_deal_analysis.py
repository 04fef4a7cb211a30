from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import utc_bounds
from odoo.addons.kpi_base.formatting import format_day, format_number, format_percent
from odoo.addons.kpi_tracking_analytics.analytics.survival import kaplan_meier

from ...analytics.standing import Changes, durations_at
from ...analytics.worth import DRAWS, simulate_worth
from ...engine.kinds import SAMPLE
from .kpi_deal_win_model import clock_days, clock_days_sql, read_columns

PERIODS = 12  # worked out anew each night, since moves can be dated back
COHORT_DAYS = 365
SEED = 20_190_101
PERCENT = 100
BENCHMARKS = {  # what a KPI is → metric, cohort, factor to the KPI's unit
    "win_rate_industry": ("conversion_rate", "industry_avg", PERCENT),
    "win_rate_top": ("conversion_rate", "top_quartile", PERCENT),
    "cycle_industry": ("avg_cycle_days", "industry_avg", 1),
    "cycle_top": ("avg_cycle_days", "top_quartile", 1),
}
PERCENTILES = {"p10": 10, "p50": 50, "p90": 90}
MEASURES = {  # what a KPI can be → how it is worked out and explained
    **dict.fromkeys(("cycle_industry", "cycle_top"), "benchmark"),
    "decision_time": "decision",
    **dict.fromkeys(("expected", *PERCENTILES), "worth"),
    **dict.fromkeys(("win_rate_industry", "win_rate_top"), "benchmark"),
}


@dataclass(frozen=True)
class OpenDeals:
    """Open deals of a company: ``amount`` in its currency, NaN without a rate."""

    agent: np.ndarray
    chance: np.ndarray
    amount: np.ndarray

    def where(self, holds):
        return OpenDeals(*(column[holds] for column in vars(self).values()))


class KpiDealAnalysis(models.AbstractModel):
    """KPIs on deals that no count or sum yields, of companies and of agents.

    An addon adds a number by adding it to ``_get_measures``, with what it is made by:
    the methods ``_find_<made by>_facts`` and ``_explain_<made by>``.
    """

    _name = "kpi.deal.analysis"
    _inherit = ["kpi.external.source"]
    _description = "Deal Analysis"

    @api.model
    def _get_measures(self):
        return MEASURES

    @api.model
    def _get_references(self):
        return BENCHMARKS

    @api.model
    def _can_read_references(self):
        # Rules ask as superuser for the user.
        reader = self.env["kpi.performance.benchmark"].with_user(self.env.uid)
        return reader.has_access("read")

    @api.model
    def _get_scope_types(self, measure):
        is_benchmark = measure in BENCHMARKS
        return ("company",) if is_benchmark else ("company", "user")

    @api.model
    def _get_facts(self, definitions, periods):
        """Deals are read once for all KPIs, periods and agents of a company."""
        shown = self._find_recent(definitions, periods)
        for same in definitions.report_ids.grouped("company_id").values():
            known = {}  # what was read and simulated already
            for report in same:
                find = self._method_of(report, "_find_%s_facts")
                yield from find(report, shown, known)

    @api.model
    def _get_fingerprints(self, definitions, periods):
        """Fingerprints that change once a night, when models learn; none far back."""
        shown = self._find_recent(definitions, periods)
        companies = definitions.report_ids.company_id
        models = self.env["kpi.deal.win.model"].search(
            [("company_id", "in", companies.ids)]
        )
        night = repr([(model.company_id.id, model.learned_at) for model in models])
        return {
            period.start: night if period in shown else "past" for period in periods
        }

    @api.model
    def _explain(self, report, period):
        return self._method_of(report, "_explain_%s")(report, period)

    @api.model
    def _turn_on(self, definitions):
        """Learn from the deals there are before the first values."""
        # Who turns KPIs on has it learned; jobs are the administrators'.
        self.env["kpi.job"].sudo()._enqueue_deal_learning()

    @api.model
    def _find_recent(self, definitions, periods):
        """The ``periods`` that are worked out anew."""
        calendar, grain = definitions[:1].calendar_id, definitions[:1].frequency
        last = calendar._period(grain, calendar._today())
        first = last.start - timedelta(days=(PERIODS - 1) * last.days)
        return [period for period in periods if period.stop > first]

    @api.model
    def _find_decision_facts(self, report, periods, known):
        tz = report.definition_id.calendar_id.tz
        if tz not in known:
            known[tz] = self._changes(report.company_id, tz)
        changes = self._of_scope(known[tz], report)
        return [
            (report.id, period.start, curve.time_until(0.5), None)
            for period in periods
            for curve in [self._decision_curve(changes, report, period)]
        ]

    @api.model
    def _decision_curve(self, changes, report, period):
        """Estimate the time until deals are decided, as it looked at a period's end.

        Deals opened in the ``COHORT_DAYS`` before. Won and lost are both an end: a
        lost deal is not one that may still be won. Those that are open, and those
        cancelled, are censored on the right.

        :return: ``SurvivalCurve`` in days
        """
        calendar = report.definition_id.calendar_id
        _start, stop = utc_bounds(calendar._spec(), period)
        days = clock_days(min(stop, fields.Datetime.now()), calendar.tz)
        return kaplan_meier(*durations_at(changes, days, COHORT_DAYS))

    @api.model
    def _of_scope(self, rows, report):
        """The ``rows`` (with a column ``agent``) that a KPI is about."""
        if report.scope_type == "company":
            return rows
        return rows.where(rows.agent == report.user_id.id)

    @api.model
    def _changes(self, company, tz):
        """When deals were opened, decided, cancelled, by the clocks of ``tz``."""
        self.env["kpi.deal"].flush_model()
        statement = SQL(
            """
            SELECT spell.deal_id, deal.agent_id,
                   %(opened_at)s,
                   %(date_from)s,
                   spell.kind = 'open', spell.kind = 'decided'
              FROM (
                SELECT deal_id, date_from, kind,
                       lag(kind) OVER (
                           PARTITION BY deal_id ORDER BY date_from) AS earlier
                  FROM kpi_deal_stage_interval
                 CROSS JOIN LATERAL (
                    SELECT CASE status WHEN 'open' THEN 'open'
                                       WHEN 'cancelled' THEN 'cancelled'
                                       ELSE 'decided' END AS kind
                  ) AS kinds
                 WHERE company_id = %(company)s
              ) AS spell
              JOIN agent_deals AS deal ON deal.id = spell.deal_id
             WHERE spell.kind IS DISTINCT FROM spell.earlier
          ORDER BY spell.deal_id, spell.date_from
            """,
            company=company.id,
            opened_at=clock_days_sql(SQL("deal.opened_at"), tz),
            date_from=clock_days_sql(SQL("spell.date_from"), tz),
        )
        rows = self.env.execute_query(statement)
        kinds = (int, int, float, float, bool, bool)
        return Changes(*read_columns(rows, kinds))

    @api.model
    def _find_worth_facts(self, report, periods, known):
        """The value of the running period; earlier ones stay as reported then."""
        definition = report.definition_id
        today = definition.calendar_id._today()
        running = [period for period in periods if period.start <= today < period.stop]
        if definition.currency_id != report.company_id.currency_id or not running:
            return []
        scope = (report.scope_type, report.scope_id)
        if scope not in known:
            known[scope] = self._worth(report, known)
        worth, unpriced_count = known[scope]
        value = getattr(worth, definition.external_measure)
        return [(report.id, running[0].start, value, None, unpriced_count)]

    @api.model
    def _worth(self, report, known):
        """Simulate the value that open deals may yield; count those without a rate."""
        if "open" not in known:
            known["open"] = self._open_deals(report.company_id)
        deals = self._of_scope(known["open"], report)
        priced = ~np.isnan(deals.amount)
        rng = np.random.default_rng(SEED)
        worth = simulate_worth(deals.amount[priced], deals.chance[priced], rng)
        return worth, int((~priced).sum())

    @api.model
    def _open_deals(self, company):
        self.env["kpi.deal"].flush_model()
        statement = """
            SELECT agent_id, win_probability::float8,
                   CASE WHEN is_unpriced THEN NULL
                        ELSE company_amount END::float8
              FROM agent_deals
             WHERE company_id = %s
               AND status = 'open'
               AND win_probability IS NOT NULL
          ORDER BY id
        """
        rows = self.env.execute_query(SQL(statement, company.id))
        return OpenDeals(*read_columns(rows, (int, float, float)))

    @api.model
    def _find_benchmark_facts(self, report, periods, known):
        """The benchmarks; none where none was in force."""
        factor = BENCHMARKS[report.definition_id.external_measure][2]
        versions = self._benchmark_versions(report)
        rows = []
        for period in periods:
            found = self._in_force(versions, period)
            value = found.value_numeric * factor if found else None
            rows.append((report.id, period.start, value, None))
        return rows

    @api.model
    def _benchmark_versions(self, report):
        """Its versions, the latest first; the company's own before shared ones."""
        metric, cohort, _factor = BENCHMARKS[report.definition_id.external_measure]
        # Benchmarks are stored for everybody of the company.
        benchmarks = self.env["kpi.performance.benchmark"].sudo()
        found = benchmarks.search(
            Domain("metric_key", "=", metric)
            & Domain("cohort", "=", cohort)
            & Domain("company_id", "in", [report.company_id.id, False])
            & Domain("asset_type", "=", False)
            & Domain("deal_type", "=", False)
            & Domain("value_numeric", "!=", False)
            & Domain("source", "!=", SAMPLE),
            order="effective_date DESC, id DESC",
        )
        return found.sorted(lambda each: not each.company_id)

    @api.model
    def _in_force(self, versions, period):
        """The version that is in force on the last day of ``period``, or today."""
        last = min(period.stop - timedelta(days=1), fields.Date.today())
        return versions.filtered(lambda each: each.effective_date <= last)[:1]

    @api.model
    def _explain_benchmark(self, report, period):
        # Who sees the KPI sees where it is from.
        versions = self._benchmark_versions(report.sudo())
        found = self._in_force(versions, period)
        if not found:
            return {"method": self.env._("No valid benchmark.")}
        return {
            "method": self.env._(
                "Benchmark valid from %(day)s. Source: %(origin)s; sample size: "
                "%(count)s.",
                day=format_day(self.env, found.effective_date),
                origin=found.source,
                count=found.sample_size,
            )
        }

    @api.model
    def _explain_decision(self, report, period):
        # Who sees the KPI sees what it is made of, not the deals themselves.
        analysis, known = self.sudo(), report.sudo()
        tz = known.definition_id.calendar_id.tz
        changes = analysis._of_scope(analysis._changes(known.company_id, tz), known)
        curve = analysis._decision_curve(changes, known, period)
        decided = int(curve.ended.sum())
        low, high = curve.median_interval()
        days = report.definition_id._unit_description()
        shown = [
            (self.env._("Deals decided"), decided, None),
            (self.env._("Deals open or canceled"), curve.censored, None),
            (self.env._("A quarter is decided after"), curve.time_until(0.25), days),
            (self.env._("Half is decided after"), curve.time_until(0.5), days),
            (
                self.env._("Three quarters are decided after"),
                curve.time_until(0.75),
                days,
            ),
            (self.env._("Median, 95% interval from"), low, days),
            (self.env._("Median, 95% interval to"), high, days),
        ]
        return {
            "method": self.env._(
                "Kaplan–Meier median of deals opened in the %(days)s days before "
                "period end, with their status then. Won and lost deals count as "
                "decided, open and canceled as undecided.",
                days=COHORT_DAYS,
            ),
            "parts": [_part(*row) for row in shown],
        }

    @api.model
    def _explain_worth(self, report, period):
        percent = PERCENTILES.get(report.definition_id.external_measure)
        if percent is None:
            text = self.env._(
                "Value × win probability of deals open at period end. Excludes "
                "deals without an exchange rate."
            )
        else:
            text = self.env._(
                "In %(percent)s of %(draws)s simulations with independent deals, "
                "the pipeline at period end yields this amount or less. Shared "
                "risks widen the true range. Excludes deals without an exchange "
                "rate.",
                percent=format_percent(self.env, percent / 100, 0),
                draws=format_number(self.env, DRAWS, 0),
            )
        return {"method": text, **self._explain_open_deals(report, period)}

    @api.model
    def _explain_open_deals(self, report, period):
        """The open deals, for the running period: those of earlier ones are history."""
        calendar = report.definition_id.calendar_id
        if not period.start <= calendar._today() < period.stop:
            return {}
        domain = [
            ("company_id", "=", report.company_id.id),
            ("status", "=", "open"),
            ("win_probability", "!=", False),
            ("is_unpriced", "=", False),
        ]
        if report.scope_type == "user":
            domain.append(("agent_id", "=", report.user_id.id))
        deals = self.env["kpi.deal"].with_context(active_test=False)
        # Those that the user may not read are counted, not shown.
        count = deals.sudo().search_count(domain)
        readable = deals.search(domain) if deals.has_access("read") else deals
        return {
            "records": {
                "model": "kpi.deal",
                "ids": readable.ids,
                "readable_count": len(readable),
                "count": count,
            }
        }


def _part(text, value, unit):
    return {
        "text": text,
        "label": text,
        "value": value,
        "unit": unit,
        "is_hidden": False,
        "name": "",
        "report_id": False,
    }
