from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...fields import OptionalFloat, or_none
from ...rights import readable_sql

CHANGE = "kpi.approval.change"
OPERATIONS = [
    ("write", "Change"),
    ("create", "New"),
    ("unlink", "Deletion"),
]


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
        OPERATIONS, "Kind of Change", required=True, readonly=True, default="write"
    )
    vals = fields.Json("New Values", readonly=True, exportable=False)
    valid_from = fields.Date(
        readonly=True, help="First day from which it applies, where it has one."
    )
    values_before = fields.Json(
        readonly=True, exportable=False, help="What it replaced when it took effect."
    )
    present_values = fields.Json(compute="_compute_present_values", exportable=False)
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
        "New Number", readonly=True, aggregator=False, exportable=False
    )
    base_amount = OptionalFloat(
        "Compared With",
        readonly=True,
        aggregator=False,
        exportable=False,
        help="The number that a person approved last, for automatic approval.",
    )
    record_name = fields.Char(
        "Record Changed", compute="_compute_record_name", search="_search_record_name"
    )
    is_own = fields.Boolean(compute="_compute_is_own", exportable=False)
    is_subject_readable = fields.Boolean(
        compute="_compute_is_subject_readable",
        search="_search_is_subject_readable",
        exportable=False,
    )
    comparison = fields.Json(
        compute="_compute_comparison",
        exportable=False,
        help="What it changes: label, before and after of each field.",
    )
    summary = fields.Char("Changes", compute="_compute_summary")

    _record_idx = models.Index("(res_model, res_id)")
    _subject_idx = models.Index("(subject_model, subject_id)")

    @api.depends("res_model", "res_id", "vals", "valid_from")
    def _compute_present_values(self):
        for change in self:
            record = change._get_shown_record()
            names = change._get_changed_names()
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
        named = Domain("display_name", operator, value)
        return Domain.OR(
            self._get_readable_domain(model, named)
            for model in self._list_subject_models()
        )

    def _find_existing(self, model_field, id_field):
        """What these proposals name and is there: (model, id) → record."""
        found = {}
        for model, same in self.grouped(model_field).items():
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
        for model, changes in self.grouped("subject_model").items():
            subjects = self.env[model].browse(changes.mapped("subject_id"))
            # As the user, whoever computes it.
            seen = set(subjects.sudo(False).exists()._filtered_access("read").ids)
            for change in changes:
                change.is_subject_readable = change.subject_id in seen

    def _search_is_subject_readable(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.OR(map(self._get_readable_domain, self._list_subject_models()))
        return domain if True in value else ~domain

    @api.model
    def _get_readable_domain(self, model, domain=Domain.TRUE):
        """Proposals about records of one model that fit and the user may read."""
        is_seen = readable_sql(self.env[model], domain)
        if not is_seen:
            return Domain.FALSE
        is_about = Domain.custom(
            to_sql=lambda changes, alias, found: is_seen(
                changes._field_to_sql(alias, "subject_id", found)
            )
        )
        return Domain("subject_model", "=", model) & is_about

    @api.model
    def _list_subject_models(self):
        """Models of the records that proposals are about."""
        names = self.env.registry.descendants(["kpi.guarded.mixin"], "_inherit")
        guarded = [self.env[name] for name in names if not self.env[name]._abstract]
        subjects = [model._proposal_subjects or (model._name,) for model in guarded]
        return sorted(set().union(*subjects))

    def _approval_content(self):
        names = ("res_model", "res_id", "operation", "vals", "valid_from", "reason")
        return dict.fromkeys((*names, "present_values"))

    def _get_approval_amounts(self):
        return {one: or_none(one.amount) for one in self}

    def _get_last_approved_amounts(self):
        return {one: or_none(one.base_amount) for one in self}

    def _filter_readable_by(self, user):
        """As the record rule, also of those that are not stored yet."""
        known = self.filtered("id")
        readable = super(KpiApprovalChange, known)._filter_readable_by(user)
        # Where somebody works is no secret: whoever asks may not see the company.
        companies = user.sudo().company_ids
        # As the person.
        drafts = (self - known).with_user(user)
        drafts = drafts.with_context(allowed_company_ids=companies.ids)
        seen = drafts.filtered(
            lambda one: (
                one.is_subject_readable
                and (not one.company_id or one.company_id in companies)
            )
        )
        return readable | (self - known).filtered(lambda one: one.id in seen._ids)

    def _filter_by_guard(self, workflow_type):
        """Those that change what is guarded by workflows of a type."""
        return self.filtered(lambda one: workflow_type in one._list_guards())

    def _list_guards(self):
        """Types of workflows that guard what this proposal changes."""
        guards = self.env[self.res_model]._guarded_fields
        if self.operation != "write":
            return list(guards)
        return [kind for kind, names in guards.items() if set(names) & set(self.vals)]

    def _filter_needing_approval(self):
        """Those of these, stored or not, that a workflow fits."""
        workflows = self._find_approval_workflows()
        return self.filtered(lambda one: one in workflows)

    def _filter_waiting(self):
        """Those of these, stored or not, that would wait for somebody."""
        found = self.browse()
        for workflow, same in self._group_by_workflow().items():
            found |= same - same._filter_small(workflow)
        return found

    def _get_record(self):
        """The record to change, as superuser; empty for a new one."""
        # Who reads a proposal may read what it is about.
        return self.env[self.res_model].sudo().browse(self.res_id or [])

    def _get_subject(self):
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
            raise UserError(self.env._("Proposals are part of the history."))

    @api.depends_context("lang", "uid")
    @api.depends("present_values", "vals", "operation", "approval_state")
    def _compute_comparison(self):
        for change in self:
            record = change._get_shown_record()
            if record is None:
                record = change._get_record().browse()
            before = change._get_values_before()
            after = {} if change.operation == "unlink" else change.vals or {}
            change.comparison = [
                row
                for name in change._get_changed_names()
                if (row := change._compare_field(record, name, before, after))
            ]

    def _get_values_before(self):
        """What it replaces; once it has taken effect what it has replaced."""
        if self.approval_state == "approved":
            return self.values_before or {}
        return self.present_values or {}

    def _compare_field(self, record, name, before, after):
        """Row of the comparison; None where nothing is to see."""
        if name in self.env[self.res_model]._hidden_in_proposals:
            return None
        # Who reads the proposal reads what it changes.
        words = record.with_env(self.env).sudo()
        old = words._say_value(name, before.get(name))
        new = words._say_value(name, after.get(name))
        if old == new and self.operation != "write":
            return None
        label = record._fields[name]._description_string(self.env)
        return {"label": label, "before": old, "after": new, "is_other": old != new}

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
        facts = self._list_differences()
        if self.valid_from:
            label = self._fields["valid_from"]._description_string(self.env)
            facts.append((label, format_date(self.env, self.valid_from)))
        label = self._fields["reason"]._description_string(self.env)
        return [*facts, (label, self.reason)]

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
        return self._open_decision("reject")

    def action_open_return(self):
        """Ask why it is sent back."""
        return self._open_decision("return")

    def action_open_forward(self):
        """Ask who decides instead."""
        return self._open_decision("forward")

    def _open_decision(self, decision):
        self.check_access("read")
        name = f"kpi_base.kpi_approval_decision_action_{decision}"
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        steps = self._find_own_steps()
        context = {"default_decision": decision, "default_step_ids": steps.ids}
        return {**action, "context": context}

    def action_open_record(self):
        """Open what it changes; of a new one what that belongs to."""
        self.ensure_one()
        self.check_access("read")
        record = self._get_record().exists() or self._get_subject()
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    @api.model
    def _show(self, changes):
        """Action that shows what became of proposals."""
        waiting = changes.filtered(lambda one: one.approval_state == "pending")
        others = waiting.user_id - self.env.user
        if len(changes) == 1:
            shown = {"res_id": changes.id, "views": [(False, "form")]}
        else:
            views = [(False, "list"), (False, "form")]
            shown = {"domain": [("id", "in", changes.ids)], "views": views}
        if others and len(changes) == 1:
            message = self.env._(
                "%s has proposed the same, and it waits for approval. Your reason is"
                " on its timeline.",
                others.name,
            )
        elif waiting:
            message = self.env._("Waiting for approval: %s", len(waiting))
        else:
            message = self.env._("Nobody has to approve it: it applies now.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info" if waiting else "success",
                "message": message,
                "next": {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Proposed Changes"),
                    "res_model": self._name,
                    **shown,
                },
            },
        }
