from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import (
    RELOAD,
    open_dialog,
    open_form,
    show_notification,
)
from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.formatting import format_clock, format_day
from odoo.addons.kpi_base.outbox import DeliverySkipped

from .kpi_action_item import OPEN

INVITED = "is_invitation"  # in the data of a line
# What a KPI shows on an agenda; but for the label stored once the meeting was held.
SHOWN = (
    *("current_value", "has_value", "status", "is_running", "sparkline"),
    "period_label",
)
TONES = {"off_target": "critical", "at_risk": "warning", "on_target": "good"}


class KpiReviewMeeting(models.Model):
    """People look at a scorecard together: at what is off track, and what to do.

    Whoever sees the scorecard sees it; of its agenda each sees what is about KPIs that
    they may see. It is changed by its organiser, or who may arrange the scorecard.
    """

    _name = "kpi.review.meeting"
    _description = "KPI Review Meeting"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.invited.thread.mixin",
    ]
    _order = "starts_at desc, id desc"
    _mail_post_access = "read"
    _readable_by = ("group_id",)
    _editable_by = ("group_id", "user_id")
    _staying = ("group_id",)

    name = fields.Char("Subject", required=True, tracking=True)
    group_id = fields.Many2one(
        "kpi.report.group", "Scorecard", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="group_id.company_id", store=True, precompute=True, index=True
    )
    starts_at = fields.Datetime(
        "Starts", required=True, tracking=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        "Organizer",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index=True,
        tracking=True,
        ondelete="restrict",
    )
    participant_ids = fields.Many2many(
        "res.users",
        "kpi_review_meeting_participant_rel",
        string="Participants",
        domain=[("share", "=", False)],
    )
    state = fields.Selection(
        [("planned", "Planned"), ("held", "Held"), ("cancelled", "Canceled")],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="planned",
        tracking=True,
        index=True,
    )
    line_ids = fields.One2many("kpi.review.meeting.line", "meeting_id", "Agenda")
    action_items = fields.One2many("kpi.action.item", "meeting_id", "Actions")
    held_at = fields.Datetime(readonly=True, copy=False, exportable=False)
    minutes = fields.Text(
        copy=False,
        help="Visible to all who see the scorecard; emailed to participants and the "
        "organizer.",
    )
    minutes_sent_at = fields.Datetime("Minutes Sent", readonly=True, copy=False)

    @api.constrains("group_id", "participant_ids", "user_id")
    def _check_people(self):
        for meeting in self:
            # Who takes part is known to whoever arranges the meeting.
            people = meeting.sudo().participant_ids | meeting.sudo().user_id
            meeting._check_invited(people.partner_id)

    @api.model_create_multi
    def create(self, vals_list):
        meetings = super().create(vals_list)
        for meeting in meetings:
            meeting._tell_participants(meeting.participant_ids)
        self.env["kpi.event"]._emit("meeting.planned", meetings)
        return meetings

    def write(self, vals):
        before = {meeting: meeting.participant_ids for meeting in self}
        result = super().write(vals)
        if "participant_ids" in vals:
            for meeting, people in before.items():
                meeting._tell_participants(meeting.participant_ids - people)
        return result

    def _say_strangers(self, names):
        return self.env._(
            "%s cannot see this scorecard. Add them as members first.",
            names,
        )

    @api.model
    def _plan(self, vals, starts_at, has_agenda=False):
        """Plan a meeting for a program.

        :param vals: values; ``participant_ids`` are ids of users
        :param starts_at: moment in UTC
        :raises UserError: somebody who is not there
        """
        people = self.env["res.users"].search(
            [("id", "in", vals["participant_ids"]), ("share", "=", False)]
        )
        unknown = set(vals["participant_ids"]) - set(people.ids)
        if unknown:
            raise UserError(self.env._("No user has the ID %s.", min(unknown)))
        values = {**vals, "participant_ids": [Command.set(people.ids)]}
        meeting = self.create({**values, "starts_at": starts_at})
        if has_agenda:
            meeting.action_fill_agenda()
        return meeting

    def action_hold(self):
        """Say that it took place."""
        return self._set_state("held")

    def action_cancel(self):
        """Say that it does not take place."""
        return self._set_state("cancelled")

    def action_reopen(self):
        """Plan it again."""
        return self._set_state("planned")

    def _set_state(self, state):
        self.check_access("write")
        changed = self.filtered(lambda meeting: meeting.state != state)
        now = state == "held" and fields.Datetime.now()
        # The right to change it was asked for.
        changed.sudo().write({"state": state, "held_at": now})
        changed.line_ids._note_held()
        self.env["kpi.event"]._emit(f"meeting.{state}", changed)
        return True

    def action_fill_agenda(self):
        """Add the scorecard's KPIs off track, open alerts and due actions.

        A KPI has one item, with its oldest open alert and the action due first; more
        actions that are due have items of their own. What is on the agenda stays, only
        an alert that is resolved gives way to an open one; nothing is added that the
        user cannot see.
        """
        self.ensure_one()
        self.check_access("write")
        by_report = self.line_ids.grouped("report_id")
        items = self.line_ids.action_item_id
        added = []
        for report, event, item in self._list_topics():
            known = by_report.get(report, self.line_ids.browse())
            is_shown = known.alert_event_id.filtered(lambda e: e.state != "resolved")
            if known and event and not is_shown:
                known[0].alert_event_id = event
            if item in items if item else known:
                continue
            free = known.filtered(lambda line: not line.action_item_id)[:1]
            if free:
                free.action_item_id = item
            else:
                added.append((report, event, item))
        last = max(self.line_ids.mapped("sequence"), default=0)
        self.env["kpi.review.meeting.line"].create(
            [
                {
                    "report_id": report.id,
                    "alert_event_id": event.id,
                    "action_item_id": item.id,
                    "meeting_id": self.id,
                    "sequence": last + place,
                }
                for place, (report, event, item) in enumerate(added, 1)
            ]
        )
        return True

    def _list_topics(self):
        """KPI, alert and action of agenda items: KPIs furthest from target first."""
        reports = self.group_id.line_ids.report_id
        of_scorecard = Domain("report_id", "in", reports.ids)
        is_off = Domain("id", "in", reports.ids) & Domain("status", "=", "off_target")
        kpis = self.env["kpi.report"].search(is_off, order="distance_percent desc, id")
        events = self.env["kpi.alert.event"].search(
            of_scorecard
            & Domain("state", "!=", "resolved")
            & Domain("personal_user_id", "=", False),
            order="fired_at, id",
        )
        day = fields.Datetime.context_timestamp(self, self.starts_at).date()
        items = self.env["kpi.action.item"].search(
            of_scorecard & Domain("status", "in", OPEN) & Domain("due_date", "<=", day)
        )
        no_event, no_item = events.browse(), items.browse()
        events_by_kpi = events.grouped("report_id")
        items_by_kpi = items.grouped("report_id")
        topics = []
        for kpi in kpis | events.report_id | items.report_id:
            event = events_by_kpi.get(kpi, no_event)[:1]
            due = items_by_kpi.get(kpi, no_item)
            topics.append((kpi, event, due[:1]))
            topics += [(kpi, no_event, item) for item in due[1:]]
        return topics

    def _tell_participants(self, people):
        """Let people follow a meeting that is planned, and invite them."""
        people = (people - self.env.user).filtered("active")
        if not people or self.state != "planned":
            return
        # Who takes part hears of what changes.
        self.sudo()._message_subscribe(people.partner_id.ids)
        line = {"res_model": self._name, "res_id": self.id, "data": {INVITED: True}}
        subject = self.env._("Invitation: %s", self.name)
        self._mail(people, "invitation", subject, [line])

    def _mail(self, people, kind, subject, lines):
        """Queue a message to each of ``people``, once for a kind and a moment."""
        about = f"{self._name}/{self.id}/{kind}/{fields.Datetime.now()}"
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{about}/{person.id}",
                    "user_id": person.id,
                    "company_id": self.company_id.id,
                    "subject": subject,
                    "res_model": self._name,
                    "res_id": self.id,
                    "renderer": self._name,
                    "lines": lines,
                }
                for person in people
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the reader, of what they may see."""
        meeting = self.browse(delivery.res_id)
        if (lines[:1].data or {}).get(INVITED):
            return meeting._write_invitation()
        return meeting._write_minutes(lines)

    def _write_invitation(self):
        """The invitation.

        :raises DeliverySkipped: it does not take place, or without the reader
        """
        # Who takes part is known to those who do.
        if self.state != "planned" or self.env.user not in self.sudo().participant_ids:
            raise DeliverySkipped(self.env._("Canceled, or no longer invited."))
        organiser = self._fields["user_id"]._description_string(self.env)
        starts = self._fields["starts_at"]._description_string(self.env)
        # As above.
        facts = ((starts, self._say_when()), (organiser, self.sudo().user_id.name))
        return Message(
            self.env._("Invitation: %s", self.name),
            text=self.env._(
                "You are invited to review %s.", self.group_id.display_name
            ),
            lines=(Line(self.name, facts=facts, url=self._get_url()),),
            actions=(Action(self.env._("Open Meeting"), self._get_url()),),
            url=self._get_url(),
        )

    def _say_when(self):
        """When it starts on the reader's clock, and which clock that is."""
        local = fields.Datetime.context_timestamp(self, self.starts_at)
        return self.env._(
            "%(day)s, %(time)s (%(zone)s)",
            day=format_day(self.env, local.date()),
            time=format_clock(self.env, local),
            zone=self.env.context.get("tz") or "UTC",
        )

    def action_ask_minutes(self):
        """Show who would receive the minutes, and ask whether to send them."""
        self.ensure_one()
        self.check_access("write")
        dialog, name = self.env["kpi.review.minutes"], self.env._("Send Minutes")
        return open_dialog(dialog, name, default_meeting_id=self.id)

    def _find_receivers(self):
        """Find who receives the minutes: participants and organiser."""
        # Who takes part is notified, whatever of them may be read.
        meeting = self.sudo()
        return (meeting.participant_ids | meeting.user_id).filtered("active")

    def action_send_minutes(self):
        """Mail the minutes to participants and organiser, once more if asked again."""
        self.ensure_one()
        self.check_access("write")
        # The right to change it was asked for; items of all are named to all.
        meeting = self.sudo()
        meeting.minutes_sent_at = fields.Datetime.now()
        people = self._find_receivers()
        told = [meeting, *meeting.line_ids, *meeting.action_items]
        lines = [{"res_model": each._name, "res_id": each.id} for each in told]
        meeting._mail(people, "minutes", self.env._("Minutes: %s", self.name), lines)
        self.env["kpi.event"]._emit("meeting.minutes", self)
        message = self.env._("Recipients of the minutes: %s", len(people))
        return show_notification(message, next=RELOAD)

    def _note_minutes(self, minutes, is_sent=True):
        """Write minutes, where some are given, and mail them."""
        self.check_access("write")
        if minutes is not None:
            self.minutes = minutes
        if is_sent:
            self.action_send_minutes()

    def _write_minutes(self, lines):
        """The minutes, as the reader may see them."""
        found = {
            model: self.env[model].browse(some.mapped("res_id"))
            for model, some in lines.grouped("res_model").items()
        }
        topics = found.get("kpi.review.meeting.line", ())
        items = found.get("kpi.action.item", ())
        return Message(
            self.env._("Minutes: %s", self.name),
            text="\n".join(filter(None, [self._say_when(), self.minutes])),
            lines=(
                *(topic._describe_line() for topic in topics),
                *(item._describe_decided() for item in items),
            ),
            actions=(Action(self.env._("Open Meeting"), self._get_url()),),
            url=self._get_url(),
        )

    def _get_url(self):
        return f"{self.get_base_url()}/odoo/kpi-reviews/{self.id}"


