from datetime import timedelta
from typing import Any

from pydantic import ValidationError as SchemaError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.formatting import format_month, local_day, month_name
from odoo.addons.kpi_tracking_analytics.analytics.reliability import wilson_interval

from ..engine.punctuality import Share
from ..schemas.approval_times import TimesOptions, TimesPart
from .kpi_tat_view import DATES, FORMATS, PERIODS

ADDON = "kpi_workflow_tat"
JUDGED = Domain("outcome", "in", ["met", "breached"])
MAX_MONTHS = 12
# Outcomes of submitted requests, as the drawing has them.
OUTCOMES = {
    "approved": Domain("approval_state", "=", "approved"),
    "rejected": Domain("approval_state", "=", "rejected"),
    "open": Domain("status", "in", ["pending", "on_hold", "returned"]),
    "withdrawn": Domain("status", "=", "withdrawn"),
}
# Lists behind the page → their actions, and which of their filters are on.
SCREENS = {
    "aging": ("kpi_tat_workflow_aging_action",),
    "approvers": ("kpi_tat_approver_performance_action", "judged"),
    "decisions": ("kpi_tat_compliance_action_decision", "judged"),
    "delays": ("kpi_tat_compliance_action_delay",),
    "departments": ("kpi_tat_department_summary_action",),
    "engagement": ("kpi_tat_engagement_action",),
    "late": ("kpi_tat_compliance_action", "breached"),
    "lifecycle": ("kpi_tat_lifecycle_action",),
    "priorities": ("kpi_tat_request_volume_action",),
    "reminders": ("kpi_tat_alert_summary_action",),
    "trends": ("kpi_tat_daily_metrics_action",),
}
BESIDE = ("decisions", "delays")  # further screens of a report


