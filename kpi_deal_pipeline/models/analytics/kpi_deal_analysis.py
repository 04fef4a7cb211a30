from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.engine import periods

from ...analytics.standing import Changes, durations_at
from ...analytics.survival import kaplan_meier
from ...analytics.worth import simulated_worth

PERIODS = 12  # computed anew each night, since moves can be dated back
COHORT_DAYS = 365
EPOCH = datetime(1970, 1, 1)
SEED = 20_190_101
PERCENT = 100
BENCHMARKS = {  # what a method explains → metric, cohort, factor to the KPI's unit
    "win_rate_industry": ("conversion_rate", "industry_avg", PERCENT),
    "win_rate_top": ("conversion_rate", "top_quartile", PERCENT),
    "cycle_industry": ("avg_cycle_days", "industry_avg", 1),
    "cycle_top": ("avg_cycle_days", "top_quartile", 1),
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
    """KPIs on deals that no count or sum yields, handed to the engine each night.

    Which value a KPI gets is told by the method that explains it. They are tracked
    for companies and for agents.
    """

    _name = "kpi.deal.analysis"
    _description = "Analysis of Deals"

    @api.model
    def _hand_over(self, company, definitions=None):
        """Compute the KPIs of ``company`` and hand them over.

        Deals are read once for all KPIs, periods and agents.

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
        known = {}
        for definition, tracked in reports.grouped("definition_id").items():
            name = definition.explain_method.removeprefix("_explain_kpi_")
            rows = [
                row for report in tracked for row in self._rows(name, report, known)
            ]
            definition._hand_over(rows)

    @api.model
    def _rows(self, name, report, known):
        """Facts of one KPI: (report id, start, value, weight, unpriced deals).

        :param name: of the method that explains it, without ``_explain_kpi_``
        :param known: dict of what was read and simulated already
        """
        if name == "decision_time":
            return self._decision_rows(report, known)
        if name in BENCHMARKS:
            return self._benchmark_rows(name, report)
        return self._worth_rows(name, report, known)

    @api.model
    def _last_periods(self, definition):
        calendar, grain = definition.calendar_id, definition.frequency
        today = calendar._today()
        last = calendar._period(grain, today)
        first = last.start - timedelta(days=(PERIODS - 1) * last.days)
        return calendar._periods(grain, first, today)

    @api.model
    def _decision_rows(self, report, known):
        shown = self._last_periods(report.definition_id)
        if "changes" not in known:
            known["changes"] = self._changes(report.company_id)
        changes = self._of_scope(known["changes"], report)
        return [
            (report.id, period.start, curve.time_until(0.5), None)
            for period in shown
            for curve in [self._decision_curve(changes, report, period)]
        ]

    @api.model
    def _decision_curve(self, changes, report, period):
        """How long deals last until they are decided, as it looked at a period's end.

        Deals opened in the ``COHORT_DAYS`` before. Won and lost are both an end: a
        lost deal is not one that may still be won. Those that are open, and those
        cancelled, are censored on the right.

        :return: ``SurvivalCurve`` in days
        """
        spec = report.definition_id.calendar_id._spec()
        _start, stop = periods.utc_bounds(spec, period)
        moment = min(stop, fields.Datetime.now())
        days = (moment - EPOCH) / timedelta(days=1)
        return kaplan_meier(*durations_at(changes, days, COHORT_DAYS))

    @api.model
    def _of_scope(self, rows, report):
        """Those ``rows`` (with a column ``agent``) that a KPI is about."""
        if report.scope_type == "company":
            return rows
        return rows.where(rows.agent == report.user_id.id)

    @api.model
    def _changes(self, company):
        """When deals of ``company`` were opened, decided, cancelled or reopened."""
        self.env["kpi.deal"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT spell.deal_id, deal.agent_id,
                       (extract(epoch FROM deal.opened_at) / 86400)::float8,
                       (extract(epoch FROM spell.date_from) / 86400)::float8,
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
                     WHERE company_id = %s
                  ) AS spell
                  JOIN agent_deals AS deal ON deal.id = spell.deal_id
                 WHERE spell.kind IS DISTINCT FROM spell.earlier
              ORDER BY spell.deal_id, spell.date_from
                """,
                company.id,
            )
        )
        kinds = (int, int, float, float, bool, bool)
        return Changes(*_columns(rows, kinds))

    @api.model
    def _worth_rows(self, name, report, known):
        """The value of the running period; earlier ones stay as they were told then."""
        definition = report.definition_id
        if definition.currency_id != report.company_id.currency_id:
            return []
        scope = (report.scope_type, report.scope_id)
        if scope not in known:
            known[scope] = self._worth(report, known)
        worth, unpriced_count = known[scope]
        calendar = definition.calendar_id
        start = calendar._period(definition.frequency, calendar._today()).start
        return [(report.id, start, getattr(worth, name), None, unpriced_count)]

    @api.model
    def _worth(self, report, known):
        """What the open deals may yield, and how many of them have no rate."""
        if "open" not in known:
            known["open"] = self._open_deals(report.company_id)
        deals = self._of_scope(known["open"], report)
        priced = ~np.isnan(deals.amount)
        rng = np.random.default_rng(SEED)
        worth = simulated_worth(deals.amount[priced], deals.chance[priced], rng)
        return worth, int((~priced).sum())

    @api.model
    def _open_deals(self, company):
        self.env["kpi.deal"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT agent_id, win_probability::float8,
                       CASE WHEN is_unpriced THEN NULL
                            ELSE company_amount END::float8
                  FROM agent_deals
                 WHERE company_id = %s
                   AND status = 'open'
                   AND win_probability IS NOT NULL
              ORDER BY id
                """,
                company.id,
            )
        )
        return OpenDeals(*_columns(rows, (int, float, float)))


def _columns(rows, kinds):
    """Arrays of the columns of ``rows``; empty values are NaN."""
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return [
        np.array(column, dtype=kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
