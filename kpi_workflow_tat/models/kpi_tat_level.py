from calendar import timegm
from functools import cache

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.columns import add_generated_columns
from odoo.addons.kpi_base.engine.worktime import to_datetime, to_instants
from odoo.addons.kpi_base.fields import RichText
from odoo.addons.kpi_base.formatting import format_day, format_weekday

from ..engine.clock import (
    BREACH,
    Clock,
    count_allowed_seconds,
    find_next_moment,
    parse_thresholds,
    plan_clock,
    read_clock,
)
from ..engine.sentence import say_duration, say_stretches
from ..engine.statement import list_coming
from .kpi_tat_template_version import TIMEOUT_ACTIONS

CLOCKS = [
    ("waiting", "Not Started"),
    ("running", "Running"),
    ("held", "On Hold"),
    ("stopped", "Stopped"),
]
REQUEST = "kpi.tat.request"
# Whether a clock (``level``) says nothing; NULL or false where it does. The time went
# on with somebody else, or was a group's, of which another one claimed the request or
# decided. Where nobody of it did, all of them are judged.
IS_SILENT = SQL("(level.is_passed_on OR level.is_left_to_others)")
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
    """The clock of one person on one level of a request, in one attempt.

    Who is asked and what they decided is said by their ``kpi.approval.step``. What
    counts was frozen when the clock began; all moments that matter later are stored, so
    that alerts, lists and reports only compare columns.
    """

    _name = "kpi.tat.level"
    _description = "Request Approval Level"
    _table = "approval_levels"
    _inherit = ["kpi.readonly.mixin"]
    _order = "next_due_at, id"
    _rec_name = "request_id"
    _kpi_measurable = True

    request_id = fields.Many2one(
        "kpi.tat.request", required=True, readonly=True, ondelete="cascade", index=True
    )
    step_id = fields.Many2one(
        "kpi.approval.step",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    level_id = fields.Integer("Level ID", compute="_compute_level_id", exportable=False)
    created_at = fields.Datetime("Created At", related="create_date", exportable=False)
    level_number = fields.Integer(
        "Level", required=True, readonly=True, aggregator=None
    )
    attempt = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Number of submissions.",
    )
    approver_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True
    )
    decision = fields.Selection(related="step_id.state")
    delay_reason_id = fields.Many2one(related="step_id.delay_reason_id")
    delay_note = fields.Text(related="step_id.delay_note")
    decided_at = fields.Datetime("Decided", readonly=True)
    clock = fields.Selection(CLOCKS, required=True, readonly=True, default="waiting")
    # What was promised when the request was submitted …
    tat_hours_standard = fields.Float("Working Hours", readonly=True)
    tat_hours_express = fields.Float("Express Hours", readonly=True)
    timeout_action = fields.Selection(
        TIMEOUT_ACTIONS, "When Overdue", readonly=True, default="remind"
    )
    # … and what holds since the clock began.
    calendar_id = fields.Many2one(
        "kpi.tat.calendar", readonly=True, ondelete="restrict"
    )
    allowed_seconds = fields.Integer(readonly=True, aggregator=None, exportable=False)
    level_start_time = fields.Datetime("Asked", readonly=True)
    tat_start_time = fields.Datetime(
        "Counted From",
        readonly=True,
        help="Later than the level's start if the approver or allowed time changed.",
    )
    elapsed_before = fields.Integer(
        "Earlier Time (s)",
        readonly=True,
        aggregator=None,
        help="Time used before the approver, calendar or priority changed.",
    )
    former_id = fields.Many2one(
        "kpi.tat.level", "Previous Clock", readonly=True, ondelete="set null"
    )
    stopped_at = fields.Datetime(readonly=True)
    elapsed_seconds = fields.Integer(
        readonly=True,
        aggregator="avg",
    )
    wall_seconds = fields.Integer("Calendar Seconds", readonly=True, aggregator="avg")
    tat50_due_at = fields.Datetime("50% Due At", readonly=True)
    tat75_due_at = fields.Datetime("75% Due At", readonly=True)
    due_at = fields.Datetime("Due", readonly=True)
    overdue_at = fields.Datetime(
        readonly=True,
    )
    next_due_at = fields.Datetime("Next Reminder", readonly=True)
    reminded_percent = fields.Integer(
        string="Last Reminder (%)",
        readonly=True,
        aggregator=None,
        exportable=False,
        default=0,
    )
    tat50_alert_sent = fields.Boolean("50% Reminder Sent", readonly=True)
    tat75_alert_sent = fields.Boolean("75% Reminder Sent", readonly=True)
    tat_breached = fields.Boolean("Overdue", readonly=True)
    alert_ids = fields.One2many("kpi.tat.alert", "level_id", readonly=True)
    reminder_percents = fields.Char("Remind At (%)", readonly=True, default="50, 75")
    # percent → instant, of thresholds without a column of their own
    more_due_at = fields.Json(
        string="Other Reminder Times", readonly=True, exportable=False
    )
    initiator_id = fields.Many2one(related="request_id.initiator_id")
    facts = fields.Char(related="step_id.facts")
    currency_id = fields.Many2one(related="request_id.currency_id")
    amount = fields.Monetary(related="request_id.amount", aggregator=None)
    description = RichText(related="request_id.description")
    can_decide = fields.Boolean(compute="_compute_can_decide", exportable=False)
    explanation = fields.Char(
        "Counted Time", compute="_compute_explanation", exportable=False
    )
    is_passed_on = fields.Boolean(
        "Reassigned",
        compute="_compute_is_passed_on",
        store=True,
        precompute=True,
        help="Elapsed time moved to the new approver.",
    )
    is_left_to_others = fields.Boolean(
        "Handled by Another Member",
        compute="_compute_is_left_to_others",
        store=True,
        precompute=True,
        help="Another group member claimed or decided; only that member's clock "
        "counts.",
    )
    elapsed_hours = fields.Float(
        "Counted Hours",
        compute="_compute_elapsed_hours",
        store=True,
        precompute=True,
        digits=(12, 4),
        aggregator="avg",
    )
    is_of_group = fields.Boolean(
        "Group Approval",
        readonly=True,
        help="Any group member can decide; time is shared until one claims it.",
    )
    claimed_at = fields.Datetime("Claimed", readonly=True)
    taken_over_seconds = fields.Integer(
        "Others' Time (s)",
        readonly=True,
        aggregator=None,
        help="Time counted for the group or previous approver.",
    )
    own_seconds = fields.Integer(
        "Own Time (s)",
        readonly=True,
        aggregator=None,
        help="Time counted for this approver.",
    )
    own_before = fields.Integer(
        string="Own Time Before (s)",
        readonly=True,
        aggregator=None,
        exportable=False,
    )
    split = fields.Char(
        "Time per Person",
        compute="_compute_split",
        exportable=False,
    )

    _person_uniq = models.UniqueIndex(
        "(request_id, level_number, attempt, approver_id)",
        "This person already has a clock on this level.",
    )
    _next_due_idx = models.Index("(next_due_at) WHERE clock = 'running'")
    _queue_idx = models.Index(
        "(approver_id, due_at) WHERE clock IN ('running', 'held')"
    )
    _level_start_idx = models.Index("(level_start_time)")

    def init(self):
        add_generated_columns(
            self.env, self._table, level_id="id", created_at="create_date"
        )

    def _compute_level_id(self):
        for record in self:
            record.level_id = record.id

    @api.depends("request_id", "level_number")
    def _compute_display_name(self):
        for level in self:
            level.display_name = self.env._(
                "%(request)s, level %(number)s",
                request=level.request_id.display_name,
                number=level.level_number,
            )

    @api.model
    def _follow(self, steps):
        """Have clocks begin and end as people are asked and have decided."""
        now = fields.Datetime.now()
        requests = self.env[REQUEST].browse(set(steps.mapped("res_id")))
        of_person = requests._group_steps()
        known = {row._get_key(): row for row in requests.level_ids}
        new = {}
        for step in steps:
            # Those who decided for others have a clock, once they were asked.
            key = get_step_key(step)
            if key not in known and key not in new:
                former = known.get((*key[:3], step.for_user_id.id), self.browse())
                new[key] = self._prepare_row_values(step, former)
        known |= zip(new, self.create(list(new.values())), strict=True)
        starting, ending = {}, {}
        keys, former = set(map(get_step_key, steps)), steps.for_user_id
        for row in [
            row
            for key, row in known.items()
            if key in keys or (row.clock in OPEN and row.approver_id in former)
        ]:
            own = of_person.get(row._get_key(), steps.browse())
            asked = own.filtered(lambda step: step.state == "asked")
            if asked and row.clock not in OPEN:
                starting[row] = asked[-1:]
            elif not asked and row.clock in OPEN:
                ending[row] = own[-1:] or row.step_id
        self._stop_all(ending, now)
        self._start_all(starting, now)
        own = requests.level_ids.filtered(lambda row: row.step_id in steps)
        self.env.add_to_compute(self._fields["is_passed_on"], own)
        self.env["kpi.timer"]._notify()

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
            "reminder_percents": (former or step.workflow_id).reminder_percents,
            "is_of_group": is_of_group(step),
        }

    @api.model
    def _find_former(self, step):
        """The clock that one on this level is taken over from; empty: it begins anew.

        As a claim is handed back that of who claimed it, else of the person in whose
        place somebody is asked.
        """
        if step.reason == "escalated":
            return self.browse()
        request = self.env[REQUEST].browse(step.res_id)
        rows = request.level_ids.filtered(
            lambda row: (row.level_number, row.attempt) == (step.level, step.round)
        )
        claimed = rows._filter_open().filtered(
            lambda row: row.claimed_at and row.approver_id != step.user_id
        )
        if claimed or not step.for_user_id:
            return claimed[:1]
        return rows.filtered(lambda row: row.approver_id == step.for_user_id)

    @api.model
    def _start_all(self, step_of, now):
        """Begin to count, by the hours and the time allowed that hold now.

        Whoever decides in place of somebody takes over what has elapsed; a manager who
        is asked beside them begins anew.

        :param step_of: clock → step on which its person is asked
        """
        rows = self.union(*step_of)
        former_of = {row: row._find_former(step) for row, step in step_of.items()}
        for row, former in former_of.items():
            if former:
                # It may begin again, and have been promised something else before.
                row.write({name: former[name] for name in PROMISED})
        rules = rows._prepare_rules(now)
        for row, step in step_of.items():
            former = former_of[row]
            before = former._read_now(now).elapsed if former.tat_start_time else 0
            # Whoever is asked again as a claim is handed back has claimed nothing.
            is_successor = former.approver_id == step.for_user_id
            is_claimed = (
                step.reason == "forwarded" and is_successor and former.claimed_at
            )
            row.write(
                {
                    **rules[row],
                    "step_id": step.id,
                    "former_id": former.id,
                    "elapsed_before": before,
                    "taken_over_seconds": max(0, before - row.own_seconds),
                    "own_before": row.own_seconds,
                    "claimed_at": is_claimed and now,
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

    def _prepare_rules(self, now):
        """Calendar and allowance of each clock, by its request's priority as it is."""
        calendars = self.env["kpi.tat.calendar"]

        @cache
        def freeze(*asked):
            return calendars._get_stored(*calendars._choose_hours(*asked, now)).id

        return {
            row: {
                "calendar_id": freeze(row.approver_id, *row.request_id._get_rules()),
                "allowed_seconds": row._count_promised(),
            }
            for row in self
        }

    def _build_clock(self):
        """What this clock counts by, as the engine takes it."""
        self.ensure_one()
        return Clock(
            to_instant(self.tat_start_time),
            self.allowed_seconds,
            self.elapsed_before,
            self.request_id.hold_ids._list_pauses(),
        )

    def _read_now(self, now):
        """What this clock shows at a moment, or showed when it was stopped."""
        moment = to_instant(min(self.stopped_at or now, now))
        timeline = self.calendar_id._get_timeline()
        return read_clock(timeline, self._build_clock(), moment)

    def _filter_open(self):
        """Those of these clocks that have not ended."""
        return self.filtered(lambda row: row.clock in OPEN)

    def _plan(self):
        """Store when the thresholds of running clocks fall due."""
        for row in self:
            thresholds, values = row._prepare_plan(row._build_clock())
            is_held = row.request_id.status == "on_hold"
            announced = row.reminded_percent
            if announced >= BREACH and not row.tat_breached:
                # In time again after a correction: looked at when it runs out once
                # more, although that was announced.
                announced = BREACH - 1
            moment = find_next_moment(thresholds, announced)
            row.write(
                {
                    **values,
                    "clock": "held" if is_held else "running",
                    "next_due_at": to_moment(moment),
                }
            )

    def _prepare_plan(self, clock):
        """When its thresholds fall due: percent → instant, and values of fields."""
        percents = (*parse_thresholds(self.reminder_percents), BREACH)
        plan = plan_clock(self.calendar_id._get_timeline(), clock, percents)
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

    @api.model
    def _stop_all(self, step_of, now):
        """End clocks, by the last step of each; tell their alerts how they ended."""
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
                    "own_seconds": row._count_own(reading.elapsed),
                    "wall_seconds": reading.wall,
                    "next_due_at": False,
                    "decided_at": is_decided and now,
                    "tat_breached": reading.is_breached or row.tat_breached,
                }
            )
            if is_decided and row.reminded_percent:
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

    def _change_rules(self):
        """Go on by the request's new priority; what has elapsed stays."""
        now = fields.Datetime.now()
        rules = self._prepare_rules(now)
        for row in self:
            elapsed = row._read_now(now).elapsed
            row.write({"elapsed_before": elapsed, "tat_start_time": now, **rules[row]})
        self._plan()

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("request_id.can_decide", "request_id.status", "approver_id", "clock")
    def _compute_can_decide(self):
        for row in self:
            is_mine = row.approver_id == self.env.user and row.clock == "running"
            row.can_decide = is_mine and row.request_id.can_decide

    def action_approve(self):
        versions = self._get_versions()
        requests = self.request_id.with_context(approval_versions=versions)
        return requests.action_approve()

    def _get_versions(self):
        """Contents that these people were asked about: nothing is decided on another"""
        # Who sees a clock may know which attempt it belongs to.
        return self.sudo().step_id.mapped("content_version")

    def action_open_approve(self):
        versions = self._get_versions()
        requests = self.request_id.with_context(approval_versions=versions)
        return requests.action_open_approve()

    def action_reject(self):
        return self._ask_reason("reject")

    def action_return(self):
        return self._ask_reason("return")

    def action_reassign(self):
        return self._ask_reason("reassign")

    def _ask_reason(self, decision):
        return self._open_dialog(
            f"kpi_tat_decision_action_{decision}",
            default_decision=decision,
            default_request_ids=[(4, request.id) for request in self.request_id],
            approval_versions=self._get_versions(),
        )

    def action_what_if(self):
        """Open the dialog that shows this clock by other rules."""
        self.ensure_one()
        self.check_access("read")
        return self._open_dialog("kpi_tat_what_if_action", default_level_id=self.id)

    def _open_dialog(self, name, **context):
        actions = self.env["ir.actions.act_window"]
        action = actions._for_xml_id(f"kpi_workflow_tat.{name}")
        return {**action, "context": context}

    @api.depends_context("lang", "tz")
    @api.depends("tat_start_time", "stopped_at", "elapsed_before", "clock")
    def _compute_explanation(self):
        """What a clock counted: “3 h = Fri 16–17 + Mon 8–10”; empty: not started."""

        def say_day(day, within_week):
            if within_week:
                return format_weekday(self.env, day)
            return format_day(self.env, day)

        for row in self:
            intervals = row._list_intervals()
            total = sum(one.seconds for one in intervals)
            before = sum(one.seconds for one in intervals if one.kind == "taken_over")
            parts = (
                before and self.env._("%s counted earlier", say_duration(before)),
                say_stretches(intervals, row._get_zone(), say_day),
            )
            said = say_duration(total), " + ".join(filter(None, parts))
            row.explanation = " = ".join(filter(None, said)) if intervals else ""

    def get_clocks(self):
        """Tell what these clocks show and when they will count, for a countdown.

        :return: dict of ``now`` (seconds since 1970) and ``clocks``: dicts of ``id``,
            ``level``, ``person``, ``decision``, ``clock``, ``allowed`` and ``elapsed``
            seconds, ``intervals`` in which it counts from now on, ``due_at``,
            ``explanation``, and ``is_of_group``: nobody has claimed it
        """
        self.check_access("read")
        now = fields.Datetime.now()
        labels = dict(self._fields["decision"]._description_selection(self.env))
        clocks = []
        for row in self:
            # What a clock counts by is no secret to who sees it.
            own = row.sudo()
            reading = own.tat_start_time and own._read_now(now)
            coming = []
            if row.clock == "running":
                coming = list_coming(
                    own.calendar_id._get_timeline(),
                    own._build_clock(),
                    *to_instants([now, row.overdue_at or now]).tolist(),
                )
            clocks.append(
                {
                    "id": row.id,
                    "level": row.level_number,
                    "person": own.approver_id.name,
                    "decision": labels.get(own.decision, ""),
                    "clock": row.clock,
                    "allowed": reading.allowed if reading else own._count_promised(),
                    "elapsed": reading.elapsed if reading else 0,
                    "intervals": coming,
                    "due_at": row.due_at and to_instant(row.due_at),
                    "explanation": row.explanation,
                    "is_of_group": row._is_shared(),
                }
            )
        return {"now": to_instant(now), "clocks": clocks}

    def _count_promised(self, values=None):
        """Seconds that it, or ``values``, promise for the request's priority."""
        request = self.request_id
        hours = (values or self)[f"tat_hours_{request.priority}"]
        return count_allowed_seconds(hours, is_test=request.is_test)

    @api.depends("step_id", "approver_id")
    def _compute_is_passed_on(self):
        """By the step's state and person, too: ``_follow``, without a search for it."""
        for row in self:
            step = row.step_id
            is_left = step.state in ("forwarded", "replaced")
            row.is_passed_on = is_left or step.user_id != row.approver_id

    @api.depends(
        "is_of_group",
        "clock",
        "request_id.level_ids.decided_at",
        "request_id.level_ids.claimed_at",
        "request_id.level_ids.is_passed_on",
    )
    def _compute_is_left_to_others(self):
        for row in self:
            is_idle = row.is_of_group and row.clock == "stopped"
            is_idle = is_idle and not (row.decided_at or row.claimed_at)
            row.is_left_to_others = is_idle and any(
                other.decided_at or other.claimed_at
                for other in row.request_id.level_ids
                if other.is_of_group
                and not other.is_passed_on
                and other.level_number == row.level_number
                and other.attempt == row.attempt
            )

    @api.depends("elapsed_seconds")
    def _compute_elapsed_hours(self):
        for row in self:
            row.elapsed_hours = row.elapsed_seconds / 3600

    @api.depends_context("lang")
    @api.depends(
        "own_seconds", "taken_over_seconds", "claimed_at", "tat_start_time", "clock"
    )
    def _compute_split(self):
        now = fields.Datetime.now()
        self.split = ""
        # Who had it before is no secret to who sees the clock.
        for row in self.sudo().filtered("tat_start_time"):
            is_over = row.clock == "stopped"
            elapsed = row.elapsed_seconds if is_over else row._read_now(now).elapsed
            own = row.own_seconds if is_over else row._count_own(elapsed)
            # Those whom it was taken over from, the first of them first.
            former, one = self.browse(), row.former_id
            while one and one not in former | row:
                former, one = one | former, one.former_id
            shares = [(each.approver_id.name, each.own_seconds) for each in former]
            shares.append((row.approver_id.name, own))
            if row.is_of_group:
                others = elapsed - sum(seconds for _name, seconds in shares)
                shares.insert(0, (self.env._("Group"), others))
            shares = [(name, seconds) for name, seconds in shares if seconds > 0]
            if len(shares) > 1 or row.is_of_group:
                row.split = ", ".join(
                    f"{name} {say_duration(seconds)}" for name, seconds in shares
                )

    def _is_shared(self):
        """Check whether the time is a group's: nobody has claimed or decided it."""
        return self.is_of_group and not self.claimed_at and self.clock != "stopped"

    def _count_own(self, elapsed):
        """Seconds of those that elapsed which are this person's."""
        if self.is_of_group and not self.claimed_at:
            return self.own_seconds
        return max(0, elapsed - self.taken_over_seconds)


def get_step_key(step):
    """Whose clock a step belongs to, as ``_get_key`` of that clock."""
    return step.res_id, step.level, step.round, step.user_id.id


def to_instant(moment):
    """A moment of a field as the engine counts it: seconds since 1970."""
    return timegm(moment.utctimetuple())


def to_moment(instant):
    """An instant as a field stores it; None = not foreseeable."""
    return False if instant is None else to_datetime(instant)


def is_of_group(step):
    """Check whether somebody is asked as one of a group that decides for one another"""
    if step.needed_count != 1 or step.reason == "escalated":
        return False
    levels = step.workflow_id.level_ids.sorted()[step.level - 1 : step.level]
    if "group" not in levels.approver_ids.mapped("whom"):
        return False
    domain = [(name, "=", step[name]) for name in ("res_model", "res_id", "round")]
    return step.search_count([*domain, ("level", "=", step.level)], limit=2) > 1
