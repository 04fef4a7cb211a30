from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.status import ACHIEVEMENT_CAP
from ..core.kpi_report import JUDGED
from ..core.kpi_report_explain import OFFICER
from .scopes import ORDER as SCOPE_ORDER

MOST_ROWS = 5
LEAST_CHANGE = 1.0  # percent or percentage points; less is noise
SOON = "today +7d"


class KpiDashboard(models.Model):
    """The executive summary: what got better, what got worse, what needs me."""

    _inherit = "kpi.dashboard"

    @api.model
    @api.readonly
    def get_summary(self):
        """At most five rows of each, of what the user answers for.

        Officers see the KPIs of the company, managers those of their departments and
        teams, others their own and those shared with them. KPIs are compared by their
        last two closed periods: by achievement where they have a target, else by value.

        :return: dict of ``counts`` (status → number of KPIs), ``better`` and ``worse``
            (rows as ``_summary_row``, those with a target first, then by the largest
            change), ``needs`` (items as ``_alert_items``, with model and id of what is
            to be done) and ``needs_counts`` (kind → number)
        """
        query = self._summary_query()
        changes = self._changes(query)
        ranked = sorted(changes, key=_rank)
        worse = [row for row in ranked if row["score"] < 0][:MOST_ROWS]
        better = [row for row in ranked if row["score"] > 0][:MOST_ROWS]
        rows = self._summary_rows([*better, *worse])
        count = len(better)
        return {
            "counts": self._status_counts(query),
            "better": rows[:count],
            "worse": rows[count:],
            **self._needs(),
        }

    @api.model
    def _summary_query(self):
        """The KPIs that the user answers for, as a query with the user's rights."""
        reports = self.env["kpi.report"]
        is_active = Domain("definition_id.active", "=", True)
        user = self.env.user
        if user.has_group(OFFICER):
            whole = reports._search(is_active & Domain("scope_type", "=", "company"))
            if whole:
                return whole
        elif user.has_group("kpi_tracking.kpi_tracking_group_manager"):
            managed = Domain("is_managed_by_me", "=", True)
            led = managed & Domain("scope_type", "in", SCOPE_ORDER[1:3])
            query = reports._search(is_active & led)
            if query:
                return query
        return reports._search(is_active)

    @api.model
    def _changes(self, query):
        """KPIs with the values and judgements of their last two closed periods."""
        self.env["kpi.definition"].flush_model()
        self.env["kpi.report"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT report.id, definition.direction, fact.period_start, fact.value,
                       fact.previous, now.achievement, now.status, now.target,
                       before.achievement AS achieved_before
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar
                    ON calendar.id = definition.calendar_id
                  JOIN kpi_calendar_day AS current
                    ON current.calendar_id = calendar.id
                   AND current.grain = definition.frequency
                   AND current.day = (now() AT TIME ZONE calendar.tz)::date
                  JOIN kpi_calendar_day AS closed
                    ON closed.calendar_id = calendar.id
                   AND closed.grain = definition.frequency
                   AND closed.day = current.period_start - 1
            CROSS JOIN LATERAL (
                    SELECT newest.*,
                           lead(newest.value) OVER earlier AS previous,
                           lead(newest.period_start) OVER earlier AS previous_start
                      FROM (
                        SELECT period_start, value
                          FROM kpi_measurement
                         WHERE report_id = report.id
                           AND grain = definition.frequency
                           AND period_start < current.period_start
                      ORDER BY period_start DESC
                         LIMIT 2
                      ) AS newest
                    WINDOW earlier AS (ORDER BY newest.period_start DESC)
                  ORDER BY newest.period_start DESC
                     LIMIT 1
                  ) AS fact
             LEFT JOIN kpi_target_value AS now
                    ON now.report_id = report.id
                   AND now.grain = definition.frequency
                   AND now.period_start = fact.period_start
             LEFT JOIN kpi_target_value AS before
                    ON before.report_id = report.id
                   AND before.grain = definition.frequency
                   AND before.period_start = fact.previous_start
                 WHERE report.id IN %s
                   AND fact.period_start = closed.period_start
                   AND fact.previous IS NOT NULL
                """,
                query.subselect(),
            )
        )
        rows = [{**row, "score": _progress(row)} for row in self.env.cr.dictfetchall()]
        return [row for row in rows if abs(row["score"]) >= LEAST_CHANGE]

    @api.model
    def _summary_rows(self, changes):
        """What is shown of KPIs; ``changes`` in their order."""
        ids = [row["id"] for row in changes]
        # As the user: the query has seen to it, and the names are asked for anew.
        found = self.env["kpi.report"].search([("id", "in", ids)])
        known = {report.id: report for report in found}
        return [
            self._summary_row(known[row["id"]], row)
            for row in changes
            if row["id"] in known
        ]

    @api.model
    def _summary_row(self, report, change):
        # What a KPI is made of is no secret to those who see it.
        definition = report.sudo().definition_id
        calendar = definition.calendar_id
        period = calendar._period(definition.frequency, change["period_start"])
        previous = change["previous"]
        step = change["value"] - previous
        return {
            "report_id": report.id,
            "name": report.name,
            "kpi": definition.name,
            "scope": self._summary_scope(report),
            "unit": definition._unit_description(),
            "value": change["value"],
            "previous": previous,
            "change": step / abs(previous) if previous else None,
            "target": change["target"],
            "achievement": change["achievement"],
            "status": change["status"] or "no_target",
            "direction": definition.direction,
            "period": {
                "start": period.start.isoformat(),
                "label": calendar._period_label(period),
            },
        }

    @api.model
    def _summary_scope(self, report):
        """Whose KPI it is, in a word; nothing where all rows would say the same."""
        if report.scope_type == "company" and len(self.env.companies) == 1:
            return ""
        # The name of a scope is part of the KPI's, for whoever sees the KPI.
        scope = report._scope_record().sudo()
        return scope.with_context(hierarchical_naming=False).display_name

    @api.model
    def _status_counts(self, query):
        """Status → number of KPIs, as they stand now."""
        rows = self.env["kpi.report"]._read_group(
            [("id", "in", query)], ["status"], ["__count"]
        )
        counts = dict(rows)
        return {status: counts.get(status, 0) for status in (*JUDGED, "no_data")}

    @api.model
    def _needs(self):
        """What awaits the user: entries owed, then decisions."""
        own = Domain("user_id", "=", self.env.uid)
        items = [
            *self._due_items(own, "overdue"),
            *self._approval_items(),
            *self._due_items(own & Domain("due_date", "<=", SOON), "due"),
        ]
        counts = {}
        for item in items:
            counts[item["kind"]] = counts.get(item["kind"], 0) + 1
        return {"needs": items[:MOST_ROWS], "needs_counts": counts}


def _progress(row):
    """How much better the last period was than the one before: percentage points of
    the target, or percent where there is none; negative = worse, 0 = cannot be said.
    """
    now, before = row["achievement"], row["achieved_before"]
    if now is not None and before is not None:
        change = max(now, 0.0) - max(before, 0.0)
    elif row["previous"] and row["direction"] != "range":
        change = 100 * (row["value"] - row["previous"]) / abs(row["previous"])
        change = -change if row["direction"] == "lower" else change
    else:
        change = 0.0
    return min(max(change, -ACHIEVEMENT_CAP), ACHIEVEMENT_CAP)


def _rank(row):
    """What somebody set a target for says more than what merely moved."""
    return row["achievement"] is None, -abs(row["score"]), row["id"]
