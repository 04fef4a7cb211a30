from contextlib import contextmanager

from psycopg2 import IntegrityError

from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import mute_logger

from ...fields import or_none
from ...schemas.base import Nothing, Text, Word
from .kpi_approval_change import CHANGE

STORED_AS_TEXT = ("one2many", "many2many", "binary", "properties", "json")


class KpiGuardedMixin(models.AbstractModel):
    """Proposing instead of writing; what cannot be done is refused at once."""

    _inherit = "kpi.guarded.mixin"

    def _propose(self, vals, reason, *, operation="write", valid_from=None):
        """Propose to change this record, to create one or to delete it.

        It is tried as whoever proposes it, and taken back: what is not allowed or
        cannot be is refused here, not when others have approved it.

        :param vals: as for ``write`` or ``create``
        :param valid_from: day from which it applies, of models that know that
        :return: the ``kpi.approval.change``: waiting, or approved where nobody has to
        :raises UserError: it cannot be done, or nobody can approve it
        """
        if operation == "create" and self:
            return self.browse()._propose(vals, reason, operation=operation)
        vals = self._normalize_proposal(vals)
        if not (reason or "").strip():
            raise ValidationError(self.env._("Enter a reason."))
        values = {
            **self._prepare_change_values(operation, vals),
            "reason": reason.strip(),
            "valid_from": valid_from,
        }
        waiting = self._find_same_proposal(values)
        if waiting:
            waiting._note_same(values["reason"])
            return waiting
        # Proposals are made here only; what they do is tried as the user.
        changes = self.env[CHANGE].sudo()
        changes.new(values)._try()
        change = changes.create({**values, **self._prepare_amounts(operation, vals)})
        change = change.with_env(self.env)
        change._ask_approval()
        return change

    @api.model
    def _create_or_propose(self, vals_list, reason):
        """Create records, or propose those that need approval, as imports do.

        :return: records, proposals
        """
        guarded = [
            self._filter_guarded("create", vals) is not None for vals in vals_list
        ]
        pairs = list(zip(vals_list, guarded, strict=True))
        made = self.create([vals for vals, is_guarded in pairs if not is_guarded])
        changes = self.env[CHANGE]
        for vals, is_guarded in pairs:
            if is_guarded:
                changes |= self._propose(vals, reason, operation="create")
        return made, changes

    def _write_or_propose(self, vals, reason, **options):
        """Write to records, or propose it where that needs approval.

        :param options: of ``_propose``
        :return: proposals; empty: written
        """
        guarded = self._filter_guarded("write", vals)
        (self - guarded).write(vals)
        changes = self.env[CHANGE]
        for record in guarded:
            changes |= record._propose(vals, reason, **options)
        return changes

    @api.model
    def _count_waiting(self, new, changed):
        """Count what would wait for approval.

        :param new: list of values of new records
        :param changed: dict record → values
        """
        if not self._is_guarding("write"):
            return 0
        guarded = [
            *(
                (self, "create", vals)
                for vals in new
                if self._filter_guarded("create", vals) is not None
            ),
            *(
                (record, "write", vals)
                for record, vals in changed.items()
                if record._filter_guarded("write", vals)
            ),
        ]
        # Nothing of it is stored.
        changes = self.env[CHANGE].sudo()
        drafts = [
            changes.new(
                {
                    **record._prepare_change_values(operation, vals),
                    **record._prepare_amounts(operation, vals),
                }
            )
            for record, operation, vals in guarded
        ]
        return len(changes.union(*drafts)._filter_waiting())

    def _unlink_or_propose(self, reason):
        """Delete records, or propose it where that needs approval.

        :return: proposals; empty: deleted
        """
        guarded = self._filter_guarded("unlink")
        (self - guarded).unlink()
        changes = self.env[CHANGE]
        for record in guarded:
            changes |= record._propose({}, reason, operation="unlink")
        return changes

    def _normalize_proposal(self, vals):
        """``vals`` typed by the fields of this model.

        :raises ValidationError: something that cannot be proposed
        """
        for name in vals:
            field = self._fields.get(name)
            if not field or not field.store or field.type in STORED_AS_TEXT:
                raise ValidationError(self.env._("“%s” cannot be proposed.", name))
        return {name: self._plain_value(name, value) for name, value in vals.items()}

    def _find_same_proposal(self, values):
        """One that waits and says the same, such as of an import before."""
        names = ("res_model", "res_id", "operation", "subject_model", "subject_id")
        domain = Domain.AND([Domain(name, "=", values[name] or 0) for name in names])
        domain &= Domain("approval_state", "=", "pending")
        # Who may propose the same may know of it.
        waiting = self.env[CHANGE].sudo().search(domain)
        same = waiting.filtered(
            lambda one: (
                one.vals == values["vals"]
                and one.valid_from == (values["valid_from"] or False)
            )
        )
        return same[:1].with_env(self.env)

    def _prepare_amounts(self, operation, vals):
        """The number that is proposed, and the one that a person approved last."""
        anchor = self if self else self._find_replaced(vals)
        amount = None
        if operation != "unlink":
            amount = anchor._get_proposal_amount(vals)
        if amount is None:
            return {"amount": False, "base_amount": False}
        base = anchor._find_base_amount()
        return {"amount": amount, "base_amount": False if base is None else base}

    def _find_base_amount(self):
        """The number of this record that a person approved last; None = none.

        As long as nobody had to approve it, what was entered counts as approved.
        """
        if not self:
            return None
        # What was approved holds, whoever may see it.
        changes = self.env[CHANGE].sudo()
        approved = changes.search(
            Domain("res_model", "=", self._name)
            & Domain("res_id", "=", self.id)
            & Domain("approval_state", "=", "approved")
        )
        last = approved.filtered(lambda one: one.amount is not False)[:1]
        if not last:
            return self._get_present_amount()
        number = last.amount if last.approval_version else last.base_amount
        return or_none(number)


