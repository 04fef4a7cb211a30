from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import utc_bounds
from odoo.addons.kpi_base.formatting import format_number, format_percent
from odoo.addons.kpi_tracking_analytics.analytics.survival import kaplan_meier

PERIODS = 12  # worked out anew each night
COHORT_DAYS = 365


class KpiTatAnalysis(models.AbstractModel):
    """How long requests are pending, open ones included with their age so far."""

    _name = "kpi.tat.analysis"
    _inherit = ["kpi.external.source"]
    _description = "Request Analysis"

    @api.model
    def _get_measures(self):
        return ["pending_time"]

    @api.model
    def _get_scope_types(self, measure):
        return ("company",)

    @api.model
    def _get_facts(self, definitions, periods):
        shown = self._find_recent(definitions, periods)
        for report in definitions.report_ids:
            for period in shown:
                curve = self._estimate_pending(report, period)
                yield report.id, period.start, curve.time_until(0.5), None

    @api.model
    def _get_fingerprints(self, definitions, periods):
        """Texts that change once a day; none far back."""
        shown = self._find_recent(definitions, periods)
        today = fields.Date.to_string(fields.Date.today())
        return {
            period.start: today if period in shown else "past" for period in periods
        }

    @api.model
    def _explain(self, report, period):
        curve = self._estimate_pending(report, period)
        decided = int(curve.ended.sum())
        low, high = curve.median_interval()
        return {
            "method": self.env._(
                "Kaplan–Meier median of %(count)s requests in %(days)s days"
                " (%(open)s open). Likely range: %(low)s to %(high)s hours"
                " (%(certainty)s).",
                certainty=format_percent(self.env, 0.95, 0),
                count=decided + curve.censored,
                days=COHORT_DAYS,
                open=curve.censored,
                low="–" if low is None else format_number(self.env, low, 1),
                high="–" if high is None else format_number(self.env, high, 1),
            )
        }

    @api.model
    def _find_recent(self, definitions, periods):
        calendar, grain = definitions[:1].calendar_id, definitions[:1].frequency
        last = calendar._period(grain, calendar._today())
        first = last.start - timedelta(days=(PERIODS - 1) * last.days)
        return [period for period in periods if period.stop > first]

    @api.model
    def _estimate_pending(self, report, period):
        """Estimate the hours until a decision, as they looked at a period's end.

        Requests submitted in the ``COHORT_DAYS`` before. Open ones, and those that were
        withdrawn, are censored on the right.
        """
        calendar = report.definition_id.calendar_id
        _start, stop = utc_bounds(calendar._spec(), period)
        return self._estimate_until(report.company_id, min(stop, fields.Datetime.now()))

    @api.model
    def _estimate_until(self, company, moment):
        self.env["kpi.tat.request"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT EXTRACT(epoch FROM
                           LEAST(decided_at, %(moment)s) - submitted_at)::float8 / 3600,
                       COALESCE(decided_at <= %(moment)s, FALSE)
                           AND approval_state IN ('approved', 'rejected')
                  FROM workflow_requests
                 WHERE company_id = %(company)s
                   AND is_test IS NOT TRUE
                   AND submitted_at > %(moment)s - make_interval(days => %(days)s)
                   AND submitted_at <= %(moment)s
                """,
                moment=moment,
                company=company.id,
                days=COHORT_DAYS,
            )
        )
        return estimate_duration(rows)


def estimate_duration(rows):
    """``SurvivalCurve`` of pairs: hours until the end or so far, whether it ended."""
    hours = np.array([row[0] for row in rows], dtype=float)
    return kaplan_meier(hours, np.array([row[1] for row in rows], dtype=bool))


class KpiGalleryKpi(models.Model):
    """KPIs on requests come with a rule, and count requests."""

    _inherit = "kpi.gallery.kpi"

    @api.model
    def _get_record_words(self):
        requests = self.env._("request"), self.env._("requests")
        parts = ("kpi.tat.level", "kpi.tat.workflow.aging", "kpi.tat.engagement")
        return {
            **super()._get_record_words(),
            "kpi.tat.request": requests,
            **dict.fromkeys(parts, (*requests, "kpi.tat.request")),
        }

    @api.model
    def _get_rule_files(self):
        own = "kpi_workflow_tat/data/alerts/requests.json"
        return [*super()._get_rule_files(), own]
