from dataclasses import replace

from markupsafe import Markup

from odoo import fields, models
from odoo.tools.misc import format_datetime

from odoo.addons.kpi_base.engine.worktime import Timeline, to_instants

from ...engine.clock import plan_clock, read_clock
from ...engine.sentence import say_duration
from .kpi_tat_level_clock import to_moment

BREACH = 100


class KpiTatLevel(models.Model):
    """Corrections of clocks afterwards: what they showed before, and show since."""

    _inherit = "kpi.tat.level"

    def _plan(self):
        """As above; a clock that is in time again after a correction is looked at
        when it runs out once more, although that was announced."""
        result = super()._plan()
        for row in self:
            if row.reminded_percent >= BREACH and not row.tat_breached:
                row.next_due_at = row.overdue_at
        return result

    def _correct(self, change):
        """Change what these clocks count by, and store what they show since.

        :param change: does it, without arguments
        :return: list of dicts, one for each clock that shows something else: ``row``,
            and ``before`` and ``after`` of ``elapsed`` and ``allowed`` seconds and
            ``due_at``
        """
        now = fields.Datetime.now()
        before = {row: row._read_state(now) for row in self}
        change()
        for row in self:
            row._store_correction(now, before[row])
        after = {row: row._read_state(now) for row in self}
        self.env["kpi.timer"]._notify()
        return [
            {"row": row, "before": before[row], "after": after[row]}
            for row in self
            if before[row] != after[row]
        ]

    def _read_state(self, now):
        reading = self._read_now(now)
        due_at = fields.Datetime.to_string(self.due_at) if self.due_at else None
        return {
            "elapsed": reading.elapsed,
            "allowed": reading.allowed,
            "due_at": due_at,
        }

    def _store_correction(self, now, before):
        """Store what this clock shows by what it counts by now.

        A breach goes only where the correction undoes it: one of before the time
        allowed was changed, or of whoever had the level before, stays.

        :param before: of ``_read_state``
        """
        reading = self._read_now(now)
        self._correct_share()
        was_breached = before["elapsed"] > before["allowed"]
        if was_breached and not reading.is_breached:
            self.tat_breached = False
        if self._filter_open():
            self._plan()
            return
        self.write(
            {
                **self._prepare_stopped_plan(),
                "elapsed_seconds": reading.elapsed,
                "tat_breached": reading.is_breached or self.tat_breached,
                "own_seconds": self._count_own(reading.elapsed),
            }
        )
        if self.decided_at:
            alerts = self._get_current_alerts()
            alerts.was_completed_on_time = not reading.is_breached

    def _prepare_stopped_plan(self):
        """When a clock that has stopped would have been due, by what came before."""
        clock = self._build_clock()
        (stop,) = to_instants([self.stopped_at]).tolist()
        pauses = tuple(pause for pause in clock.pauses if pause.start < stop)
        _thresholds, values = self._prepare_plan(replace(clock, pauses=pauses))
        return values

    def _prepare_recomputed(self, *, with_hours, with_allowance):
        """What this clock counts by, by its calendars and template as they are now.

        :return: triple of the ``WorkCalendar`` with its name (None: as it is), and the
            values of the template (empty: as they are)
        """
        self.ensure_one()
        request = self.request_id
        hours = None
        if with_hours and self.tat_start_time:
            hours = self.env["kpi.tat.calendar"]._choose_hours(
                self.approver_id,
                request.company_id,
                request.priority,
                self.tat_start_time,
                is_test=request.is_test,
            )
        levels = request.template_id.level_ids.sorted()
        level = levels[self.level_number - 1 : self.level_number]
        values = {}
        if with_allowance and level:
            names = ("tat_hours_standard", "tat_hours_express", "timeout_action")
            values = {name: level[name] for name in names}
            values["reminder_percents"] = request.template_id.reminder_percents
        return hours, values

    def _preview_recomputed(self, now, **rules):
        """What this clock shows, and would show by ``_prepare_recomputed``."""
        hours, values = self._prepare_recomputed(**rules)
        clock = self._build_clock()
        if values:
            clock = replace(clock, allowed=self._count_promised(values))
        timeline = Timeline(hours[0]) if hours else self.calendar_id._get_timeline()
        (instant,) = to_instants([now]).tolist()
        reading = read_clock(timeline, clock, instant)
        due_at = to_moment(plan_clock(timeline, clock).due_at)
        return {
            "row": self,
            "before": self._read_state(now),
            "after": {
                "elapsed": reading.elapsed,
                "allowed": reading.allowed,
                "due_at": fields.Datetime.to_string(due_at) if due_at else None,
            },
        }

    def _recompute(self, **rules):
        """Count these clocks by their calendars and template as they are now.

        :return: as ``_correct``
        """
        prepared = {row: row._prepare_recomputed(**rules) for row in self}

        def change():
            for row, (hours, values) in prepared.items():
                if hours:
                    row.calendar_id = row.calendar_id._get_stored(*hours)
                row.write(values)
                if values and row.tat_start_time:
                    row.allowed_seconds = row._count_promised()

        return self._filter_open()._correct(change)

    def _filter_counting(self, date_from, date_to, now):
        """Those of these clocks that counted between two moments, or may have."""
        return self.filtered(
            lambda row: (
                row.tat_start_time
                and row.tat_start_time < date_to
                and (row.stopped_at or now) > date_from
            )
        )

    def _write_corrections(self, changes):
        """What was corrected, as a table for the chatter and dialogs."""
        if not changes:
            return Markup("<p>%s</p>") % self.env._("No clock shows anything else.")
        rows = Markup("").join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s</td></tr>")
            % (
                one["row"].approver_id.name,
                self._say_state(one["before"]),
                self._say_state(one["after"]),
            )
            for one in changes
        )
        return Markup(
            "<table class='table table-sm'><thead><tr><th>%s</th><th>%s</th><th>%s</th>"
            "</tr></thead><tbody>%s</tbody></table>"
        ) % (
            self.env._("Clock of"),
            self.env._("Before"),
            self.env._("After"),
            rows,
        )

    def _say_state(self, state):
        text = self.env._(
            "%(elapsed)s of %(allowed)s",
            elapsed=say_duration(state["elapsed"]),
            allowed=say_duration(state["allowed"]),
        )
        if not state["due_at"]:
            return text
        due = format_datetime(self.env, fields.Datetime.to_datetime(state["due_at"]))
        return self.env._("%(text)s, due %(due)s", text=text, due=due)
