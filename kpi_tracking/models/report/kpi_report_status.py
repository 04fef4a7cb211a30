from collections import Counter
from datetime import timedelta
from typing import Annotated

import numpy as np
from dateutil.relativedelta import relativedelta
from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.rights import search_by
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import MAX_ID, Id

from ...engine import status, zones
from ...engine.due import due_share_sql, undecided_sql
from ...engine.zones import THRESHOLD_FIELDS
from .kpi_report import JUDGED, columns_sql

SPARKLINE_PERIODS = 12
PAGE = 40
Offset = Annotated[int, Field(ge=0, le=MAX_ID)]
MONTHS_AT_ONCE = 12

# Stored column → what it holds of the latest value.
CURRENT = {
    "current_value": "COALESCE(result.value, 0)",
    "has_value": "result.value IS NOT NULL",
    "current_period_start": "result.period_start",
    "current_period_stop": "result.period_stop",
    "previous_value": "COALESCE(result.previous_value, 0)",
    "has_previous": "result.previous_value IS NOT NULL",
    "target_value": "COALESCE(result.due_target, 0)",
    "target_day": "CASE WHEN result.is_growing THEN result.today END",
    "achievement": "result.shown",
    "distance_percent": "result.distance",
    "status": "result.status",
    "band": "result.band",
    "is_stretch_reached": "result.is_stretched",
    "unpriced_count": "COALESCE(result.unpriced_count, 0)",
    "last_measured_at": "result.recorded_at",
}
LOOK_BACK_DAYS = {"day": 14, "week": 35, "month": 100, "quarter": 290, "year": 800}


