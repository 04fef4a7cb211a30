from dataclasses import replace
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form, open_list
from odoo.addons.kpi_base.schemas.base import GivenDay, Grain, Nothing
from odoo.addons.kpi_tracking.models.report.kpi_report_values import query_periods_sql


class KpiReport(models.Model):
    """A KPI, and what was said about it."""

    _inherit = "kpi.report"

    discussion_ids = fields.One2many(
        "kpi.discussion", "kpi_id", "Discussions", readonly=True
    )
    action_item_ids = fields.One2many(
        "kpi.action.item", "report_id", "Actions", readonly=True
    )

    def action_discuss(
        self,
        grain: Grain | Nothing = None,
        period_start: GivenDay | Nothing = None,
    ):
        """Open a new discussion of the KPI in a period.

        :param grain: length of the period; default: the KPI's own
        :param period_start: its first day; default: that of the form's period, see
            ``_find_asked_period``
        """
        self.ensure_one()
        start = fields.Date.to_date(period_start)
        if not start:
            period = self._find_asked_period()
            start = period and period.start
        context = {"default_kpi_id": self.id}
        if start:
            context |= {
                "default_grain": grain or self.frequency,
                "default_period_start": fields.Date.to_string(start),
            }
        discussions = self.env["kpi.discussion"]
        return open_form(discussions, name=self.env._("Discuss"), context=context)

    def action_open_discussions(self):
        """Open the discussions of the KPI."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking_collaboration.kpi_discussion_action",
            [("kpi_id", "=", self.id)],
            context={"search_default_open": 1, "default_kpi_id": self.id},
        )

    def _check_shown_in(self, grain):
        """Refuse a period length in which the KPI has no values.

        :raises ValidationError: naming the KPI
        """
        if grain not in self.definition_id._get_shown_grains():
            raise ValidationError(
                self.env._("%s has no values for this period length.", self.name)
            )

    def action_add_action(self):
        """Open a new action about the KPI."""
        self.ensure_one()
        return open_form(
            self.env["kpi.action.item"],
            name=self.env._("New Action"),
            context={"default_report_id": self.id},
        )

    def action_open_actions(self):
        """Open the actions about the KPI."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking_collaboration.kpi_action_item_action",
            [("report_id", "=", self.id)],
            context={"default_report_id": self.id},
        )

    def _read_numbers_of(self, moment):
        """What KPIs showed in a second, as far as their values of then are stored.

        :param moment: start of the second; facts have microseconds, moments of Odoo
            have none, so that what was recorded just before counts
        :return: KPI → as ``held_numbers`` of agenda items
        """

        def find_last(kpi):
            calendar = kpi.definition_id.calendar_id
            local = self.with_context(tz=calendar.tz)
            day = fields.Datetime.context_timestamp(local, moment).date()
            last = min(day, kpi.current_period_start or day)
            return calendar, day, calendar._period(kpi.frequency, last)

        queries, numbers = [], {}
        for (calendar, day, last), same in self.grouped(find_last).items():
            periods = same[0]._get_periods_until(last)
            query = same._series_query(calendar, periods, periods)
            queries.append(replace(query, today=day))
        facts = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, value, NULL
                  FROM kpi_measurement
                 WHERE recorded_at < %(until)s AND (%(within)s)
                 UNION ALL
                SELECT report_id, period_start, old_value, NULL
                  FROM kpi_measurement_revision
                 WHERE recorded_at < %(until)s AND replaced_at >= %(until)s
                   AND (%(within)s)
                """,
                until=moment + timedelta(seconds=1),
                within=query_periods_sql(queries),
            )
        )
        rows = replace(self._read_series_rows(queries, "stored"), facts=facts)
        found = self._read_series(queries, rows=rows)
        for query, series in zip(queries, found, strict=True):
            values, judged = series.list_values(), series.list_judged()
            for kpi in self.browse(query.report_ids):
                if not (known := [*values[kpi.id]]):
                    numbers[kpi] = {"has_value": False, "status": "no_data"}
                    continue
                now = judged[kpi.id][known[-1]]
                shown = [each for each in query.periods if each.start <= known[-1]]
                is_running = query.today < shown[-1].stop
                points = kpi._list_points(shown, series)
                numbers[kpi] = {
                    "current_value": now.value,
                    "has_value": True,
                    "status": now.status,
                    "is_running": is_running,
                    "sparkline": {"running": is_running, "points": points},
                    "grain": kpi.frequency,
                    "period_start": fields.Date.to_string(known[-1]),
                }
        return numbers


class KpiAlertEvent(models.Model):
    """An alert, and what was said about it."""

    _inherit = "kpi.alert.event"

    discussion_ids = fields.One2many(
        "kpi.discussion", "alert_event_id", "Discussions", readonly=True
    )

    def action_discuss(self):
        """Open the discussion of the alert, or a new one."""
        self.ensure_one()
        found = self.discussion_ids.filtered(lambda each: each.state == "open")[:1]
        action = self.report_id.action_discuss(self.grain, self.period_start)
        if found:
            return {**action, "res_id": found.id}
        more = {"default_discussion_type": "escalation"}
        if not self.personal_user_id:  # others do not see one's own alerts
            more["default_alert_event_id"] = self.id
        return {**action, "context": {**action["context"], **more}}

    def _check_discussable(self, report):
        """Refuse alerts of other KPIs, and those that only one person sees.

        :raises ValidationError: what to choose
        """
        # Whoever opens it names the alert; what is asked is what it is about.
        for event in self.sudo():
            if event.report_id != report or event.personal_user_id:
                raise ValidationError(
                    self.env._("Choose an alert of this KPI that others can see.")
                )

    def action_add_action(self):
        """Open a new action about the KPI."""
        self.ensure_one()
        action = self.report_id.action_add_action()
        if not self.personal_user_id:  # others do not see one's own alerts
            action["context"]["default_alert_event_id"] = self.id
        return action
