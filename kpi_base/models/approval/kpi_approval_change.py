from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import mute_logger

from ...actions import open_form, show_notification
from ...fields import OptionalFloat, or_none
from ...formatting import format_day
from ...rights import readable_domain, search_by
from ...schemas.base import Nothing, Text
from ..record.base import find_heirs
from ..record.record_names import filter_unreadable
from .kpi_approval_content import open_for

CHANGE = "kpi.approval.change"
GUARDED = "kpi_base.guarded"  # models that a block of code may change


class KpiApprovalChange(models.Model):
    """Proposed change of a record: it takes effect when it is approved.

    Made by ``_propose`` of models with ``kpi.guarded.mixin``. Whoever may read what it
    is about may read it. If the record changes meanwhile, it is asked anew.
    """

    _name = CHANGE
    _description = "Proposed Change"
    _inherit = ["kpi.approval.mixin"]
    _order = "id desc"
    _rec_name = "record_name"

    res_model = fields.Char("Model", required=True, readonly=True, exportable=False)
    res_id = fields.Many2oneReference(
        "Record", model_field="res_model", readonly=True, exportable=False
    )
    operation = fields.Selection(
        [("write", "Change"), ("create", "New"), ("unlink", "Deletion")],
        "Change Type",
        required=True,
        readonly=True,
        default="write",
    )
    vals = fields.Json("New Values", readonly=True, exportable=False)
    valid_from = fields.Date(
        readonly=True,
    )
    values_before = fields.Json(
        string="Previous Values",
        readonly=True,
        exportable=False,
    )
    present_values = fields.Json(
        string="Current Values", compute="_compute_present_values", exportable=False
    )
    subject_model = fields.Char(required=True, readonly=True, exportable=False)
    subject_id = fields.Many2oneReference(
        model_field="subject_model", readonly=True, exportable=False
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        "Proposed By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        index=True,
    )
    reason = fields.Text(required=True, readonly=True)
    amount = OptionalFloat(
        "New Amount", readonly=True, aggregator=False, exportable=False
    )
    base_amount = OptionalFloat(
        "Compared With",
        readonly=True,
        aggregator=False,
        exportable=False,
        help="Last value approved by a person.",
    )
    record_name = fields.Char(
        "Changed Record", compute="_compute_record_name", search="_search_record_name"
    )
    is_own = fields.Boolean(compute="_compute_is_own", exportable=False)
    is_subject_readable = fields.Boolean(
        compute="_compute_is_subject_readable",
        search=search_by("_get_readable_domain"),
        exportable=False,
    )
    comparison = fields.Json(
        compute="_compute_comparison",
        exportable=False,
    )
    summary = fields.Char("Changes", compute="_compute_summary")

    _record_idx = models.Index("(res_model, res_id)")
    _subject_idx = models.Index("(subject_model, subject_id)")

    @api.depends("res_model", "res_id", "vals", "valid_from")
    def _compute_present_values(self):
        named = self.filtered("res_model")
        (self - named).present_values = False
        for change in named:
            record, names = change._get_shown_record(), change._get_changed_names()
            change.present_values = record is not None and record._read_present(
                names, change.valid_from
            )

    @api.depends_context("lang")
    @api.depends("res_model", "res_id", "subject_model", "subject_id", "values_before")
    def _compute_record_name(self):
        records = self._find_existing("res_model", "res_id")
        subjects = self._find_existing("subject_model", "subject_id")
        for change in self:
            record = records.get((change.res_model, change.res_id))
            subject = subjects.get((change.subject_model, change.subject_id))
            name = record.display_name if record else ""
            if not record and subject:
                # One that is new or gone: by what is known of it.
                vals = {**(change.values_before or {}), **(change.vals or {})}
                name = change._get_record().browse()._name_proposed(vals, subject)
            change.record_name = name or change.env._("Deleted")

    @api.model
    def _search_record_name(self, operator, value):
        """Find proposals by the name of what they are about, as the user sees it."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return self._get_readable_domain(Domain("display_name", operator, value))

    def _find_existing(self, model_field, id_field):
        """What these proposals name and is there: (model, id) → record."""
        found = {}
        for model, same in self.filtered(model_field).grouped(model_field).items():
            ids = filter(None, same.mapped(id_field))
            # Who reads a proposal may read what it is about.
            records = self.env[model].sudo().browse(ids).exists()
            found.update(((model, one.id), one) for one in records)
        return found

    @api.depends("record_name", "operation")
    def _compute_display_name(self):
        texts = {
            "write": self.env._("Change of %s"),
            "create": self.env._("New: %s"),
            "unlink": self.env._("Deletion of %s"),
        }
        for change in self:
            change.display_name = texts[change.operation] % change.record_name

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_is_own(self):
        for change in self:
            change.is_own = change.user_id == self.env.user

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("subject_model", "subject_id")
    def _compute_is_subject_readable(self):
        unreadable = filter_unreadable(self, "subject_model", "subject_id")
        for change in self:
            is_named = bool(change.subject_model)
            change.is_subject_readable = is_named and change not in unreadable

    @api.model
    def _get_readable_domain(self, domain=Domain.TRUE):
        """Proposals about records that fit and the user may read."""
        subjects = [
            model._proposal_subjects or (model._name,)
            for model in find_heirs(self.env, "kpi.guarded.mixin")
        ]
        return Domain.OR(
            readable_domain(self.env[name], "subject_model", "subject_id", domain)
            for name in sorted(set().union(*subjects))
        )

    def _approval_content(self):
        names = ("res_model", "res_id", "operation", "vals", "valid_from", "reason")
        return dict.fromkeys((*names, "present_values"))

    def _get_approval_amounts(self):
        return {one: or_none(one.amount) for one in self}

    def _get_last_approved_amounts(self):
        return {one: or_none(one.base_amount) for one in self}

    def _filter_readable_drafts(self):
        """As the record rule of those that are stored."""
        return self.filtered(
            lambda one: (
                one.is_subject_readable
                and (not one.company_id or one.company_id in self.env.companies)
            )
        )

    def _filter_by_guard(self, workflow_type):
        """Those that change what is guarded by workflows of a type."""

        def is_guarded(change):
            guards = self.env[change.res_model]._guarded_fields
            names = guards.get(workflow_type)
            if change.operation != "write":
                return names is not None
            return bool(set(names or ()) & set(change.vals))

        return self.filtered(is_guarded)

    def _get_record(self):
        """The record to change, as superuser; empty for a new one."""
        # Who reads a proposal may read what it is about.
        return self.env[self.res_model].sudo().browse(self.res_id or [])

    def _get_subject_record(self):
        # As above.
        return self.env[self.subject_model].sudo().browse(self.subject_id or [])

    def _get_shown_record(self):
        """The record whose values were before; None where it is gone."""
        record = self._get_record()
        if record:
            return record if record.exists() else None
        return record._find_replaced(self.vals or {})

    def _get_changed_names(self):
        model = self.env[self.res_model]
        names = self.vals or {}
        if self.operation == "unlink":
            names = model._get_guarded_names()
        return [name for name in model._fields if name in names]

    @api.ondelete(at_uninstall=False)
    def _check_kept(self):
        if not self.env.su:
            raise UserError(self.env._("Proposals cannot be deleted."))

    @api.depends_context("lang", "uid")
    @api.depends("present_values", "vals", "operation", "approval_state")
    def _compute_comparison(self):
        named = self.filtered("res_model")
        (self - named).comparison = False
        for change in named:
            record = change._get_shown_record()
            if record is None:
                record = change._get_record().browse()
            # Who reads the proposal reads what it changes.
            words = record.with_env(self.env).sudo()
            # once it has taken effect what it has replaced
            is_done = change.approval_state == "approved"
            before = (change.values_before if is_done else change.present_values) or {}
            after = {} if change.operation == "unlink" else change.vals or {}
            rows = []
            for name in change._get_changed_names():
                old = words._say_value(name, before.get(name))
                new = words._say_value(name, after.get(name))
                is_hidden = name in record._hidden_in_proposals
                if not is_hidden and (old != new or change.operation == "write"):
                    label = record._fields[name]._description_string(self.env)
                    row = {"label": label, "before": old, "after": new}
                    rows.append({**row, "is_other": old != new})
            change.comparison = rows

    @api.depends("comparison")
    def _compute_summary(self):
        for change in self:
            change.summary = ", ".join(
                f"{label}: {text}" for label, text in change._list_differences()
            )

    def _list_differences(self):
        """Pairs (label, before and after) of what it changes."""
        return [
            (row["label"], f"{row['before'] or '–'} → {row['after'] or '–'}")
            for row in self.comparison or ()
            if row["is_other"]
        ]

    def _get_approval_facts(self):
        """What it changes, from when on, and why."""
        self.ensure_one()
        day = self.valid_from and format_day(self.env, self.valid_from)
        said = {"valid_from": day, "reason": self.reason}
        return self._list_differences() + self._label_facts(said)

    def _say_effect(self):
        own = {
            "write": self.env._("The new values apply."),
            "create": self.env._("It is created."),
            "unlink": self.env._("It is deleted."),
        }
        return super()._say_effect() or own[self.operation]

    def action_open_propose_again(self):
        """Ask what is proposed once more, beside what the record says now.

        Where the record has no dialog for it, it is proposed as it was.
        """
        self.ensure_one()
        self.check_access("read")
        record = self._get_record().with_env(self.env)
        return record._open_proposal_again(self) or self.action_propose_again()

    def action_open_reject(self):
        """Ask why it is rejected."""
        return self._open_decision_dialog("reject")

    def action_open_return(self):
        """Ask why it is sent back."""
        return self._open_decision_dialog("return")

    def action_open_forward(self):
        """Ask who decides instead."""
        return self._open_decision_dialog("forward")

    def action_open_record(self):
        """Open what it changes; of a new one what that belongs to."""
        self.ensure_one()
        self.check_access("read")
        return open_form(self._get_record().exists() or self._get_subject_record())

    @api.model
    def _show(self, changes):
        """Action that shows what became of proposals."""
        waiting = changes.filtered(lambda one: one.approval_state == "pending")
        others = waiting.user_id - self.env.user
        shown = {"name": self.env._("Proposed Changes")}
        opened = changes if len(changes) == 1 else self.browse()
        if not opened:
            shown["views"] = [(False, "list"), (False, "form")]
            shown["domain"] = [("id", "in", changes.ids)]
        if others and opened:
            message = self.env._(
                "%s already proposed this; it is waiting for approval. Your reason "
                "was added to its timeline.",
                others.name,
            )
        elif waiting:
            message = self.env._("Waiting for approval: %s", len(waiting))
        else:
            message = self.env._("No approval needed. The change applies immediately.")
        kind = "info" if waiting else "success"
        return show_notification(message, type=kind, next=open_form(opened, **shown))

    def _decide(self, decision, comment="", is_strict=False):
        """Decide one by one, as each may change what the next one replaces."""
        refused = {}
        for change in self:
            decide = super(KpiApprovalChange, change)._decide
            refused |= decide(decision, comment, is_strict)
        return refused

    def _note_same(self, reason):
        """Have the timeline say that somebody proposes the same, and why."""
        # Who may propose the same may know of it.
        timeline = self.sudo().get_timeline()
        said = {(entry["by"], entry["note"]) for entry in timeline}
        said.add((self.user_id.name, self.reason))
        if (self.env.user.name, reason) not in said:
            self._log_approval("seconded", lambda _one: {}, reason)

    def action_propose_again(self, reason: Text | Nothing = None):
        """Ask once more about what was sent back, rejected or recalled.

        :raises AccessError: somebody else proposed it
        """
        self.check_access("read")
        self._hold_approval()
        self._check_approval_state("none", "returned", "rejected")
        for change in self:
            if change.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(person)s, who proposed this change, can propose it "
                        "again.",
                        person=change.user_id.name,
                    )
                )
            # Its own text, by whom it belongs to.
            own = change.sudo()
            own._try()
            record = own._get_record().with_env(self.env)
            if record._find_same_proposal(own):
                raise UserError(
                    self.env._(
                        "%s: the same change is already waiting for approval.",
                        own.display_name,
                    )
                )
            own.write(
                {
                    **record._prepare_amounts(own.operation, own.vals),
                    **({"reason": reason.strip()} if (reason or "").strip() else {}),
                }
            )
        self._ask_approval()

    def _after_approval(self):
        for change in self.filtered(lambda one: one.approval_state == "approved"):
            change._apply()

    def _apply(self):
        """Do what is proposed, with the rights of who proposed it."""
        self.ensure_one()
        # The proposal itself is written by approvals only.
        own = self.sudo()
        before = own.present_values
        try:
            record = own._run_as(own.user_id)
        except AccessError as refusal:
            raise UserError(
                self.env._(
                    "%(person)s, who proposed this change, can no longer edit "
                    "%(record)s.",
                    person=own.user_id.name,
                    record=own.record_name,
                )
            ) from refusal
        done = {"res_id": record.id} if own.operation == "create" else {}
        own._write_pending({"values_before": before, **done})

    def _run_as(self, user):
        """Change the record as a person; returns it."""
        record = self.env[self.res_model].browse(self.res_id or [])
        if self.res_id and not record.exists():
            raise UserError(self.env._("The record to change was deleted."))
        companies = user.company_ids
        first = self.company_id & companies
        # With the rights of who proposed it: those of who approves do not count.
        record = record.with_user(user).with_context(
            allowed_company_ids=(first | companies).ids
        )
        record.check_access(self.operation)
        try:
            with (
                open_for(self.env, GUARDED, [self.res_model]),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                return record._apply_proposal(self.operation, self.vals or {}, self)
        except IntegrityError as error:
            tables = {model._table: name for name, model in self.env.registry.items()}
            name = tables.get(error.diag.table_name, self.res_model)
            text = self.env[name]._sql_error_to_message(error)
            raise ValidationError(text) from error

    def _try(self):
        """Do what is proposed as who proposes it, and take it back."""
        savepoint = self.env.cr.savepoint()
        try:
            self.with_context(tracking_disable=True)._run_as(self.user_id)
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def _ask_anew(self):
        """What is gone meanwhile is nobody's to decide."""
        gone = self.filtered(lambda one: one._get_shown_record() is None)
        gone._stop_approval()
        return super(KpiApprovalChange, self - gone)._ask_anew()

    @api.model
    def _withdraw(self, domain):
        """Take back those that wait, as what they are about is going."""
        waiting = self.search(Domain(domain) & Domain("approval_state", "=", "pending"))
        waiting._stop_approval()