class KpiReport(models.Model):
    """Current value, achievement and status, stored on the report by one statement."""

    _inherit = "kpi.report"

    can_ask_for_readers = fields.Boolean(
        string="Can Ask for Readers",
        compute="_compute_can_ask_for_readers",
        exportable=False,
    )
    group_line_ids = fields.One2many(
        "kpi.report.group.line", "report_id", "On Scorecards", copy=False
    )
    is_on_overview = fields.Boolean(
        "On My Overview",
        compute="_compute_is_on_overview",
        search=search_by("_get_overview_domain"),
        exportable=False,
        help="Shown on your overview.",
    )
    family_distance = fields.Float(
        compute="_compute_family_distance",
        exportable=False,
        help="Largest distance to the target across all levels of this KPI.",
    )

    def _refresh_current(self, first=None):
        """Bring the stored values of these reports in line with facts and targets.

        A period that is still running is judged by the share of its target that has
        become due, where the KPI adds up over time; one that has closed by the target
        that was stored of it.

        :param first: nothing has changed in periods that ended before this day
        :return: these, and the KPIs whose targets follow from them
        """
        if not self.ids or self.env["kpi.job"]._settles_later(self.ids, first):
            return self
        self.env["kpi.target"].flush_model()
        self.env["kpi.definition"].flush_model()
        self.env["kpi.report"].flush_model()
        # The engine judges for everybody.
        reports = self.sudo()._judge_periods(first)
        self.env.cr.execute(reports._current_update_sql())
        reports.invalidate_recordset()
        self.env["kpi.event"]._current_changed(reports)
        return reports

    def _current_update_sql(self):
        achieved = status.achievement_sql(
            "due.value",
            "due.due_target",
            "due.due_baseline",
            direction="due.direction",
            range_low="due.due_low",
            range_high="due.due_high",
        )
        reached, band = zones.status_and_band_sql(
            "scored.achievement", "scored.value", "scored.zones", THRESHOLD_FIELDS
        )
        stretched = status.is_stretch_reached_sql(
            "scored.value", "scored.stretch", "scored.direction", "scored.is_final"
        )
        # The achievement is stored as it is shown, never below 0, so that an average is
        # that of the numbers seen; without value or target it is NULL and left out.
        # Both texts are made from the column names above: nothing a user wrote. Without
        # MATERIALIZED they are repeated where used, and take a second to plan.
        return SQL(
            """
            WITH due AS MATERIALIZED (%(due)s),
            scored AS MATERIALIZED (
                SELECT due.*, %(achieved)s AS achievement FROM due
            ),
            result AS MATERIALIZED (
                SELECT scored.*, %(band)s AS band,
                       CASE WHEN is_early AND achievement IS NULL AND value IS NOT NULL
                            THEN %(not_due)s ELSE %(reached)s END AS status,
                       %(stretched)s AS is_stretched,
                       CASE WHEN achievement < 0 THEN 0 ELSE achievement END AS shown,
                       CASE WHEN achievement IS NULL THEN -1
                            ELSE GREATEST(100 - achievement, 0) END AS distance
                  FROM scored
            )
            UPDATE kpi_report AS report
               SET (%(columns)s) = ROW(%(current)s)
              FROM result
             WHERE report.id = result.report_id
               AND (%(before)s) IS DISTINCT FROM (%(current)s)
            """,
            due=self._due_facts_sql(),
            achieved=SQL(achieved),
            not_due=status.NOT_DUE,
            reached=SQL(reached),
            band=SQL(band),
            stretched=SQL(stretched),
            columns=columns_sql(CURRENT),
            current=SQL(", ").join(map(SQL, CURRENT.values())),
            before=columns_sql(CURRENT, "report"),
        )

    def _due_facts_sql(self, *, as_stored=False):
        """The two latest facts of each report in one row, by the unique index.

        Beside what the period of the latest is judged by, so far while it runs. As it
        is stored: the target that holds, or that of the day on which it closed.

        :param as_stored: as of the day on which the report was judged, not of today
        """
        return SQL(
            """
            WITH latest AS MATERIALIZED (
                SELECT report.id AS report_id, definition.direction,
                       definition.frequency, definition.aggregation_time,
                       today.day AS today, fact.*, day.period_stop
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
            CROSS JOIN LATERAL (
                    SELECT COALESCE(%(stored_day)s,
                                    (now() AT TIME ZONE calendar.tz)::date) AS day
                  ) AS today
             LEFT JOIN LATERAL (
                    SELECT newest.*, lead(newest.value) OVER (
                             ORDER BY newest.period_start DESC) AS previous_value
                      FROM (
                        SELECT period_start, value, unpriced_count, recorded_at, source,
                               recorded_by_id
                          FROM kpi_measurement
                         WHERE report_id = report.id
                           AND grain = definition.frequency
                           AND period_start <= today.day
                      ORDER BY period_start DESC
                         LIMIT 2
                      ) AS newest
                  ORDER BY newest.period_start DESC
                     LIMIT 1
                  ) AS fact ON TRUE
             LEFT JOIN kpi_calendar_day AS day
                    ON day.shape = calendar.shape
                   AND day.grain = definition.frequency
                   AND day.day = fact.period_start
                 WHERE report.id = ANY(%(ids)s)
            )
            SELECT latest.report_id, latest.period_start, latest.period_stop,
                   latest.value, latest.previous_value, latest.direction,
                   latest.unpriced_count, latest.recorded_at, latest.source,
                   latest.recorded_by_id,
                   target.target, target.target * due.share AS due_target,
                   target.baseline * due.share AS due_baseline,
                   target.range_low * due.share AS due_low,
                   target.range_high * due.limit_share AS due_high,
                   target.stretch, NOT due.is_growing AS is_final, latest.today,
                   due.is_growing, due.share IS NULL AND COALESCE(
                     target.target, target.range_low, target.range_high
                   ) IS NOT NULL AS is_early,
                   target.zones, target.threshold_1, target.threshold_2,
                   target.threshold_3, target.threshold_4
              FROM latest
         LEFT JOIN kpi_target_value AS target
                ON target.report_id = latest.report_id
               AND target.grain = latest.frequency
               AND target.period_start = latest.period_start
        CROSS JOIN LATERAL (
                SELECT CASE WHEN %(undecided)s THEN NULL ELSE %(share)s END AS share,
                       %(limit_share)s AS limit_share,
                       latest.aggregation_time = 'sum'
                       AND latest.period_stop > latest.today AS is_growing
              ) AS due
            """,
            ids=self.ids,
            stored_day=SQL("report.target_day") if as_stored else SQL("NULL"),
            undecided=SQL(undecided_sql("latest", "latest.value", "target.target")),
            share=SQL(due_share_sql("latest", "latest.direction = 'lower'")),
            limit_share=SQL(due_share_sql("latest")),
        )

    def _list_restated_within(self, shown):
        """What was restated in some periods, or in the KPI's own ones within them.

        :param shown: periods of one length, at least one
        :return: dict first day → dicts of ``label`` (of the own period),
            ``settled_value``, ``new_value`` (None = gone), ``settled_on`` (a day) and
            ``cause``, in words
        """
        restatements = self.env["kpi.restatement"]
        rows = restatements._list_restated(self.ids, shown[0].start)
        causes = restatements._get_cause_texts()
        calendar = self.definition_id.calendar_id
        found = {}
        for row in rows:
            period = next((each for each in shown if row.period_start in each), None)
            if period:
                own = calendar._period(self.frequency, row.period_start)
                settled = fields.Datetime.context_timestamp(self, row.settled_on)
                found.setdefault(period.start, []).append(
                    {
                        "label": calendar._period_label(own),
                        "settled_value": row.settled_value,
                        "new_value": row.new_value,
                        "settled_on": settled.date().isoformat(),
                        "cause": causes.get(row.cause, ""),
                    }
                )
        return found

    def _explain_restatement(self, period, explanation):
        """What a period had settled at, and records written since then as a hint.

        :param explanation: of its value, with its ``records``
        :return: dict of ``settled_value``, ``settled_on``, ``new_value`` (None = gone),
            ``cause``, ``cause_text``, and of the records ``model`` and ``ids``; None
            where the period is not restated
        """
        restatements = self.env["kpi.restatement"]
        row = restatements.search(self._in_period(period))
        if not row:
            return None
        counted = explanation.get("records") or {"model": "", "ids": []}
        model, ids = counted["model"], counted["ids"]
        return {
            "settled_value": row.settled_value,
            "settled_on": row.settled_on,
            "new_value": None if row.is_gone else row.new_value,
            "cause": row.cause or "",
            "cause_text": restatements._get_cause_texts().get(row.cause, ""),
            "model": model,
            "ids": row._find_written_since(model, ids) if ids else [],
        }

    @api.depends("owner_id")
    @api.depends_context("uid")
    def _compute_can_ask_for_readers(self):
        user = self.env.user
        is_officer = user.has_group(OFFICER)
        for report in self:
            report.can_ask_for_readers = is_officer or report.owner_id == user

    @api.readonly
    def get_readers(self, offset: Offset = 0):
        """Return which colleagues see this KPI, a page at a time.

        :return: dict of ``people`` (``id``, ``name`` and ``sees``), those who see it
            first, and ``next_offset``; None on the last page
        :raises AccessError: neither an officer nor responsible for it
        """
        self._check_asks_for_readers()
        users = self.env["res.users"].search(
            Domain("share", "=", False), offset=offset, limit=PAGE + 1, order="name, id"
        )
        people = [
            {"id": user.id, "name": user.name, "sees": self._is_readable_by(user.id)}
            for user in users[:PAGE]
        ]
        return {
            "people": sorted(people, key=lambda each: not each["sees"]),
            "next_offset": offset + PAGE if len(users) > PAGE else None,
        }

    @api.readonly
    def get_reading_rules(self, user_id: Id):
        """Return why a colleague sees this KPI or does not: each rule apart.

        :return: dict of ``sees`` and ``rules``: dicts of ``name``, ``applies`` (to this
            person), ``passes``, ``is_needed`` (each of these has to pass; of the others
            one) and ``groups``
        :raises AccessError: as ``get_readers``; or the user may not see that person
        """
        self._check_asks_for_readers()
        person = self.env["res.users"].browse(user_id)
        person.check_access("read")
        # Which groups may do what, and who belongs to which, is Odoo's to say.
        groups = person.sudo().all_group_ids
        of_reading = [("model_id.model", "=", self._name), ("perm_read", "=", True)]
        # As above.
        able = self.env["ir.model.access"].sudo().search(of_reading).group_id
        # Rules are asked as the person, in all their companies, whoever wants to know;
        # what they mean by “me” is that person.
        own = self.with_user(person).sudo()
        own = own.with_context(
            active_test=False, allowed_company_ids=own.env.user.company_ids.ids
        )
        context = own.sudo(False).env["ir.rule"]._eval_context()
        # The right to KPIs as such, without which no rule is asked.
        asked = [(self.env._("KPI access"), able, bool(able & groups), True)]
        for rule in own.env["ir.rule"].search(of_reading):
            domain = Domain(safe_eval(rule.domain_force or "[]", context))
            domain &= Domain("id", "=", self.id)
            passes = bool(own.search_count(domain, limit=1))
            name = rule.name.partition(": ")[2] or rule.name
            asked.append((name, rule.groups, passes, not rule.groups))
        return {
            "sees": self._is_readable_by(person.id),
            "rules": [
                {
                    "name": name,
                    "applies": is_needed or bool(concerned & groups),
                    "passes": passes,
                    "is_needed": is_needed,
                    "groups": ", ".join(concerned.mapped("full_name")),
                }
                for name, concerned, passes, is_needed in asked
            ],
        }

    def _check_asks_for_readers(self):
        self.ensure_one()
        self.check_access("read")
        if not self.can_ask_for_readers:
            raise AccessError(
                self.env._(
                    "Only KPI officers and the responsible person can see "
                    "who has access."
                )
            )

    def _current_achievements(self):
        """Stored achievements in percent; NaN where a KPI is not judged."""
        return [
            report.achievement if report.status in JUDGED else np.nan for report in self
        ]

    def _previous_achievements(self):
        """Achievements of the period before the latest one, as judged then.

        A KPI whose latest value is stale has not moved since.

        :return: dict report → percent; NaN = no value or no target
        """
        before = dict(zip(self, self._current_achievements(), strict=True))
        fresh = self.filtered(lambda kpi: kpi.current_period_start and not kpi.is_stale)
        previous = {
            report: periods.previous(
                report.definition_id.calendar_id._spec(), report._current_period()
            )
            for report in fresh
        }
        asked = {report: [period] for report, period in previous.items()}
        found = self._series_in(asked, basis="judged")
        for report, period in previous.items():
            series = found[report.id]
            at = series.row_of[report.id], series.index_of[period.start]
            before[report] = series.achievements[at]
        return before

    def _achievements_in(self, shown):
        """Achievements in the periods of a scorecard, as judged then.

        A KPI that is not shown in such periods (a quarterly or a weekly one in months)
        counts with its own latest period that ended by then.

        :return: percent, shape (KPIs, periods); NaN = no value or no target
        """

        def get_calendar_and_grain(report):
            kpi, grain = report.definition_id, shown[0].grain
            is_shown = grain in kpi._get_shown_grains()
            return kpi.calendar_id, grain if is_shown else kpi.frequency

        result = np.full((len(self), len(shown)), np.nan)
        row_of = {report: row for row, report in enumerate(self)}
        grouped = self.grouped(get_calendar_and_grain)
        for (calendar, grain), reports in grouped.items():
            if grain == shown[0].grain:
                middles = [
                    each.start + timedelta(days=each.days // 2) for each in shown
                ]
                own = [calendar._period(grain, day) for day in middles]
            else:
                after = [calendar._period(grain, each.stop) for each in shown]
                own = [calendar._period_before(each) for each in after]
            (series,) = reports._series(
                grain, own[0].start, own[-1].start, basis="judged"
            )
            columns = [series.index_of[each.start] for each in own]
            for report in reports:
                row = series.achievements[series.row_of[report.id]]
                result[row_of[report]] = row[columns]
        return result

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_on_overview(self):
        counted = self.filtered_domain(self._get_overview_domain())
        for report in self:
            report.is_on_overview = report in counted

    @api.depends("definition_id", "company_id")
    def _compute_family_distance(self):
        family = ["definition_id", "company_id"]
        same = [("definition_id", "in", self.definition_id.ids)]
        rows = self._read_group(same, family, ["distance_percent:max"])
        worst = {(one, company): distance for one, company, distance in rows}
        for report in self:
            key = report.definition_id, report.company_id
            report.family_distance = worst.get(key, 0.0)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """KPIs by the worst of their family, of which the widest comes first."""
        if field_name != "family_distance":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        return SQL(
            """
            max(%(distance)s) OVER (PARTITION BY %(definition)s, %(company)s)
                %(direction)s NULLS LAST,
            %(definition)s, %(company)s,
            array_position(ARRAY['company', 'department', 'team', 'user'],
                           %(scope)s::text),
            (SELECT length(parent_path) FROM hr_department WHERE id = %(department)s)
            """,
            **{
                name: self._field_to_sql(alias, field, query)
                for name, field in {
                    "distance": "distance_percent",
                    "definition": "definition_id",
                    "company": "company_id",
                    "scope": "scope_type",
                    "department": "department_id",
                }.items()
            },
            direction=direction,
        )

    @api.model
    def _get_overview_domain(self):
        return self.env["kpi.home"]._get_summary_domain()

    def _open_once_computed(self, new):
        """Action that opens these KPIs, after those among ``new`` are computed.

        The last twelve months come at once, what lies before with the next refresh.
        """
        computed = new.definition_id.filtered(
            lambda kpi: (
                kpi.computation in ("records", "formula")
                or kpi._get_external_source() is not None
            )
        )
        if not computed:
            return self._get_open_action()
        today = fields.Date.context_today(self)
        name = self.env._("First values of %s", ", ".join(computed.mapped("name")))
        # Officers ask for jobs; rows of the job log are written by the engine only.
        job = (
            self.env["kpi.job"]
            .sudo()
            ._enqueue_computation(
                name[:200],
                "recompute",
                definitions=computed,
                first=today.replace(day=1) - relativedelta(months=MONTHS_AT_ONCE),
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "kpi_base.job_progress",
            "target": "new",
            "name": self.env._("Computing the Last 12 Months"),
            "params": {"job_id": job.id, "next": self._get_open_action()},
        }

    def _status_counts(self, companies, moment):
        """Count the KPIs that the user may see by the status they had.

        Each counts with its latest period that had begun before ``moment`` and has a
        value.

        :param moment: UTC
        :return: dict company → ``Counter`` of statuses
        """
        counts = {company: Counter() for company in companies}
        reports = self.search([("company_id", "in", companies.ids)])
        last_day = (moment - timedelta(seconds=1)).date()
        for frequency, same in reports.grouped("frequency").items():
            first_day = last_day - timedelta(days=LOOK_BACK_DAYS[frequency])
            for report, judged in same._get_judged_values(
                frequency, first_day, last_day
            ).items():
                known = [
                    each.status for each in judged.values() if each.value is not None
                ]
                if known:
                    counts[report.company_id][known[-1]] += 1
        return counts
