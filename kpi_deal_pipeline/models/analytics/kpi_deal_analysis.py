from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.engine import periods

from ...analytics.survival import kaplan_meier
from ...analytics.worth import simulated_worth

PERIODS = 12  # computed anew each night, since moves can be dated back
COHORT_DAYS = 365
SEED = 20_190_101
PERCENT = 100
BENCHMARKS = {  # what a method explains → metric, cohort, factor to the KPI's unit
    "win_rate_industry": ("conversion_rate", "industry_avg", PERCENT),
    "win_rate_top": ("conversion_rate", "top_quartile", PERCENT),
    "cycle_industry": ("avg_cycle_days", "industry_avg", 1),
    "cycle_top": ("avg_cycle_days", "top_quartile", 1),
}


class KpiDealAnalysis(models.AbstractModel):
    """KPIs on deals that no count or sum yields, handed to the engine each night.

    Which value a KPI gets is told by the method that explains it. They are tracked
    for companies and for agents.
    """

    _name = "kpi.deal.analysis"
    _description = "Analysis of Deals"

    @api.model
    def _hand_over(self, company, definitions=None):
        """Compute the KPIs of ``company`` and hand them over.

        :param definitions: only these; default: all that are tracked there
        """
        domain = [
            ("definition_id.explain_model", "=", self._name),
            ("definition_id.computation", "=", "external"),
            ("company_id", "=", company.id),
            ("scope_type", "in", ("company", "user")),
        ]
        if definitions:
            domain.append(("definition_id", "in", definitions.ids))
        # The engine computes for everybody.
        reports = self.env["kpi.report"].sudo().search(domain)
        worth = {}  # three KPIs read one simulation
        for definition, tracked in reports.grouped("definition_id").items():
            name = definition.explain_method.removeprefix("_explain_kpi_")
            rows = [
                row for report in tracked for row in self._rows(name, report, worth)
            ]
            definition._hand_over(rows)

    @api.model
    def _rows(self, name, report, worth):
        """Facts of one KPI: (report id, start, value, weight, unpriced deals).

        :param name: of the method that explains it, without ``_explain_kpi_``
        :param worth: dict scope → what was simulated already
        """
        if name == "decision_time":
            return self._decision_rows(report)
        if name in BENCHMARKS:
            return self._benchmark_rows(name, report)
        return self._worth_rows(name, report, worth)

    @api.model
    def _last_periods(self, definition):
        calendar, grain = definition.calendar_id, definition.frequency
        today = calendar._today()
        last = calendar._period(grain, today)
        first = last.start - timedelta(days=(PERIODS - 1) * last.days)
        return calendar._periods(grain, first, today)

    @api.model
    def _decision_rows(self, report):
        return [
            (report.id, period.start, curve.time_until(0.5), None)
            for period in self._last_periods(report.definition_id)
            for curve in [self._decision_curve(report, period)]
        ]

    @api.model
    def _decision_curve(self, report, period):
        """How long deals last until they are decided, as it looked at a period's end.

        Deals opened in the ``COHORT_DAYS`` before. Won and lost are both an end: a
        lost deal is not one that may still be won. Those that are open, and those
        cancelled, are censored on the right.

        :return: ``SurvivalCurve`` in days
        """
        _start, stop = periods.utc_bounds(
            report.definition_id.calendar_id._spec(), period
        )
        moment = min(stop, fields.Datetime.now())
        self.env["kpi.deal"].flush_model()
        rows = self.env.execute_query(self._durations(report, moment))
        days, is_over = zip(*rows, strict=True) if rows else ((), ())
        return kaplan_meier(np.array(days, dtype=float), np.array(is_over, dtype=bool))

    @api.model
    def _durations(self, report, moment):
        """SELECT of days open and whether decided, of deals as they were at a moment.

        A deal that was closed and opened again lasts until it was closed last.
        """
        return SQL(
            """
            SELECT (extract(epoch FROM
                       CASE WHEN past.status = 'open' THEN %(moment)s
                            ELSE coalesce(past.open_until, deal.opened_at)
                       END - deal.opened_at) / 86400)::float8,
                   past.status IN ('closed_won', 'closed_lost')
              FROM agent_deals AS deal
        CROSS JOIN LATERAL (
                SELECT max(date_to) FILTER (
                           WHERE status = 'open' AND date_to < %(moment)s
                       ) AS open_until,
                       (array_agg(status ORDER BY date_from DESC))[1] AS status
                  FROM kpi_deal_stage_interval
                 WHERE deal_id = deal.id
                   AND date_from < %(moment)s
              ) AS past
             WHERE %(scope)s
               AND deal.opened_at < %(moment)s
               AND deal.opened_at >= %(first)s
               AND past.status IS NOT NULL
            """,
            moment=moment,
            first=moment - timedelta(days=COHORT_DAYS),
            scope=self._scope(report),
        )

    @api.model
    def _worth_rows(self, name, report, known):
        """The value of the running period; earlier ones stay as they were told then."""
        definition = report.definition_id
        if definition.currency_id != report.company_id.currency_id:
            return []
        scope = (report.scope_type, report.scope_id)
        if scope not in known:
            known[scope] = self._worth(report)
        worth, unpriced_count = known[scope]
        calendar = definition.calendar_id
        start = calendar._period(definition.frequency, calendar._today()).start
        return [(report.id, start, getattr(worth, name), None, unpriced_count)]

    @api.model
    def _worth(self, report):
        """What the open deals may yield, and how many of them have no rate."""
        self.env["kpi.deal"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company_amount::float8, win_probability::float8, is_unpriced
                  FROM agent_deals AS deal
                 WHERE %s
                   AND status = 'open'
                   AND win_probability IS NOT NULL
              ORDER BY id
                """,
                self._scope(report),
            )
        )
        priced = [(amount, chance) for amount, chance, unpriced in rows if not unpriced]
        amounts, chances = zip(*priced, strict=True) if priced else ((), ())
        rng = np.random.default_rng(SEED)
        worth = simulated_worth(np.array(amounts), np.array(chances), rng)
        return worth, len(rows) - len(priced)

    @api.model
    def _scope(self, report):
        """Condition on ``deal``: whose deals the KPI is about."""
        company = SQL("deal.company_id = %s", report.company_id.id)
        if report.scope_type == "company":
            return company
        return SQL("%s AND deal.agent_id = %s", company, report.user_id.id)