class KpiApprovalChange(models.Model):
    """Trying, applying and withdrawing proposals."""

    _inherit = CHANGE

    def decide_approvals(self, decision: Word, comment: Text | Nothing = ""):
        """As of other documents; one that cannot take effect leaves the others."""
        results = []
        for change in self:
            try:
                with self.env.cr.savepoint():
                    results += super(KpiApprovalChange, change).decide_approvals(
                        decision, comment
                    )
            except UserError as refusal:
                self.env.invalidate_all(flush=False)
                results.append(
                    {"id": change.id, "is_decided": False, "reason": str(refusal)}
                )
        return results

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
                        "Only %(person)s, who proposed it, can propose it again.",
                        person=change.user_id.name,
                    )
                )
            # Its own text, by whom it belongs to.
            own = change.sudo()
            own._try()
            record = own._get_record().with_env(self.env)
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
        """Do what is proposed, with the rights of who proposed it.

        :raises UserError: they have lost them, or it cannot be done any more
        """
        self.ensure_one()
        # The proposal itself is written by approvals only.
        own = self.sudo()
        before = own.present_values
        try:
            record = own._run_as(own.user_id)
        except AccessError as refusal:
            raise UserError(
                self.env._(
                    "%(person)s, who proposed it, may not change %(record)s any more.",
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
            raise UserError(self.env._("What it would change was deleted."))
        companies = user.company_ids
        first = self.company_id & companies
        # With the rights of who proposed it: those of who approves do not count.
        record = record.with_user(user).with_context(
            allowed_company_ids=(first | companies).ids
        )
        record.check_access(self.operation)
        with record._open_guard(), self._say_constraints():
            found = record._apply_proposal(self.operation, self.vals or {}, self)
            self.env.flush_all()
        return found

    @contextmanager
    def _say_constraints(self):
        """Have what the database refuses said in words."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                yield
        except IntegrityError as error:
            tables = {model._table: name for name, model in self.env.registry.items()}
            name = tables.get(error.diag.table_name, self.res_model)
            text = self.env[name]._sql_error_to_message(error)
            raise ValidationError(text) from error

    def _try(self):
        """Do what is proposed as who proposes it, and take it back.

        :raises UserError: it cannot be done
        """
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
