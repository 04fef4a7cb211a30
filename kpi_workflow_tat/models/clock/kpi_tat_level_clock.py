from odoo import api, fields, models

from odoo.addons.kpi_base.engine.worktime import to_datetime, to_instants

from ...engine.allowance import count_allowed_seconds
from ...engine.clock import Clock, plan_clock, read_clock
from ...engine.reminding import find_next_moment

REQUEST = "kpi.tat.request"
OPEN = ("running", "held")
# What was promised on a level; whoever takes it over is promised the same.
PROMISED = (
    "tat_hours_standard",
    "tat_hours_express",
    "timeout_action",
    "reminder_percents",
)
# percent → field of the moment at which that threshold falls due
DUE_FIELDS = {50: "tat50_due_at", 75: "tat75_due_at", 100: "overdue_at"}


class KpiTatLevel(models.Model):
    """Starting, stopping and planning of clocks; as superuser."""

    _inherit = "kpi.tat.level"

    @api.model
    def _follow(self, steps):
        """Have clocks begin and end as people are asked and have decided.

        :param steps: of requests
        """
        now = fields.Datetime.now()
        request_ids = list(set(steps.mapped("res_id")))
        of_person = self._group_steps(request_ids)
        known = {
            row._get_key(): row
            for row in self.search([("request_id", "in", request_ids)])
        }
        known.update(self._create_missing(steps, known))
        starting, ending = {}, {}
        for row in self._filter_concerned(steps, known):
            own = of_person.get(row._get_key(), steps.browse())
            asked = own.filtered(lambda step: step.state == "asked")
            if asked and row.clock not in OPEN:
                starting[row] = asked[-1:]
            elif not asked and row.clock in OPEN:
                ending[row] = own[-1:] or row.step_id
        self._stop_all(ending, now)
        self._start_all(starting, now)
        self.env["kpi.timer"]._notify()

    @api.model
    def _group_steps(self, request_ids):
        """Key of a clock → steps on which its person is or was asked, in order."""
        steps = self.env["kpi.approval.step"].search(
            [("res_model", "=", REQUEST), ("res_id", "in", request_ids)], order="id"
        )
        return steps.grouped(get_step_key)

    @api.model
    def _create_missing(self, steps, known):
        """Key → clock of each of these people who has none yet.

        Those who decided for others have one, once they were asked.

        :param known: key → clock of the same requests
        """
        new = {}
        for step in steps:
            key = get_step_key(step)
            if key not in known and key not in new:
                former = known.get((*key[:3], step.for_user_id.id), self.browse())
                new[key] = self._prepare_row_values(step, former)
        return dict(zip(new, self.create(list(new.values())), strict=True))

    @api.model
    def _filter_concerned(self, steps, known):
        """Clocks of these steps, and of people who left, who have no step any more."""
        keys, former = set(map(get_step_key, steps)), steps.for_user_id
        return [
            row
            for key, row in known.items()
            if key in keys or (row.clock in OPEN and row.approver_id in former)
        ]

    def _get_key(self):
        return self.request_id.id, self.level_number, self.attempt, self.approver_id.id

    @api.model
    def _prepare_row_values(self, step, former):
        """Values of the clock of a step; its time is that of whom it is taken from."""
        levels = step.workflow_id.level_ids.sorted()
        level = levels[step.level - 1 : step.level]
        source = former or level
        return {
            "request_id": step.res_id,
            "step_id": step.id,
            "level_number": step.level,
            "attempt": step.round,
            "approver_id": step.user_id.id,
            "tat_hours_standard": source.tat_hours_standard or 24.0,
            "tat_hours_express": source.tat_hours_express or 8.0,
            "timeout_action": source.timeout_action or "remind",
        }

    @api.model
    def _find_former(self, step):
        """The clock of the person in whose place somebody is asked on this level."""
        if not step.for_user_id:
            return self.browse()
        return self.search(
            [
                ("request_id", "=", step.res_id),
                ("level_number", "=", step.level),
                ("attempt", "=", step.round),
                ("approver_id", "=", step.for_user_id.id),
            ]
        )

    def _start(self, step, now):
        """Begin to count for a step; see ``_start_all``."""
        self._start_all({self: step}, now)

    @api.model
    def _start_all(self, step_of, now):
        """Begin to count, by the hours and the time allowed that hold now.

        Whoever decides in place of somebody takes over what has elapsed; a manager who
        is asked beside them begins anew.

        :param step_of: clock → step on which its person is asked
        """
        rows = self.union(*step_of)
        former_of = rows._take_over_promises(step_of)
        rules = rows._prepare_rules(now)
        for row, step in step_of.items():
            former = former_of[row]
            before = former._read_now(now).elapsed if former.tat_start_time else 0
            row.write(
                {
                    **rules[row],
                    "step_id": step.id,
                    "former_id": former.id,
                    "elapsed_before": before,
                    "level_start_time": former.level_start_time or now,
                    "tat_start_time": now,
                    "stopped_at": False,
                    "decided_at": False,
                    "reminded_percent": former.reminded_percent,
                    "tat50_alert_sent": former.tat50_alert_sent,
                    "tat75_alert_sent": former.tat75_alert_sent,
                    "tat_breached": former.tat_breached,
                }
            )
        rows._plan()

    def _take_over_promises(self, step_of):
        """Have each clock be allowed what the one it is taken over from was.

        A clock that begins again may have been promised something else before.

        :return: clock → the one that it is taken over from; empty: it begins anew
        """
        former_of = {}
        for row in self:
            is_beside = step_of[row].reason == "escalated"
            former = row.browse() if is_beside else row._find_former(step_of[row])
            former_of[row] = former
            if former:
                row.write({name: former[name] for name in PROMISED})
        return former_of

    def _prepare_rules(self, now):
        """Calendar and allowance of each clock, by its request's priority as it is.

        Those of one person are looked up once.
        """
        calendars, rules = {}, {}
        for row in self:
            request = row.request_id
            asked = (
                row.approver_id,
                request.company_id,
                request.priority,
                request.is_test,
            )
            if asked not in calendars:
                calendars[asked] = self.env["kpi.tat.calendar"]._freeze(
                    *asked[:3], now, is_test=request.is_test
                )
            hours = row[f"tat_hours_{request.priority}"]
            allowed = count_allowed_seconds(hours, is_test=request.is_test)
            rules[row] = {
                "calendar_id": calendars[asked].id,
                "allowed_seconds": allowed,
            }
        return rules

    def _build_clock(self):
        """What this clock counts by, as the engine takes it."""
        self.ensure_one()
        return Clock(
            int(to_instants([self.tat_start_time])[0]),
            self.allowed_seconds,
            self.elapsed_before,
            self.request_id.hold_ids._list_pauses(),
        )

    def _read_now(self, now):
        """What this clock shows at a moment, or showed when it was stopped."""
        moment = min(self.stopped_at or now, now)
        return read_clock(
            self.calendar_id._get_timeline(),
            self._build_clock(),
            int(to_instants([moment])[0]),
        )

    def _filter_open(self):
        """Those of these clocks that have not ended."""
        return self.filtered(lambda row: row.clock in OPEN)

    def _plan(self):
        """Store when the thresholds of running clocks fall due."""
        for row in self:
            thresholds, values = row._prepare_plan(row._build_clock())
            is_held = row.request_id.status == "on_hold"
            moment = find_next_moment(thresholds, [row.reminded_percent])
            row.write(
                {
                    **values,
                    "clock": "held" if is_held else "running",
                    "next_due_at": to_moment(moment),
                }
            )

    def _prepare_plan(self, clock):
        """When the thresholds of this clock fall due.

        :param clock: what it counts by
        :return: pair of percent → instant, and the same as values of fields
        """
        plan = plan_clock(
            self.calendar_id._get_timeline(), clock, self._list_thresholds()
        )
        values = {
            name: to_moment(plan.thresholds.get(percent))
            for percent, name in DUE_FIELDS.items()
        }
        more = {
            str(percent): moment
            for percent, moment in plan.thresholds.items()
            if percent not in DUE_FIELDS and moment is not None
        }
        values["more_due_at"] = more or False
        values["due_at"] = to_moment(plan.due_at)
        return plan.thresholds, values

    def _stop(self, now):
        """End these clocks, by what became of their steps."""
        of_person = self._group_steps(self.request_id.ids)
        self._stop_all(
            {
                row: of_person.get(row._get_key(), row.step_id)[-1:] or row.step_id
                for row in self
            },
            now,
        )

    @api.model
    def _stop_all(self, step_of, now):
        """End clocks and store what they show; tell their alerts how they ended.

        :param step_of: clock → the last step of its person
        """
        ends = {}
        for row, step in step_of.items():
            is_decided = step.state in ("approved", "rejected", "returned")
            row.stopped_at = now
            reading = row._read_now(now)
            row.write(
                {
                    "clock": "stopped",
                    "step_id": step.id,
                    "elapsed_seconds": reading.elapsed,
                    "wall_seconds": reading.wall,
                    "next_due_at": False,
                    "decided_at": is_decided and now,
                    "tat_breached": reading.is_breached or row.tat_breached,
                }
            )
            if is_decided:
                ends.setdefault(not reading.is_breached, []).append(row)
        for is_in_time, rows in ends.items():
            self.union(*rows)._get_current_alerts().write(
                {"was_completed_on_time": is_in_time, "completion_time": now}
            )

    def _get_current_alerts(self):
        """Reminders of these clocks since they began; not of before they began anew."""
        return self.alert_ids.filtered(
            lambda alert: alert.level_start_time >= alert.level_id.level_start_time
        )

    def _change_rules(self, now):
        """Go on by the request's new priority; what has elapsed stays."""
        rules = self._prepare_rules(now)
        for row in self:
            elapsed = row._read_now(now).elapsed
            row.write({"elapsed_before": elapsed, "tat_start_time": now, **rules[row]})
        self._plan()


def get_step_key(step):
    """Whose clock a step belongs to, as ``_get_key`` of that clock."""
    return step.res_id, step.level, step.round, step.user_id.id


def to_moment(instant):
    """An instant as a field stores it; None = not foreseeable."""
    return False if instant is None else to_datetime(instant)
