from odoo import api, fields, models
from odoo.tools.misc import format_date

from odoo.addons.kpi_base.engine.worktime import to_instants

from ...engine.allowance import count_allowed_seconds
from ...engine.countdown import list_coming
from ...engine.sentence import say_duration, say_stretches
from .kpi_tat_level_clock import to_moment


class KpiTatLevel(models.Model):
    """Clocks as a screen shows them while they go on, and what they counted."""

    _inherit = "kpi.tat.level"

    explanation = fields.Char(
        "Counted", compute="_compute_explanation", exportable=False
    )

    @api.depends_context("lang", "tz")
    @api.depends("tat_start_time", "stopped_at", "elapsed_before", "clock")
    def _compute_explanation(self):
        for row in self:
            row.explanation = row._explain_elapsed()

    def _explain_elapsed(self):
        """What a clock counted: “3 h = Fri 16–17 + Mon 8–10”; empty: not started."""
        intervals = self._list_intervals()
        if not intervals:
            return ""
        total = say_duration(sum(one.seconds for one in intervals))
        before = sum(one.seconds for one in intervals if one.kind == "taken_over")
        parts = []
        if before:
            parts.append(self.env._("%s counted before", say_duration(before)))
        said = say_stretches(intervals, self._get_zone(), self._say_day)
        if said:
            parts.append(said)
        return f"{total} = {' + '.join(parts)}" if parts else total

    @api.model
    def _say_day(self, day, within_week):
        return format_date(self.env, day, date_format="EEE" if within_week else "d MMM")

    def get_clocks(self):
        """Tell what these clocks show and when they will count, for a countdown.

        :return: dict of ``now`` (seconds since 1970) and ``clocks``: dicts of ``id``,
            ``level``, ``person``, ``decision``, ``clock``, ``allowed`` and ``elapsed``
            seconds, ``intervals`` in which it counts from now on, ``due_at``,
            ``explanation``, and ``is_of_group``: nobody has claimed it
        """
        self.check_access("read")
        now = fields.Datetime.now()
        return {
            "now": int(to_instants([now])[0]),
            "clocks": [row._describe_clock(now) for row in self],
        }

    def _describe_clock(self, now):
        # What a clock counts by is no secret to who sees it.
        own = self.sudo()
        reading = own.tat_start_time and own._read_now(now)
        labels = dict(self._fields["decision"]._description_selection(self.env))
        return {
            "id": self.id,
            "level": self.level_number,
            "person": own.approver_id.name,
            "decision": labels.get(own.decision, ""),
            "clock": self.clock,
            "allowed": reading.allowed if reading else own._count_promised(),
            "elapsed": reading.elapsed if reading else 0,
            "intervals": own._list_coming(now) if self.clock == "running" else [],
            "due_at": int(to_instants([self.due_at])[0]) if self.due_at else False,
            "explanation": self.explanation,
            "is_of_group": self._is_shared(),
        }

    def _count_promised(self, values=None):
        """Seconds that were promised for the request's priority.

        :param values: what is promised; those of the clock where there is none
        """
        request = self.request_id
        hours = (values or self)[f"tat_hours_{request.priority}"]
        return count_allowed_seconds(hours, is_test=request.is_test)

    def _list_coming(self, now):
        overdue_at = self.overdue_at or now
        return list_coming(
            self.calendar_id._get_timeline(),
            self._build_clock(),
            *to_instants([now, overdue_at]).tolist(),
        )

    def _read_hours(self, calendar, moment):
        """Other working hours for this clock, with the leaves of who is asked."""
        # Hours of work and who is asked are no secret to who sees the clock.
        own = self.sudo()
        calendars = own.env["kpi.tat.calendar"]
        _hours, resource = calendars._find_hours(own.approver_id, own.company_id)
        return calendars._read_hours(calendar, resource, moment)

    @api.model
    def _to_due(self, plan):
        """When a plan is due, as a field shows it; empty: not as long as it is held."""
        return to_moment(plan.due_at)

    def action_what_if(self):
        """Open the dialog that shows this clock by other rules."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_workflow_tat.kpi_tat_what_if_action"
        )
        return {**action, "context": {"default_level_id": self.id}}