class KpiTatApprovalTimes(models.AbstractModel):
    """The page of one period: how fast approvers decide, what is late, and why.

    All its numbers are those of the reports, by the rights of the reader; the context
    says what they are about, as ``kpi.tat.view`` takes it.
    """

    _name = "kpi.tat.approval.times"
    _description = "Approval Times"

    @api.model
    @api.readonly
    def get_page(self, options: dict[str, Any]):
        """All sections of the page, in a constant number of statements.

        :param options: as ``TimesOptions``
        :return: dict of ``choices`` (``templates`` and ``departments`` of the filters,
            each with ``id``, ``name`` and ``count``), ``days`` (the first and the last
            one, as texts; None: no limit), ``figures``, and of each section, None where
            there is nothing to show or the reader has no access: ``approvers``,
            ``months``, ``late``, ``outcomes``, ``priorities``, ``reminders``, ``steps``
            and ``engagement``, dicts whose ``title`` says what was found
        :raises UserError: options that the page does not have
        """
        asked = self._read(TimesOptions, options)
        own = self.with_context(
            **self._get_period_context(asked), **self._get_about_context(asked)
        )
        months = own._count_by_month()
        page = {
            "choices": own._find_choices(),
            "days": own._find_days(),
            "figures": own._prepare_figures(months),
            "approvers": own._prepare_approvers(),
            "months": own._prepare_months(months),
            "late": own._prepare_late(months),
            "outcomes": own._prepare_outcomes(),
            "priorities": own._prepare_priorities(),
            "reminders": own._prepare_reminders(),
            "steps": own._prepare_steps(),
            "engagement": own._prepare_engagement(),
        }
        waiting = page["figures"]["waiting"]["count"]
        names = ("months", "outcomes", "engagement")
        is_empty = not waiting and not any(page[name] for name in names)
        return {**page, "is_empty": is_empty}

    @api.model
    @api.readonly
    def open_list(
        self, options: dict[str, Any], name: str, part: dict[str, Any] | None = None
    ):
        """The action of a list behind the page, about the same requests and period.

        :param name: one of ``SCREENS``
        :param part: of the list, as ``TimesPart``; all of it by default
        :raises UserError: options or a list that the page does not have
        """
        asked = self._read(TimesOptions, options)
        chosen = self._read(TimesPart, part or {})
        if name not in SCREENS:
            raise UserError(self.env._("Invalid filter. Reload the page."))
        xml_id, *filters = SCREENS[name]
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.{xml_id}")
        if name == "aging":  # the current state, whatever the period
            period = {}
        elif asked.period == "custom":
            period = self._get_period_context(asked)
        else:
            period = {f"search_default_{asked.period}": 1}
        # The client shows that of the action rather than its name.
        about = self._name_part(chosen), self._name_about(asked)
        title = " – ".join(filter(None, (action["name"], *about)))
        values = {
            "display_name": title,
            "context": {
                **self._get_about_context(asked),
                **period,
                **{f"search_default_{each}": 1 for each in filters},
                # of several screens of one report, whose columns files have
                **({"kpi_tat_screen": action["path"]} if name in BESIDE else {}),
            },
        }
        if part:
            values["domain"] = list(self._get_part_domain(chosen))
        return {**action, **values}

    @api.model
    @api.readonly
    def open_requests(self, options: dict[str, Any], outcome: str):
        """The action that lists the requests of an outcome; all of them without one.

        :param outcome: one of ``OUTCOMES``, or empty
        """
        asked = self._read(TimesOptions, options)
        view = self.env["kpi.tat.view"].with_context(
            **self._get_period_context(asked), **self._get_about_context(asked)
        )
        domain = view._get_submitted_domain() & OUTCOMES.get(outcome, Domain.TRUE)
        return open_list(self.env, f"{ADDON}.kpi_tat_request_action", list(domain))

    @api.model
    @api.readonly
    def download(self, options: dict[str, Any], file_format: str):
        """Open the decisions of the page as a file, or its requests as an event log.

        :param file_format: ``pdf``, ``xlsx``, ``csv`` or ``xes``
        """
        asked = self._read(TimesOptions, options)
        context = {
            **self._get_period_context(asked),
            **self._get_about_context(asked),
        }
        if file_format == "xes":
            view = self.env["kpi.tat.view"].with_context(**context)
            requests = self.env["kpi.tat.request"].search(view._get_submitted_domain())
            return requests.action_export_xes()
        if file_format not in FORMATS:
            raise UserError(self.env._("Invalid filter. Reload the page."))
        rows = self.env["kpi.tat.compliance"].with_context(
            **context, active_domain=list(JUDGED), kpi_tat_screen="tat-decisions"
        )
        return rows._download(file_format)

    @api.model
    def _read(self, schema, given):
        """:raises UserError: not of this schema"""
        try:
            return schema.model_validate(given)
        except SchemaError as error:
            raise UserError(self.env._("Invalid filter. Reload the page.")) from error

    @api.model
    def _get_part_domain(self, chosen):
        given = {
            name: getattr(chosen, name)
            for name in ("approver_id", "company_id", "priority")
        }
        domain = Domain.AND(
            Domain(name, "=", value) for name, value in given.items() if value
        )
        if not chosen.month:
            return domain
        first = fields.Date.to_date(chosen.month).replace(day=1)
        stop = (first + timedelta(days=31)).replace(day=1)
        # Months are those of the reader, as in the chart.
        start, end = map(self.env["kpi.tat.view"]._read_moment, (first, stop))
        in_month = Domain("overdue_at", ">=", start) & Domain("overdue_at", "<", end)
        return domain & in_month

    @api.model
    def _get_period_context(self, asked):
        custom = asked.date_from or False, asked.date_to or False
        return dict(zip(DATES, PERIODS.get(asked.period, custom), strict=True))

    @api.model
    def _get_about_context(self, asked):
        return {
            "kpi_tat_template_id": asked.template_id or False,
            "kpi_tat_department_id": asked.department_id or False,
        }

    @api.model
    def _name_about(self, asked):
        """The template and the department that are chosen, in words."""
        requests = self.env["kpi.tat.request"]
        names = []
        for name in ("template_id", "department_id"):
            chosen = getattr(asked, name)
            if chosen:
                # Readers of a request see their names.
                request = requests.search(Domain(name, "=", chosen), limit=1).sudo()
                names.append(request[name].display_name)
        return ", ".join(filter(None, names))

    @api.model
    def _name_part(self, chosen):
        """The approver, the month and the priority that are chosen, in words."""
        names = []
        if chosen.approver_id:
            # as far as the reader sees figures of them
            rows = self.env["kpi.tat.approver.performance"]
            approver = Domain("approver_id", "=", chosen.approver_id)
            names.append(rows.search(approver, limit=1).approver_name)
        if chosen.month:
            month = fields.Date.to_date(chosen.month)
            names.append(format_month(self.env, month, is_long=True))
        if chosen.priority:
            choices = self.env["kpi.tat.compliance"]._fields["priority"]
            labels = dict(choices._description_selection(self.env))
            names.append(labels[chosen.priority])
        return ", ".join(filter(None, names))

    @api.model
    def _find_choices(self):
        choices = self.env["kpi.tat.process.map"].get_choices()
        return {name: choices[name] for name in ("templates", "departments")}

    @api.model
    def _get_bounds(self):
        """First day of the period and first one behind it; None without a limit."""
        moments = self.env["kpi.tat.view"]._get_period()
        zoned = self.with_context(tz=self.env.user.tz or "UTC").env
        return tuple(moment and local_day(zoned, moment).date() for moment in moments)

    @api.model
    def _find_days(self):
        first, stop = self._get_bounds()
        last = self._get_today()
        if stop:
            last = min(last, stop - timedelta(days=1))
        return [day and fields.Date.to_string(day) for day in (first, last)]

    @api.model
    def _get_today(self):
        return fields.Date.context_today(self)

    @api.model
    def _count_by_month(self):
        """Decisions by the month of their due time: first day → ``Share``.

        Those without a due time, as of an approver without working hours, are in time:
        they stand by None.
        """
        rows = self.env["kpi.tat.compliance"].with_context(tz=self.env.user.tz or "UTC")
        counts = {}
        for month, outcome, count in rows._read_group(
            JUDGED, ["overdue_at:month", "outcome"], ["__count"]
        ):
            day = month.date().replace(day=1) if month else None
            met, total = counts.get(day, (0, 0))
            counts[day] = met + count * (outcome == "met"), total + count
        return {day: Share(*pair) for day, pair in counts.items()}

    @api.model
    def _list_months(self, counts):
        """First days of the months that are shown."""
        known = sorted(filter(None, counts))
        if not known:
            return []
        first, last_day = self._get_bounds()[0], self._find_days()[1]
        start = min(filter(None, (first and first.replace(day=1), known[0])))
        # What was decided before it was due may be due in a month that has not begun.
        late = [month for month in known if count_late(counts, month)]
        stop = max(*late, fields.Date.to_date(last_day).replace(day=1), start)
        months = [start]
        while months[-1] < stop:
            months.append((months[-1] + timedelta(days=31)).replace(day=1))
        return months[-MAX_MONTHS:]

    @api.model
    def _prepare_figures(self, counts):
        met = sum(share.met for share in counts.values())
        count = sum(share.count for share in counts.values())
        low, high = wilson_interval(met, count) if count else (None, None)
        median, least, most = self._measure_response()
        months = self._list_months(counts)
        late = {month: count_late(counts, month) for month in months}
        *before, last = months or [None]
        states = dict(
            self.env["kpi.tat.workflow.aging"]
            .with_context(**dict.fromkeys(DATES, False))
            ._read_group([], ["is_overdue"], ["__count"])
        )
        return {
            "in_time": {"met": met, "count": count, "low": low, "high": high},
            "response": {"hours": median, "least": least, "most": most},
            "overdue": {
                "title": (
                    self.env._("Overdue in %s", month_name(self.env, last.month))
                    if last
                    else self.env._("Overdue")
                ),
                "count": late.get(last, 0),
                "month": last and fields.Date.to_string(last),
                "note": ", ".join(
                    self.env._(
                        "%(count)s in %(month)s",
                        count=late[month],
                        month=month_name(self.env, month.month),
                    )
                    for month in reversed(before[-2:])
                ),
            },
            "waiting": {
                "count": sum(states.values()),
                "overdue": states.get(True, 0),
            },
        }

    @api.model
    def _measure_response(self):
        """Median hours of decisions; the least and the most hours allowed."""
        ((median, least, most),) = self.env["kpi.tat.compliance"]._read_group(
            JUDGED & Domain("decided_at", "!=", False),
            [],
            [
                "tat_hours_elapsed:median",
                "tat_hours_allocated:min",
                "tat_hours_allocated:max",
            ],
        )
        return tuple(map(to_number, (median, least, most)))


def count_late(counts, month):
    """Late decisions of a month, of ``counts`` by ``_count_by_month``."""
    share = counts.get(month)
    return share.count - share.met if share else 0


def to_number(value):
    """A number of a report as JSON has it; None where there is none."""
    return None if value is None or value is False else float(value)
