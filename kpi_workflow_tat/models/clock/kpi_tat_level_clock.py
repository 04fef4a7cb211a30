from odoo import api, fields, models

from odoo.addons.kpi_base.engine.worktime import to_datetime, to_instants

from ...engine.allowance import count_allowed_seconds
from ...engine.clock import Clock, plan_clock, read_clock
from ...engine.reminding import find_next_moment

OPEN = ("running", "held")
PASSED_ON = ("forwarded", "replaced")  # states of steps whose clock goes on elsewhere
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
        rows = self._find_or_create(steps)
        for row in rows:
            asked = row._find_steps().filtered(lambda step: step.state == "asked")
            if asked and row.clock not in OPEN:
                row._start(asked[-1:], now)
            elif not asked and row.clock in OPEN:
                row._stop(now)
        self.env["kpi.timer"]._notify()

    @api.model
    def _find_or_create(self, steps):
        """The clocks of these people; those who decided for others once have one."""
        known = {row._get_key(): row for row in self._search_of(steps)}
        new = {}
        for step in steps:
            key = get_step_key(step)
            if key not in known:
                new[key] = self._prepare_row_values(step)
        created = self.create(list(new.values()))
        return self._search_of(steps) | created

    @api.model
    def _search_of(self, steps):
        keys = {get_step_key(step) for step in steps}
        rows = self.search([("request_id", "in", steps.mapped("res_id"))])
        former = steps.for_user_id  # a person who left has no step any more
        return rows.filtered(
            lambda row: (
                row._get_key() in keys
                or (row.clock in OPEN and row.approver_id in former)
            )
        )

    def _get_key(self):
        return self.request_id.id, self.level_number, self.attempt, self.approver_id.id

    @api.model
    def _prepare_row_values(self, step):
        levels = step.workflow_id.level_ids.sorted()
        level = levels[step.level - 1 : step.level]
        former = self._find_former(step)
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

    def _find_steps(self):
        """Steps on which this person is or was asked, on this level and attempt."""
        return self.env["kpi.approval.step"].search(
            [
                ("res_model", "=", self.request_id._name),
                ("res_id", "=", self.request_id.id),
                ("level", "=", self.level_number),
                ("round", "=", self.attempt),
                ("user_id", "=", self.approver_id.id),
            ],
            order="id",
        )

    def _start(self, step, now):
        """Begin to count, by the hours and the time allowed that hold now.

        Whoever decides in place of somebody takes over what has elapsed; a manager who
        is asked beside them begins anew.
        """
        former = (
            self._find_former(step) if step.reason != "escalated" else self.browse()
        )
        before = former._read_now(now).elapsed if former.tat_start_time else 0
        self.write(
            {
                **self._prepare_rules(now),
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
        self._plan()

    def _prepare_rules(self, now):
        """Calendar and allowance by the request's priority as it is."""
        request = self.request_id
        hours = self[f"tat_hours_{request.priority}"]
        calendar = self.env["kpi.tat.calendar"]._freeze(
            self.approver_id,
            request.company_id,
            request.priority,
            now,
            is_test=request.is_test,
        )
        return {
            "calendar_id": calendar.id,
            "allowed_seconds": count_allowed_seconds(hours, is_test=request.is_test),
        }

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
            plan = plan_clock(row.calendar_id._get_timeline(), row._build_clock())
            is_held = row.request_id.status == "on_hold"
            moments = {
                name: plan.thresholds[percent] for percent, name in DUE_FIELDS.items()
            }
            moments["due_at"] = plan.due_at
            announced = [row.reminded_percent]
            moments["next_due_at"] = find_next_moment(plan.thresholds, announced)
            row.write(
                {
                    "clock": "held" if is_held else "running",
                    **{name: to_moment(value) for name, value in moments.items()},
                }
            )

    def _stop(self, now):
        """End the clock and store what it shows; tell the alerts how it ended."""
        step = self._find_steps()[-1:] or self.step_id
        is_decided = step.state in ("approved", "rejected", "returned")
        self.write({"stopped_at": now})
        reading = self._read_now(now)
        self.write(
            {
                "clock": "stopped",
                "step_id": step.id,
                "elapsed_seconds": reading.elapsed,
                "wall_seconds": reading.wall,
                "next_due_at": False,
                "decided_at": is_decided and now,
                "tat_breached": reading.is_breached or self.tat_breached,
            }
        )
        if is_decided:
            self.alert_ids.write(
                {
                    "was_completed_on_time": not reading.is_breached,
                    "completion_time": now,
                }
            )

    def _change_rules(self, now):
        """Go on by the request's new priority; what has elapsed stays."""
        for row in self:
            elapsed = row._read_now(now).elapsed
            row.write(
                {
                    "elapsed_before": elapsed,
                    "tat_start_time": now,
                    **row._prepare_rules(now),
                }
            )
        self._plan()


def get_step_key(step):
    """Whose clock a step belongs to, as ``_get_key`` of that clock."""
    return step.res_id, step.level, step.round, step.user_id.id


def to_moment(instant):
    """An instant as a field stores it; None = not foreseeable."""
    return False if instant is None else to_datetime(instant)
