from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_list

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.engine.number_text import round_half
from odoo.addons.kpi_base.fields import OptionalFloat, or_none
from odoo.addons.kpi_base.formatting import (
    format_day,
    format_number,
    format_percent,
    format_signed,
)
from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.rights import search_by

from ..engine.effect import LEAST_AFTER, LEAST_BEFORE, MOST, find_sides, measure_effect

LONGEST_NAME = 80
UNDATED_DAYS = 30  # until an action without a due date is asked about
ORIGINS = {"discussion_id": "kpi_id", "alert_event_id": "report_id"}
CHANGES = ("effective_date", "report_id", "status")
ASSIGNED = "assigned_by"  # in the data of a line: who gave the action to the reader
OPEN = ("open", "in_progress")
MENU = "kpi_tracking_collaboration.kpi_action_item_action?menu_id=%s"
# Status → the event that it is said with.
STATUS_EVENTS = {
    "open": "action.reopened",
    "in_progress": "action.started",
    "completed": "action.completed",
    "cancelled": "action.cancelled",
}


class KpiActionItem(models.Model):
    """What somebody does about a KPI by a day.

    Whoever sees the KPI sees it and adds one. It is changed by whoever does it or
    created it, or may change the KPI.
    """

    _name = "kpi.action.item"
    _description = "KPI Action"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.invited.thread.mixin",
        "kpi.reminder.mixin",
        "kpi.unit.mixin",
    ]
    _order = "due_date, id"
    _mail_post_access = "read"
    _readable_by = ("report_id",)
    _editable_by = ("assigned_to", "report_id")
    _staying = ("alert_event_id", "discussion_id", "report_id")
    _reminded_person = "assigned_to"
    _reminded_day = "reminder_date"

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    description = fields.Text("Action", required=True, tracking=True)
    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="report_id.company_id", store=True, precompute=True, index=True
    )
    discussion_id = fields.Many2one(
        "kpi.discussion", ondelete="set null", index="btree_not_null"
    )
    alert_event_id = fields.Many2one(
        "kpi.alert.event", "Alert", ondelete="set null", index="btree_not_null"
    )
    assigned_to = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    due_date = fields.Date(tracking=True)
    reminder_date = fields.Date(
        compute="_compute_reminder_date",
        store=True,
        exportable=False,
        help="Due date; without one, 30 days after creation. First reminder three "
        "days before, then weekly.",
    )
    expected_effect = OptionalFloat(
        "Expected Change",
        aggregator=False,
        help="Expected increase, or decrease (−), in the KPI's unit.",
    )
    expected_by = fields.Date()
    measured_effect = OptionalFloat(
        "Measured Change",
        compute="_compute_effect",
        help="Average after the action minus the value expected without it.",
    )
    effect_low = OptionalFloat(
        "Effect (Low)", compute="_compute_effect", exportable=False
    )
    effect_high = OptionalFloat(
        "Effect (High)", compute="_compute_effect", exportable=False
    )
    effect_in_words = fields.Text("Effect Summary", compute="_compute_effect")
    status = fields.Selection(
        [
            ("open", "Open"),
            ("in_progress", "In Progress"),
            ("completed", "Completed"),
            ("cancelled", "Canceled"),
        ],
        required=True,
        default="open",
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    completed_at = fields.Datetime("Completed On", readonly=True, copy=False)
    effective_date = fields.Date(
        "Effective From",
        copy=False,
        help="Values before and after this day are compared. Default: completion date.",
    )
    is_overdue = fields.Boolean(
        "Overdue",
        compute="_compute_is_overdue",
        search=search_by("_get_overdue_domain"),
        exportable=False,
    )
    meeting_id = fields.Many2one(
        "kpi.review.meeting", ondelete="set null", index="btree_not_null"
    )

    _status_choices = Choices("status")

    @api.depends("description")
    def _compute_name(self):
        for item in self:
            lines = (item.description or "").strip().splitlines()
            name = lines[0].strip() if lines else ""
            is_long = len(name) > LONGEST_NAME
            item.name = f"{name[:LONGEST_NAME].rstrip()}…" if is_long else name

    @api.constrains("description")
    def _check_description(self):
        for item in self:
            if not item.name:
                raise ValidationError(self.env._("Describe the action."))

    @api.constrains("alert_event_id", "discussion_id", "report_id")
    def _check_origin(self):
        for item in self:
            item.alert_event_id._check_discussable(item.report_id)
            # Whoever adds it names the discussion; what is asked is its KPI.
            discussion = item.discussion_id.sudo()
            if discussion and discussion.kpi_id != item.report_id:
                raise ValidationError(
                    self.env._("The action must concern the discussion's KPI.")
                )

    @api.constrains("assigned_to", "report_id")
    def _check_assigned_to(self):
        for item in self:
            item._check_invited(item.assigned_to.partner_id)

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create([self._with_origin(vals) for vals in vals_list])
        items._follow_status()
        items._tell_assigned()
        self.env["kpi.event"]._emit("action.created", items)
        return items

    def write(self, vals):
        before = {item: (item.assigned_to, item.status) for item in self}
        result = super().write(vals)
        if "status" in vals:
            changed = self.filtered(lambda item: item.status != before[item][1])
            changed._follow_status()
            for status, items in changed.grouped("status").items():
                changed.env["kpi.event"]._emit(STATUS_EVENTS[status], items)
        if "assigned_to" in vals:
            self.filtered(lambda i: i.assigned_to != before[i][0])._tell_assigned()
        return result

    @api.model
    def _with_origin(self, vals):
        """Values with the KPI that the discussion or the alert is about."""
        if vals.get("report_id"):
            return vals
        for name, path in ORIGINS.items():
            origin = self.env[self._fields[name].comodel_name].browse(
                vals.get(name) or ()
            )
            if origin:
                origin.check_access("read")
                return {**vals, "report_id": origin[path].id}
        return vals

    @api.depends(*CHANGES, "expected_by", "expected_effect")
    @api.depends_context("lang", "uid")
    def _compute_effect(self):
        done = self.filtered(
            lambda item: item.status == "completed" and item.effective_date
        )
        rest = self - done
        rest.measured_effect = rest.effect_low = rest.effect_high = False
        rest.effect_in_words = False
        for item in done:
            effect, days = item._measure_effect()
            is_known = effect.is_known
            item.measured_effect = is_known and effect.change
            item.effect_low = is_known and effect.low
            item.effect_high = is_known and effect.high
            texts = [item._say_effect(effect), item._say_expected()]
            texts.append(item._say_others(*days) if is_known else "")
            item.effect_in_words = " ".join(filter(None, texts))

    def _get_effect(self):
        """The same for programs.

        :return: dict of ``change``, ``low``, ``high`` (None = not known) and ``text``
        """
        self.ensure_one()
        numbers = (self.measured_effect, self.effect_low, self.effect_high)
        change, low, high = map(or_none, numbers)
        text = self.effect_in_words or ""
        return {"change": change, "low": low, "high": high, "text": text}

    def _measure_effect(self):
        """Return the ``Effect`` on the KPI, and first and last day looked at."""
        report = self.report_id
        grain = report.frequency
        calendar = report.definition_id.calendar_id
        middle = calendar._period(grain, self.effective_date)
        first, last = (
            _step(calendar._spec(), middle, steps) for steps in (MOST + 1, -MOST - 1)
        )
        (series,) = report._series(
            grain, first.start, last.stop - timedelta(days=1), with_targets=False
        )
        row = series.row_of[report.id]
        sides = find_sides(
            series.periods,
            series.seams[row] != "",
            self.effective_date,
            calendar._today(),
        )
        looked_at = [series.periods[at] for side in sides for at in side]
        days = (first.start, first.start)
        if looked_at:
            days = looked_at[0].start, looked_at[-1].stop
        return measure_effect(series.values[row], *sides), days

    def _say_effect(self, effect):
        if not effect.is_known:
            return self.env._(
                "Too early to rate: needs %(least_before)s periods before and "
                "%(least_after)s after (now %(before)s and %(after)s).",
                before=effect.before,
                least_before=LEAST_BEFORE,
                after=effect.after,
                least_after=LEAST_AFTER,
            )
        texts = {
            "change": self._format_change(effect.change),
            "low": self._format_change(effect.low),
            "high": self._format_change(effect.high),
            "certainty": format_percent(self.env, 0.95, 0),
            "before": effect.before,
            "after": effect.after,
        }
        if effect.is_chance:
            return self.env._(
                "%(change)s on average over %(after)s periods, compared with the "
                "trend of the %(before)s periods before. The %(certainty)s range, "
                "%(low)s to %(high)s, includes zero, so it may be chance.",
                **texts,
            )
        return self.env._(
            "%(change)s on average over %(after)s periods, compared with the trend "
            "of the %(before)s periods before (%(certainty)s range: %(low)s to "
            "%(high)s).",
            **texts,
        )

    def _say_expected(self):
        if self.expected_effect is False:
            return ""
        change = self._format_change(self.expected_effect)
        if not self.expected_by:
            return self.env._("Expected: %s.", change)
        day = format_day(self.env, self.expected_by)
        return self.env._("Expected: %(change)s by %(day)s.", change=change, day=day)

    def _say_others(self, first_day, stop):
        """Other actions at the time, as what changed may be theirs."""
        others = self.search(
            Domain("report_id", "=", self.report_id.id)
            & Domain("id", "!=", self._origin.id)
            & Domain("status", "=", "completed")
            & Domain("effective_date", ">=", first_day)
            & Domain("effective_date", "<", stop)
        )
        if not others:
            return ""
        names = format_list(self.env, [f"“{item.name}”" for item in others])
        return self.env._("Other actions at that time: %s.", names)

    def _format_change(self, number):
        """A difference in the unit of the KPI, with its sign; of percentages points."""
        definition = self.report_id.definition_id
        if definition.unit == "percent":
            digits = definition.decimals
            is_zero = not round_half(number, digits)
            text = format_number(self.env, abs(number), digits)
            text = self.env._("%s points", text)
        else:
            text = definition._format_rounded(abs(number))
            is_zero = text == definition._format_rounded(0.0)
        return text if is_zero else format_signed(self.env, number, text)

    @api.model
    def _get_waiting(self):
        return Domain("status", "in", OPEN)

    def _say_waiting(self):
        return self.env._("KPI actions to do: %s", len(self))

    def _tell_assigned(self):
        """Let those who got actions of somebody else follow them, and tell them.

        One message per person, however many they got at once.
        """
        told = self.filtered(
            lambda item: (
                item.status in OPEN
                and item.assigned_to.active
                and item.assigned_to != self.env.user
            )
        )
        for item in told:
            # Who has something to do hears of what is said of it.
            item.sudo()._message_subscribe(item.assigned_to.partner_id.ids)
        moment = fields.Datetime.now()
        line = {"res_model": self._name, "data": {ASSIGNED: self.env.uid}}
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{self._name}/{items.ids}/{person.id}/{moment}",
                    "user_id": person.id,
                    "company_id": items.company_id[:1].id,
                    "subject": self.env._("KPI actions for you: %s", len(items)),
                    "renderer": self._name,
                    "lines": [{**line, "res_id": item.id} for item in items],
                }
                for person, items in told.grouped("assigned_to").items()
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the reader, of what they may see.

        :raises DeliverySkipped: the reader has nothing of it to do any more
        """
        items = self.browse(lines.mapped("res_id"))
        giver_id = (lines[:1].data or {}).get(ASSIGNED)
        title, text, url = "", "", f"{self.get_base_url()}/odoo/kpi-actions"
        one = url
        if giver_id:
            items = items.filtered(
                lambda item: item.assigned_to == self.env.user and item.status in OPEN
            )
            if not items:
                raise DeliverySkipped(
                    self.env._("The action was completed or reassigned.")
                )
            # Who gives somebody an action is said to them.
            giver = self.env["res.users"].sudo().browse(giver_id)
            text = self.env._("Assigned to you by %s", giver.name)
            title = self.env._("KPI actions for you: %s", len(items))
            if len(items) == 1:
                title = self.env._("KPI action for you: %s", items.name)
                one = f"{url}/{items.id}"
        elif overdue := items.filtered("is_overdue"):
            title = self.env._(
                "KPI actions to do: %(count)s, overdue: %(overdue)s",
                count=len(items),
                overdue=len(overdue),
            )
        return Message(
            title or items._say_waiting(),
            text=text,
            lines=tuple(item._describe_line(url) for item in items),
            actions=(Action(self.env._("Open Actions"), one),),
            url=one,
        )

    def _describe_line(self, url):
        """The action in a message: what, of which KPI, and until when."""
        return Line(
            self.name,
            self.report_id.display_name,
            "warning" if self.is_overdue else "",
            ((self.env._("Due"), format_day(self.env, self.due_date)),)
            if self.due_date
            else (),
            url=f"{url}/{self.id}",
        )

    def _describe_decided(self):
        # Who sees an action reads who does it.
        facts = [(self.env._("Assigned To"), self.sudo().assigned_to.name)]
        if self.due_date:
            facts.append((self.env._("Due"), format_day(self.env, self.due_date)))
        name = self.env._("Action: %s", self.name)
        return Line(name, self.report_id.display_name, facts=tuple(facts))

    @api.depends("create_date", "due_date")
    def _compute_reminder_date(self):
        """The day by which people are reminded: without a due date after a month."""
        for item in self:
            began = item.create_date or fields.Datetime.now()
            undated = began.date() + timedelta(days=UNDATED_DAYS)
            item.reminder_date = item.due_date or undated

    @api.depends("due_date", "status")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._get_overdue_domain())
        for item in self:
            item.is_overdue = item in overdue

    @api.model
    def _get_overdue_domain(self):
        today = fields.Date.context_today(self)
        return Domain("status", "in", OPEN) & Domain("due_date", "<", today)

    def action_start(self):
        """Say that somebody is doing it."""
        self.status = "in_progress"
        return True

    def action_complete(self):
        """Say that it is done; from now on its effect is looked at."""
        self.status = "completed"
        return True

    def action_cancel(self):
        """Say that nobody will do it."""
        self.status = "cancelled"
        return True

    def action_reopen(self):
        """Say that it is to be done after all."""
        self.status = "open"
        return True

    def _follow_status(self):
        """Note when it was completed; what is not has no effect."""
        for item in self:
            if item.status == "completed":
                # When that was is noted, not typed.
                item.sudo().completed_at = item.completed_at or fields.Datetime.now()
                today = fields.Date.context_today(item)
                item.effective_date = item.effective_date or today
            elif item.completed_at or item.effective_date:
                # As above.
                item.sudo().completed_at = False
                item.effective_date = False


class DigestDigest(models.Model):
    """Number of overdue actions, in Odoo's own periodic mail to a user."""

    _inherit = "digest.digest"

    kpi_action_overdue = fields.Boolean("Overdue KPI Actions")
    kpi_action_overdue_value = fields.Integer(
        "Overdue KPI Actions Value",
        compute="_compute_kpi_action_overdue_value",
        exportable=False,
    )

    def _compute_kpi_action_overdue_value(self):
        # Of cancelled ones nobody knows since when, so they never count.
        is_done = Domain("status", "=", "completed")
        self._count_by_company(
            "kpi_action_overdue_value",
            "kpi.action.item",
            lambda moment: (
                Domain("due_date", "<", moment.date())
                & (
                    Domain("status", "in", OPEN)
                    | is_done & Domain("completed_at", ">=", moment.date())
                )
            ),
        )

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("kpi_base.kpi_base_menu").id
        return {**actions, "kpi_action_overdue": MENU % menu}


def _step(spec, period, steps):
    """The period so many steps before; the same where the calendar ends before."""
    try:
        return calendars.previous(spec, period, steps)
    except calendars.PeriodError:
        return period
