from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.roles import MANAGER, OFFICER

from ...engine.progress import measure_progress
from ..report.kpi_report import JUDGED

MOST_ROWS = 5
LEAST_CHANGE = 1.0  # percent or percentage points; less is noise
SOON = "today +7d"


class KpiHome(models.AbstractModel):
    """The overview of whoever looks, and what addons add to it: see ``_get_panels``."""

    _name = "kpi.home"
    _description = "KPI Overview"

    @api.model
    @api.readonly
    def get_summary(self):
        """At most five rows of each, of what the user answers for.

        Officers see the KPIs of the company, managers those of their departments and
        teams, others their own and those shared with them. KPIs are compared by their
        last two closed periods: by achievement where they have a target, else by value.

        :return: dict of ``counts`` (status → number of KPIs), ``better`` and ``worse``
            (rows as ``_summary_row``, those with a target first, then by the largest
            change), ``needs`` (the first items of ``_get_needs``), ``needs_counts``
            (kind → number) and ``panels`` (as ``_get_panels``)
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
            **self._first_needs(),
            "panels": self._get_panels(),
        }

    @api.model
    def _get_panels(self):
        """Panels of addons below the rows: key → what the panel draws, JSON.

        Read with the user's rights, in a fixed number of statements. A panel that has
        nothing to show is left out. The component that draws it is registered in the
        browser under the same key, in the bundle ``kpi_tracking.assets_home``::

            def _get_panels(self):
                teams = self.env["kpi.team"].search_read([], ["name"])
                return {**super()._get_panels(), "my_addon.teams": teams}

            registry.category("kpi_home_panels")
                .add("my_addon.teams", { component: TeamsPanel, sequence: 20 });
        """
        return {}

    @api.model
    def _summary_query(self):
        """The KPIs that the user answers for, as a query with the user's rights."""
        reports = self.env["kpi.report"]
        is_active = Domain("definition_id.active", "=", True)
        user = self.env.user
        if user.has_group(OFFICER):
            of_company = reports._search(
                is_active & Domain("scope_type", "=", "company")
            )
            if of_company:
                return of_company
        elif user.has_group(MANAGER):
            managed = Domain("is_managed_by_me", "=", True)
            led = managed & Domain("scope_type", "in", ("department", "team"))
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
        rows = [{**row, "score": _score(row)} for row in self.env.cr.dictfetchall()]
        return [row for row in rows if abs(row["score"]) >= LEAST_CHANGE]

    @api.model
    def _summary_rows(self, changes):
        """Rows of KPIs as shown; ``changes`` in their order."""
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
        """Name whose KPI it is, in a word; empty where all rows would say the same."""
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
    def _first_needs(self):
        """The most urgent items that await the user, and how many there are."""
        items = sorted(self._get_needs(), key=lambda item: item["urgency"])
        counts = {}
        for item in items:
            counts[item["kind"]] = counts.get(item["kind"], 0) + 1
        return {"needs": items[:MOST_ROWS], "needs_counts": counts}

    @api.model
    def _get_needs(self):
        """Items that await the user, as ``_prepare_need`` makes them, in their order.

        Read with the user's rights, in a fixed number of statements. An addon adds its
        own, and how a kind looks is registered in the browser, in the bundle
        ``kpi_tracking.assets_home``::

            def _get_needs(self):
                reviews = self.env["my.review"].search([("user_id", "=", self.env.uid)])
                items = [
                    self._prepare_need("review", review, review.name, review.due_date)
                    for review in reviews
                ]
                return [*super()._get_needs(), *items]

            homeNeeds.add("review", { icon: "fa-eye", word: _t("To review") });
        """
        own = Domain("user_id", "=", self.env.uid)
        return [
            *self._due_items(own, "overdue"),
            *self._approval_items(),
            *self._due_items(own & Domain("due_date", "<=", SOON), "due"),
        ]


def _score(row):
    return measure_progress(
        row["value"],
        row["previous"],
        row["direction"],
        row["achievement"],
        row["achieved_before"],
    )


def _rank(row):
    """Rank KPIs with a target before those whose value merely moved."""
    return row["achievement"] is None, -abs(row["score"]), row["id"]
