from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_base.engine.postgres import is_finite, is_storable
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.outbox import DeliverySkipped

from ...engine.rollup import roll_up_scopes
from ...engine.series import judge_value

STATES = [
    ("draft", "Draft"),
    ("submitted", "Waiting for Approval"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
]
OFF_TRACK = "off_target"


@dataclass(frozen=True)
class Entry:
    """A value on its way in.

    :param report: the KPI, one record
    :param contributor: user whose part it is; empty: the enterer's own
    :param reason: why an accepted value is replaced; the note where it is empty
    :param weight: what the value stands for, in a weighted average of parts
    :param attachments: files of the enterer's own
    """

    report: Any
    period: Period
    value: float
    contributor: Any = None
    note: str = ""
    reason: str = ""
    weight: float = 1.0
    attachments: Any = None

    @property
    def contributor_id(self):
        return self.contributor.id if self.contributor else False

    @property
    def series(self):
        """Report and contributor: whose values are compared over time."""
        return self.report.id, self.contributor_id

    @property
    def slot(self):
        """Report, period and contributor: which have one accepted value."""
        return self.report.id, self.period.start, self.contributor_id


class KpiSubmission(models.Model):
    """A person's entry of the value of a KPI in one period.

    A document with a workflow, written by its methods only. Once approved (at once,
    where nobody has to approve) its value becomes the fact of the period. It is never
    changed then: a correction is a new version, and the old one stays readable.
    """

    _name = "kpi.submission"
    _description = "KPI Entry"
    _inherit = [
        "kpi.readonly.mixin",
        "kpi.approval.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
        "kpi.period.value.mixin",
    ]
    _order = "period_start desc, version desc, id desc"
    _rec_name = "report_id"
    _mail_post_access = "read"

    report_id = fields.Many2one(ondelete="cascade")
    definition_id = fields.Many2one(
        related="report_id.definition_id", string="Definition", store=True
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    grain = fields.Selection(default="month")
    # said, as its mixin says “Period”
    period_start = fields.Date("Period Start")  # pylint: disable=attribute-string-redundant
    period_label = fields.Char("Period")
    contributor_id = fields.Many2one(
        "res.users",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Blank if the KPI has a single value.",
    )
    value = fields.Float(
        required=True, readonly=True, tracking=True, aggregator=False, digits=0
    )
    weight = fields.Float(
        readonly=True,
        default=1.0,
        aggregator=False,
        digits=0,
        help="Number of answers, hours or people the value is based on. Used for "
        "weighted averages.",
    )
    note = fields.Text(
        readonly=True, help="Source and anything special about the value."
    )
    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="Attachments",
        domain=[("res_model", "=", "kpi.submission")],
        readonly=True,
    )
    state = fields.Selection(
        STATES,
        "Status",
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
        index=True,
    )
    entered_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
    )
    is_for_other = fields.Boolean(
        "Entered for Someone Else",
        readonly=True,
        help="Entered by a manager or KPI officer on behalf of the assigned person.",
    )
    submitted_at = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    rejection_reason = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True, index=True)
    is_late = fields.Boolean("Late", readonly=True, help="Entered after the due date.")
    version = fields.Integer(readonly=True, default=1, aggregator=False)
    corrects_id = fields.Many2one("kpi.submission", "Corrected Entry", readonly=True)
    correction_reason = fields.Char(readonly=True)
    is_current = fields.Boolean(
        "Current",
        readonly=True,
        default=True,
        help=("Entry in use or waiting for approval, not superseded or withdrawn."),
    )
    withdrawn_by_id = fields.Many2one("res.users", readonly=True)
    withdrawn_at = fields.Datetime(readonly=True)
    withdrawal_reason = fields.Char(readonly=True)
    can_change = fields.Boolean(compute="_compute_can_change", exportable=False)

    _accepted_uniq = models.UniqueIndex(
        "(report_id, grain, period_start, COALESCE(contributor_id, 0))"
        " WHERE is_current AND state = 'approved'",
        "Someone else just entered this value. Check it and correct it if needed.",
    )
    _open_uniq = models.UniqueIndex(
        "(report_id, grain, period_start, COALESCE(contributor_id, 0))"
        " WHERE is_current AND state <> 'approved'",
        "An entry for this period is waiting for approval.",
    )
    _slot_idx = models.Index("(report_id, grain, period_start)")
    _value_finite = models.Constraint(
        "CHECK (value > '-Infinity' AND value < 'Infinity')",
        "A value must be a finite number.",
    )
    _weight_finite = models.Constraint(
        "CHECK (weight > 0 AND weight < 'Infinity')",
        "A weight must be a number above 0.",
    )
    _correction_reasoned = models.Constraint(
        "CHECK (version = 1 OR correction_reason IS NOT NULL)",
        "Enter a reason for the correction.",
    )

    @api.depends("report_id", "grain", "period_start", "contributor_id")
    def _compute_display_name(self):
        for submission in self:
            parts = (
                submission.report_id.name,
                submission.period_label,
                # Whose part it is stands on it, for whoever sees the KPI.
                submission.contributor_id.sudo().name,
            )
            submission.display_name = ", ".join(part for part in parts if part)

    @api.depends_context("uid")
    @api.depends("report_id", "contributor_id", "is_current")
    def _compute_can_change(self):
        enterable = self.report_id._filter_enterable()
        for_others = enterable._filter_enterable_for_others()
        for submission in self:
            is_mine = submission.contributor_id <= self.env.user
            allowed = enterable if is_mine else for_others
            submission.can_change = (
                submission.is_current and submission.report_id in allowed
            )

    def _period(self):
        self.ensure_one()
        calendar = self.report_id.definition_id.calendar_id
        return calendar._period(self.grain, self.period_start)

    @api.model
    def _find_slots(self, keys):
        """Current entries of (report, ``Period``) by slot; the accepted one first."""
        reports, periods = zip(*keys, strict=True)
        rows = self.search(
            Domain("report_id", "in", [report.id for report in reports])
            & Domain("period_start", "in", [period.start for period in periods])
            & Domain("is_current", "=", True),
            order="state, id",  # “approved” comes first
        )
        return rows.filtered(
            lambda row: row.grain == row.report_id.definition_id.frequency
        ).grouped(
            lambda row: (row.report_id.id, row.period_start, row.contributor_id.id)
        )

    @api.model
    def _enter(self, entries, submit=True):
        """Take values of the user, all or none, in a constant number of statements.

        A value that still waits is changed. One that was accepted is never: its
        correction is a new version, for which a reason is asked.

        :param entries: list of ``Entry``, at most one per slot
        :param submit: hand them in; else they are saved as drafts
        :return: entries, in the order given
        :raises UserError: who, what, when or why is wrong, in words for the user
        """
        checked, refused = self._check_entries(dict(enumerate(entries)))
        for error in refused.values():
            raise error
        return self._store(list(checked.values()), submit)

    @api.model
    def _check_entries(self, entries):
        """Find which of ``entries`` the user may enter, and why not the others.

        :param entries: dict key → ``Entry``
        :return: dict key → ``Entry`` with its contributor; dict key → ``UserError``
        """
        reports = self.env["kpi.report"].union(
            *(one.report for one in entries.values())
        )
        enterable = reports._filter_enterable()
        checked, refused = {}, {}
        for key, entry in entries.items():
            try:
                if entry.report not in enterable:
                    entry.report._check_can_enter()
                checked[key] = self._resolve_entry(entry)
            except UserError as error:
                refused[key] = error
        if not checked:
            return checked, refused
        known = self._find_current_entries(checked.values())
        facts, slots = self._find_fact_slots(checked.values()), set()
        for key, entry in checked.items():
            try:
                if entry.slot in slots:
                    raise ValidationError(
                        self.env._("Duplicate value. The first one is used.")
                    )
                self._check_correction(entry, known[entry.slot], facts)
                slots.add(entry.slot)
            except UserError as error:
                refused[key] = error
        return {key: checked[key] for key in checked if key not in refused}, refused

    @api.model
    def _store(self, entries, submit=True):
        """Write entries that were checked; hand them in where asked."""
        self.env["kpi.report"].union(*(entry.report for entry in entries))._hold_locks()
        # Entries are written by their methods; who may was checked before.
        entered = self.sudo()._take(entries)
        for submission, entry in zip(entered, entries, strict=True):
            files = entry.attachments or self.env["ir.attachment"]
            own = files.filtered(
                lambda file: (
                    file.create_uid == self.env.user
                    and file.res_model == "kpi.value.entry"
                )
            )
            # The files were uploaded to the dialog, which is gone in a moment.
            own.sudo().write({"res_model": self._name, "res_id": submission.id})
        if submit:
            entered._submit()
        return entered.sudo(False)

    def _take(self, entries):
        """Write ``entries``: onto those that wait, else as new ones; in their order."""
        known = self._find_current_entries(entries)
        waiting = {
            slot: rows.filtered(lambda row: row.state != "approved")
            for slot, rows in known.items()
        }
        fresh = [entry for entry in entries if not waiting[entry.slot]]
        created = self.with_context(mail_create_nolog=True).create(
            [self._prepare_new_values(entry, known[entry.slot]) for entry in fresh]
        )
        changed = self.union(*waiting.values())
        changed._stop_approval()
        if changed:  # nobody is asked about it, or refuses it, any more
            changed._write_approval({"approval_state": "none", "approval_level": 0})
        for entry in entries:
            row = waiting[entry.slot]
            values = self._prepare_entry_values(entry, bool(row.corrects_id))
            undecided = dict.fromkeys(
                ("decided_by_id", "decided_at", "rejection_reason"), False
            )
            row.write({**values, **undecided, "state": "draft"})
        taken = waiting | {e.slot: row for e, row in zip(fresh, created, strict=True)}
        return self.browse([taken[entry.slot].id for entry in entries])

    @api.model
    def _resolve_entry(self, entry):
        """``entry`` with its contributor, where value and period have a meaning."""
        report = entry.report
        report.ensure_one()
        if not is_finite(entry.value):
            raise ValidationError(
                self.env._("%s, Value: enter a finite number.", report.name)
            )
        if report.definition_id.unit == "boolean" and entry.value not in (0, 1):
            raise ValidationError(
                self.env._("%s: enter 1 for yes or 0 for no.", report.name)
            )
        today = report.definition_id.calendar_id._today()
        if entry.period.start > today and not report.definition_id.is_plan:
            raise ValidationError(
                self.env._(
                    "%(kpi)s: the period of %(day)s has not started.",
                    kpi=report.name,
                    day=format_day(self.env, entry.period.start),
                )
            )
        report._check_unlocked(entry.period)
        if not entry.weight > 0:
            raise ValidationError(
                self.env._("%s, Weight: enter a number above 0.", report.name)
            )
        if not is_storable(f"{entry.note or ''}{entry.reason or ''}"):
            raise ValidationError(
                self.env._(
                    "%s: the note or reason contains an invalid character. Enter "
                    "it again.",
                    report.name,
                )
            )
        return replace(entry, contributor=report._find_contributor(entry.contributor))

    @api.model
    def _find_current_entries(self, entries):
        """Current entries of the slots: dict slot → entries, the accepted one first."""
        # Whoever may enter a value sees what there is already.
        slots = self.sudo()._find_slots(
            (entry.report, entry.period) for entry in entries
        )
        return {entry.slot: slots.get(entry.slot, self.browse()) for entry in entries}

    @api.model
    def _check_correction(self, entry, known, facts):
        """Ask for the reason where ``entry`` replaces a known entry or a fact."""
        replaces = "approved" in known.mapped("state") or entry.slot in facts
        if replaces and not (entry.reason or entry.note or "").strip():
            calendar = entry.report.definition_id.calendar_id
            raise ValidationError(
                self.env._(
                    "%(kpi)s: %(period)s already has a value. Enter a reason for the"
                    " correction.",
                    kpi=entry.report.name,
                    period=calendar._period_label(entry.period),
                )
            )

    @api.model
    def _find_fact_slots(self, entries):
        """Slots of one-value KPIs that have a value, wherever it came from."""
        rows = self.env["kpi.measurement"].search_fetch(
            [
                ("report_id", "in", [entry.report.id for entry in entries]),
                ("period_start", "in", [entry.period.start for entry in entries]),
            ],
            ["report_id", "grain", "period_start"],
        )
        return {
            (row.report_id.id, row.period_start, False)
            for row in rows
            if row.grain == row.report_id.definition_id.frequency
        }

    @api.model
    def _prepare_new_values(self, entry, known):
        """Values of a new entry; of a new version where one was accepted."""
        accepted = known.filtered(lambda row: row.state == "approved")
        return {
            **self._prepare_entry_values(entry, bool(accepted)),
            "report_id": entry.report.id,
            "grain": entry.period.grain,
            "period_start": entry.period.start,
            "contributor_id": entry.contributor.id,
            "version": accepted.version + 1,
            "corrects_id": accepted.id,
        }

    @api.model
    def _prepare_entry_values(self, entry, is_correction):
        """Prepare the entered value and comment, and who entered them."""
        reason = entry.reason or (is_correction and entry.note)
        asked = entry.contributor or entry.report._find_own_people()
        return {
            "value": entry.value,
            "weight": entry.weight,
            "note": entry.note or False,
            "correction_reason": reason or False,
            "entered_by_id": self.env.uid,
            "is_for_other": self.env.user not in asked,
        }

    def _publish(self, author=None, reason=None):
        """Bring the facts in line with the accepted entries of these periods.

        :param author: who is recorded as having changed them; default: who entered
        :param reason: stored with the revision where a value is replaced or taken away;
            default: what the entry says
        """
        by_calendar = self.grouped(lambda one: one.report_id.definition_id.calendar_id)
        for calendar, entries in by_calendar.items():
            periods = [entry._period() for entry in entries]
            # Days are the engine's own.
            calendar.sudo()._ensure_days(
                min(period.start for period in periods),
                max(period.stop for period in periods),
            )

        def revision_key(entry):
            why = reason or entry.correction_reason or entry.note
            return entry.grain, author or entry.entered_by_id, why

        accepted = self._find_accepted_entries()
        for (grain, user, why), entries in self.grouped(revision_key).items():
            rows = {
                entry._period_key(): entry._build_fact_row(accepted[entry])
                for entry in entries
            }
            # Facts are the engine's to write; they tell who entered them.
            facts = self.env["kpi.measurement"].with_user(user).sudo()
            facts._upsert(grain, rows.values(), source="manual", reason=why or None)

    def _build_fact_row(self, accepted):
        """The fact of the period as ``_upsert`` takes it; no value removes it."""
        key = (self.report_id.id, self.period_start)
        if self.report_id.entry_mode != "parts":
            return (*key, accepted.value if accepted else None)
        if not accepted:
            return (*key, None)
        asked = self.report_id._find_submitters()[self.report_id]
        rolled = roll_up_scopes(
            np.array(accepted.mapped("value"), float)[:, None],
            np.zeros(len(accepted), int),
            1,
            self.definition_id.aggregation_scope,
            weights=np.array(accepted.mapped("weight"), float)[:, None],
        )
        return (
            *key,
            float(rolled.values[0, 0]),
            float(rolled.weights[0, 0]),
            None,
            len(accepted),
            len(asked | accepted.contributor_id),
        )

    def _find_accepted_entries(self):
        """Dict entry → accepted ones of its period: one, or several parts."""
        accepted = self.search(
            [
                ("report_id", "in", self.report_id.ids),
                ("period_start", "in", list(set(self.mapped("period_start")))),
                ("is_current", "=", True),
                ("state", "=", "approved"),
            ]
        )
        counting = accepted.filtered(
            lambda one: (
                bool(one.contributor_id) == (one.report_id.entry_mode == "parts")
            )
        ).grouped(lambda one: one._period_key())
        return {one: counting.get(one._period_key(), self.browse()) for one in self}

    def _filter_below_threshold(self):
        """Those off track by the targets of their periods; parts have no target."""
        found = self.browse()
        whole = self.filtered(lambda entry: not entry.contributor_id)
        for grain, entries in whole.grouped("grain").items():
            starts = entries.mapped("period_start")
            for series in entries.report_id._series(grain, min(starts), max(starts)):
                found |= entries.filtered(
                    lambda entry, series=series: entry._judge_by(series) == OFF_TRACK
                )
        return found

    def _judge_by(self, series):
        """Status of the value by the targets of a ``Series``; None if not in it."""
        row = series.row_of.get(self.report_id.id)
        at = series.index_of.get(self.period_start)
        if row is None or at is None:
            return None
        return judge_value(series, row, at, self.value, self.definition_id.direction)

    def _filter_exceptional_submission(self):
        """Those far outside the usual, late, or entered for somebody else."""
        unusual = self.env["kpi.report"]._find_unusual(
            {
                one: Entry(*one._period_key(), one.value, one.contributor_id)
                for one in self
            }
        )
        return self.filtered(
            lambda entry: entry in unusual or entry.is_late or entry.is_for_other
        )

    def _check_can_ask(self, workflow):
        """Ask why a value is off track."""
        super()._check_can_ask(workflow)
        if workflow.workflow_type != "below_threshold":
            return
        for entry in self:
            if not (entry.note or entry.correction_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s is off track. Explain why in the note.", entry.display_name
                    )
                )

    def _log_each(self, message_of):
        """A note on each of these entries."""
        self._message_log_batch(
            bodies={entry.id: message_of(entry) for entry in self},
            author_id=self.env.user.partner_id.id,
        )

    def _log_on_kpi(self, message_of):
        """One note on each KPI with a line per entry."""
        self.report_id._message_log_batch(
            bodies={
                report.id: Markup("<br/>").join(map(message_of, entries))
                for report, entries in self.grouped("report_id").items()
            },
            author_id=self.env.user.partner_id.id,
        )

    def _message_track(self, fields_iter, initial_values_dict):
        """Log changes of many entries by two statements, not by two for each."""
        labels = self.fields_get(
            fields_iter, attributes=("string", "type", "selection", "currency_field")
        )
        found = {
            entry.id: entry._mail_track(labels, initial_values_dict[entry.id])
            for entry in self.exists()
        }
        changed = self.filtered(lambda entry: found.get(entry.id, [[]])[0])
        messages = changed._message_log_batch(bodies={})
        # Only what is logged with a note tells its values; who reads it reads them.
        self.env["mail.tracking.value"].sudo().create(
            [
                {**values, "mail_message_id": message.id}
                for entry, message in zip(changed, messages, strict=True)
                for _command, _id, values in found[entry.id][1]
            ]
        )
        return found

    def _notify_enterers(self):
        """Tell those who entered values that others did not approve these."""
        notified = self.filtered(lambda entry: entry.entered_by_id != self.env.user)
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{state}:{entries[0].id}:{entries[0].decided_at}",
                    "user_id": person.id,
                    "subject": self.env._("Values rejected")
                    if state == "rejected"
                    else self.env._("Values sent back"),
                    "company_id": entries.company_id[:1].id,
                    "renderer": self._name,
                    "lines": [
                        {"res_model": self._name, "res_id": entry.id}
                        for entry in entries
                    ],
                }
                for (person, state), entries in notified.grouped(
                    lambda entry: (entry.entered_by_id, entry.state)
                ).items()
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """Write which of the entries are still refused, and why."""
        entries = self.browse(lines.mapped("res_id"))
        refused = entries.filtered(
            lambda entry: (
                entry.state in ("rejected", "draft") and entry.rejection_reason
            )
        )
        if not refused:
            raise DeliverySkipped(self.env._("These values have already been changed."))
        url = f"{self.get_base_url()}/odoo/kpi-entries"
        where = f"{url}/{refused.id}" if len(refused) == 1 else url
        person = self._fields["decided_by_id"]._description_string(self.env)
        return Message(
            refused._build_refusal_title(),
            self.env._("Change and resubmit the values."),
            tuple(
                Line(
                    entry.display_name,
                    entry.rejection_reason,
                    "warning",
                    ((person, entry.decided_by_id.name),),
                    f"{url}/{entry.id}",
                )
                for entry in refused
            ),
            (Action(self.env._("Open Entries"), where),),
        )

    def _build_refusal_title(self):
        is_rejected = set(self.mapped("state")) == {"rejected"}
        name, count = self[0].display_name, len(self)
        if is_rejected and count == 1:
            return self.env._("Rejected: %s", name)
        if is_rejected:
            return self.env._("%s KPI values rejected", count)
        if count == 1:
            return self.env._("Sent back: %s", name)
        return self.env._("%s KPI values sent back", count)

    def _say_entered(self):
        """Describe the entry in one line: value, who entered it, for whom and why."""
        self.ensure_one()
        values = {"value": self.definition_id._format_value(self.value)}
        values["period"] = self.period_label
        if self.version > 1:
            text = self.env._("Value for %(period)s corrected to %(value)s.", **values)
        else:
            text = self.env._("Value for %(period)s: %(value)s.", **values)
        reasons = dict.fromkeys((self.correction_reason or "", self.note or ""))
        return " ".join(filter(None, (text, self._build_enterer_text(), *reasons)))

    def _build_enterer_text(self):
        """Name who entered it, where that is not who was asked."""
        asked = self.contributor_id or self.report_id._find_submitters()[self.report_id]
        if self.is_for_other and asked:
            return self.env._(
                "Entered by %(person)s for %(other)s.",
                person=self.entered_by_id.name,
                other=", ".join(asked.mapped("name")),
            )
        if self.contributor_id:
            return self.env._("Contributor: %s.", self.contributor_id.name)
        return ""
