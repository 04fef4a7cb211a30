from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import frozendict

from ...fields import or_none
from ...formatting import format_day
from .kpi_approval_change import CHANGE, GUARDED
from .kpi_approval_content import lock_fields

STORED_AS_TEXT = ("one2many", "many2many", "binary", "properties", "json")

FLAG = "needs_proposal"


class KpiGuardedMixin(models.AbstractModel):
    """Records that change by proposal where a workflow asks for it.

    The model names the fields and the ``workflow_type`` that asks for each::

        class Price(models.Model):
            _name = "my.price"
            _inherit = ["kpi.guarded.mixin"]
            _guarded_fields = frozendict(price_change=("amount", "product_id"))

    and the addon the type: a ``selection_add`` of ``kpi.approval.workflow`` and a
    method of ``kpi.approval.change``::

        def _filter_price_change(self):
            return self._filter_by_guard("price_change")

    Then writing is refused as long as such a workflow fits, and ``_propose`` asks for
    approval instead. Without one nothing changes, and nothing more is read.
    """

    _name = "kpi.guarded.mixin"
    _description = "Record Changed by Proposal"

    # workflow type → fields that it guards
    _guarded_fields = frozendict()
    _guarded_operations = ("create", "write", "unlink")
    # models of ``_get_proposal_subject``; none: its own
    _proposal_subjects = ()
    # what the name of a proposal says already
    _hidden_in_proposals = frozenset()

    needs_proposal = fields.Boolean(
        compute="_compute_needs_proposal",
        exportable=False,
        help="Changes must be proposed and approved.",
    )

    @api.depends_context("uid")
    def _compute_needs_proposal(self):
        guarded = self._origin._filter_guarded("write")
        for record in self:
            record.needs_proposal = record._origin in guarded

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Show guarded fields read-only where they change by proposal."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in ("form", "list"):
            names = self._get_guarded_names()
            lock_fields(arch, FLAG, FLAG, lambda node: node.get("name") in names)
        return arch, view

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_unguarded("create", vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_unguarded("write", vals)
        return super().write(vals)

    def unlink(self):
        self._check_unguarded("unlink")
        # Proposals for what is gone are nobody's to decide; who deletes may not
        # see them all.
        changes = self.env[CHANGE].sudo()
        changes._withdraw([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        return super().unlink()

    @api.model
    def _is_guarding(self, operation):
        """Whether there may be a workflow that asks for proposals; no statement."""
        return (
            not self.env.su
            and operation in self._guarded_operations
            and self.env["kpi.approval.workflow"]._is_guarding()
            and self._name not in self.env.cr.cache.get(GUARDED, ())
        )

    def _check_unguarded(self, operation, vals=None):
        """:raises UserError: a workflow asks for a proposal, naming the button"""
        if not self._is_guarding(operation):
            return
        self.check_access(operation)
        guarded = self._filter_guarded(operation, vals)
        if operation == "create" and guarded is not None:
            # What a kind of records is called is no secret.
            kind = self.env["ir.model"]._get(self._name).sudo().name
            raise UserError(
                self.env._(
                    "%s: new records need approval. Use “Propose a Change”.", kind
                )
            )
        if guarded:
            raise UserError(
                self.env._(
                    "%s cannot be changed without approval. Use “Propose a Change”.",
                    guarded[0].display_name,
                )
            )

    def _filter_guarded(self, operation, vals=None):
        """Those of these records that a workflow asks to change by proposal.

        :param vals: what is to change; None: any guarded field
        :return: for ``create`` the empty recordset, None where none is asked for
        """
        if not self._is_guarding(operation):
            return None if operation == "create" else self.browse()
        if operation == "create":
            drafts = self._draft_changes(operation, vals)
            return self if drafts._find_approval_workflows() else None
        changing = self
        if operation == "write" and vals is not None:
            changing = self.filtered(lambda one: one._is_guarded_change(vals))
        if not changing:
            return changing
        drafts = changing._draft_changes(operation, vals)
        return changing.browse(one.res_id for one in drafts._find_approval_workflows())

    def _is_guarded_change(self, vals):
        return any(
            self._is_other_value(name, vals[name])
            for name in self._get_guarded_names() & vals.keys()
        )

    def _is_other_value(self, name, value):
        field = self._fields[name]
        now = field.convert_to_cache(self[name], self)
        return field.convert_to_cache(value, self) != now

    @api.model
    def _get_guarded_names(self):
        return frozenset().union(*self._guarded_fields.values())

    def _draft_changes(self, operation, vals):
        """Proposals of this kind that are not stored, as workflows choose by them."""
        if vals is None:
            vals = dict.fromkeys(self._get_guarded_names(), False)
        # Drafts that only rules of approving look at.
        changes = self.env[CHANGE].sudo()
        return changes.union(
            *(
                changes.new(one._prepare_change_values(operation, vals))
                for one in (self if self.ids else [self])
            )
        )

    def _prepare_change_values(self, operation, vals):
        """Values of a proposal about this record, or about a new one."""
        subject = self._get_proposal_subject(vals)
        company = "company_id" in subject._fields and subject.company_id
        return {
            "res_model": self._name,
            "res_id": self.id,
            "operation": operation,
            "vals": vals,
            "subject_model": subject._name,
            "subject_id": subject.id,
            "company_id": company and company.id,
            "user_id": self.env.uid,
        }

    def _get_proposal_subject(self, vals):
        """The record whose readers may read a proposal; of a new one, by ``vals``."""
        return self

    def _apply_proposal(self, operation, vals, change):
        """Do what is proposed by ``change``; returns the record it was done to."""
        if operation == "create":
            return self.create(vals)
        if operation == "unlink":
            self.unlink()
        else:
            self.write(vals)
        return self

    def _find_replaced(self, vals):
        """The record that a new one takes the place of, shown as what was before."""
        return self.browse()

    def _open_proposal_again(self, change):
        """Action of the dialog that proposes ``change`` again; None: there is none."""
        return None

    def _name_proposed(self, vals, subject):
        """A record in words that is proposed and not there yet."""
        return subject.display_name

    def _read_present(self, names, _valid_from):
        """Values that a proposal would replace, as ``write`` takes them."""
        if not self:
            return dict.fromkeys(names)
        return {name: self._plain_value(name, self[name]) for name in names}

    def _get_proposal_amount(self, vals):
        """The number that a proposal comes down to, if nothing else changes; or None.

        Asked of the record, or of the one that a new one replaces.
        """
        return None

    def _get_present_amount(self):
        """That number as it is now; None = none."""
        return None

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
        """Create records, or propose those that need it: records, proposals."""
        free, guarded = [], []
        for vals in vals_list:
            is_free = self._filter_guarded("create", vals) is None
            (free if is_free else guarded).append(vals)
        made = self.create(free)
        changes = [self._propose(vals, reason, operation="create") for vals in guarded]
        return made, self.env[CHANGE].union(*changes)

    def _write_or_propose(self, vals, reason):
        """Write to records, or propose it where that needs approval: proposals."""
        guarded = self._filter_guarded("write", vals)
        (self - guarded).write(vals)
        changes = [record._propose(vals, reason) for record in guarded]
        return self.env[CHANGE].union(*changes)

    @api.model
    def _count_waiting(self, new, changed):
        """Count what would wait of ``new`` values, and ``changed``: record → values."""
        if not self._is_guarding("write"):
            return 0
        asked = [(self.browse(), "create", vals) for vals in new]
        asked += [(record, "write", vals) for record, vals in changed.items()]
        drafts = []
        for record, operation, vals in asked:
            guarded = record._filter_guarded(operation, vals)
            if guarded or (guarded is not None and operation == "create"):
                draft = record._draft_changes(operation, vals)
                draft.update(record._prepare_amounts(operation, vals))
                drafts.append(draft)
        # Nothing of it is stored.
        workflows = self.env[CHANGE].sudo().union(*drafts)._group_by_workflow()
        return sum(
            len(same - same._filter_small(workflow))
            for workflow, same in workflows.items()
        )

    def _unlink_or_propose(self, reason):
        """Delete records, or propose it where that needs approval: proposals."""
        guarded = self._filter_guarded("unlink")
        (self - guarded).unlink()
        changes = [one._propose({}, reason, operation="unlink") for one in guarded]
        return self.env[CHANGE].union(*changes)

    def _normalize_proposal(self, vals):
        """``vals`` typed by the fields of this model, if all can be proposed."""
        for name in vals:
            field = self._fields.get(name)
            if not field or not field.store or field.type in STORED_AS_TEXT:
                raise ValidationError(self.env._("“%s” cannot be proposed.", name))
        return {name: self._plain_value(name, value) for name, value in vals.items()}

    def _find_same_proposal(self, values):
        """One that waits and says the same, such as of an import before."""
        names = ("res_model", "res_id", "operation", "subject_model", "subject_id")
        # Of two who propose at once the second is run again, and finds the first.
        place = " ".join(str(values[name] or 0) for name in names)
        self.env["kpi.claim"]._claim(f"proposal {place}")
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
        anchor = self or self._find_replaced(vals)
        amount = None if operation == "unlink" else anchor._get_proposal_amount(vals)
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

    @api.model
    def _plain_value(self, name, value):
        """A value of a field as JSON holds it and ``write`` takes it."""
        field = self._fields[name]
        value = field.convert_to_record(field.convert_to_cache(value, self), self)
        value = field.convert_to_write(value, self)
        if field.type == "date" and value:
            return fields.Date.to_string(value)
        return value

    @api.model
    def _say_value(self, name, value):
        """A value in words; empty where there is none."""
        field = self._fields[name]
        if value is False or value is None or value == "":
            return self.env._("No") if field.type == "boolean" else ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "many2one":
            # What a record of the proposal is called is said to who may read it.
            return self.env[field.comodel_name].browse(value).sudo().display_name
        if field.type == "boolean":
            return self.env._("Yes")
        if field.type == "date":
            return format_day(self.env, value)
        if field.type in ("float", "integer"):
            return f"{value:.15g}"
        return str(value)