class KpiReviewMeetingLine(models.Model):
    """One item of an agenda: a KPI, an alert of it or an action about it.

    Seen by those who see both the meeting and the KPI.
    """

    _name = "kpi.review.meeting.line"
    _description = "KPI Review Agenda Item"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.unit.mixin"]
    _order = "meeting_id, sequence, id"

    meeting_id = fields.Many2one(
        "kpi.review.meeting", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Topic", compute="_compute_name")
    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    alert_event_id = fields.Many2one(
        "kpi.alert.event", "Alert", ondelete="set null", index="btree_not_null"
    )
    action_item_id = fields.Many2one(
        "kpi.action.item", "Action", ondelete="set null", index="btree_not_null"
    )
    note = fields.Text(copy=False, help="Notes from the discussion.")
    held_numbers = fields.Json(
        string="Recorded Figures", readonly=True, copy=False, exportable=False
    )
    current_value = fields.Float("Value", compute="_compute_numbers", aggregator=False)
    has_value = fields.Boolean(compute="_compute_numbers")
    status = fields.Selection(
        lambda self: (
            self.env["kpi.report"]._fields["status"]._description_selection(self.env)
        ),
        compute="_compute_numbers",
    )
    is_running = fields.Boolean(compute="_compute_numbers", exportable=False)
    period_label = fields.Char("As Of", compute="_compute_numbers")
    sparkline = fields.Json("Trend", compute="_compute_numbers", exportable=False)

    @api.depends("held_numbers", *(f"report_id.{name}" for name in SHOWN))
    def _compute_numbers(self):
        for line in self:
            held, report = line.held_numbers, line.report_id
            for name in SHOWN:
                line[name] = held.get(name) if held else report[name]
            if held and not held["has_value"]:
                line.period_label = self.env._("No value at the time")
            elif held:
                start = fields.Date.to_date(held["period_start"])
                calendar = report.definition_id.calendar_id
                period = calendar._period(held["grain"], start)
                line.period_label = calendar._period_label(period)

    def _note_held(self):
        """Store what held meetings looked at, also of later items; else nothing."""
        # The right to hold the meeting was asked for; all of its agenda is stored.
        for meeting, lines in self.sudo().grouped("meeting_id").items():
            at, is_held = meeting.held_at or meeting.starts_at, meeting.state == "held"
            numbers = is_held and lines.report_id._read_numbers_of(at)
            for line in lines:
                line.held_numbers = is_held and numbers[line.report_id]
                if is_held:
                    # Named beside the figures of then, which may be of another period.
                    topics = line._read_topics()
                    line.held_numbers = {**line.held_numbers, "topics": topics}

    @api.depends(
        "action_item_id.name", "alert_event_id.reason", "held_numbers", "report_id.name"
    )
    @api.depends_context("lang", "uid")
    def _compute_name(self):
        kinds = {"alert": self.env._("Alert: %s"), "action": self.env._("Action: %s")}
        for line in self:
            held = line.held_numbers or {}
            topics = held.get("topics") or line._read_topics()
            if "topic" in held:  # of meetings held when items had one topic
                topics = [held["topic"]]
            names = (kinds.get(kind, "%s") % (said or "") for kind, said in topics)
            line.name = "\n".join(names)

    def _read_topics(self):
        """Read kinds and names of what this item is about: its KPI if nothing else.

        Meetings that were held have the names of then.
        """
        topics = []
        if event := self.alert_event_id:
            topics.append(("alert", event._get_reason_beside(self.period_label)))
        if item := self.action_item_id:
            topics.append(("action", item.name))
        return topics or [("kpi", self.report_id.name)]

    @api.constrains("action_item_id", "alert_event_id", "report_id")
    def _check_kpi(self):
        for line in self:
            line.alert_event_id._check_discussable(line.report_id)
            # Whoever adds it names the action; what is asked is its KPI.
            item = line.action_item_id.sudo()
            if item and item.report_id != line.report_id:
                raise ValidationError(self.env._("Choose an action of this KPI."))

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._note_held()
        return lines

    def write(self, vals):
        """Move no item to a meeting of others, or to a KPI that is hidden."""
        others = self.filtered(lambda line: line.report_id.id != vals.get("report_id"))
        if "report_id" in vals and "held" in others.meeting_id.mapped("state"):
            raise UserError(
                self.env._(
                    "This meeting has been held, so the item's KPI cannot "
                    "be changed. Add another item instead."
                )
            )
        before = {line: line.meeting_id for line in self}
        result = super().write(vals)
        if not vals.keys().isdisjoint(("meeting_id", "report_id")):
            for operation in ("write", "read"):
                self.check_access(operation)
            self.filtered(lambda line: line.meeting_id != before[line])._note_held()
        return result

    def _describe_line(self):
        report = self.report_id
        facts = ()
        if self.has_value:
            value = report.definition_id._format_rounded(self.current_value)
            facts = ((self.period_label, value),)
        about = (self.alert_event_id or self.action_item_id) and report.display_name
        text = "\n".join(filter(None, [about, self.note]))
        return Line(self.name, text, TONES.get(self.status, ""), facts=facts)


class KpiReportGroup(models.Model):
    """A scorecard that people review together."""

    _inherit = "kpi.report.group"

    def action_plan_review(self):
        """Open a new meeting about the scorecard."""
        self.ensure_one()
        return open_form(
            self.env["kpi.review.meeting"],
            name=self.env._("Plan Review"),
            context={
                "default_group_id": self.id,
                "default_name": self.env._("Review of %s", self.name),
            },
        )
