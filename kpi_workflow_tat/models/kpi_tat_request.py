import os

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_list, html2plaintext

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.columns import Choices, add_generated_columns
from odoo.addons.kpi_base.fields import RichText
from odoo.addons.kpi_base.formatting import (
    format_amount_briefly,
    format_moment,
    format_significant,
)
from odoo.addons.kpi_base.rights import find_moved

from .kpi_tat_calendar import refuse_unknown_times
from .kpi_tat_level import get_step_key

# What may follow on what; nothing else, whoever writes it.
FOLLOWING = {
    "draft": {"pending", "approved"},
    "pending": {"approved", "rejected", "returned", "withdrawn", "on_hold"},
    "on_hold": {"pending", "withdrawn"},
    "returned": {"pending", "approved", "withdrawn"},
    "withdrawn": {"pending", "approved"},
    "rejected": {"closed"},
    "approved": {"closed"},
    "closed": set(),
}
BY_APPROVAL = {"none": "withdrawn"}
ENDED = ("approved", "rejected", "withdrawn")
DECIDED = ("approved", "rejected", "closed")
CONTENT = ("subject", "description", "template_id", "amount", "department_id")
ABOUT = ("res_model", "res_id")
HOUR = 3600


class KpiTatRequest(models.Model):
    """Something that people decide on level by level, in a time that is measured."""

    _name = "kpi.tat.request"
    _description = "Request"
    _table = "workflow_requests"
    _inherit = [
        "kpi.approval.mixin",
        "kpi.findable.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.readable.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _rec_name = "subject"
    _rec_names_search = ["number", "subject"]
    _check_company_auto = True
    _mail_post_access = "read"  # approvers and followers write notes
    _approval_due_field = "due_at"
    _readable_by = (
        "initiator_id",
        "department_id",
        "company_id",
        "level_ids",
        "message_partner_ids",
        "message_is_follower",
    )
    _kpi_measurable = True

    request_id = fields.Integer(
        "Request ID", compute="_compute_request_id", exportable=False
    )
    created_at = fields.Datetime("Created At", related="create_date", exportable=False)
    number = fields.Char(readonly=True, copy=False, index="trigram")
    subject = fields.Char(required=True, tracking=True)
    description = RichText()
    template_id = fields.Many2one(
        "kpi.approval.workflow",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('workflow_type', '=', 'request_template')]",
        tracking=True,
    )
    priority = fields.Selection(
        [("standard", "Standard"), ("express", "Express")],
        required=True,
        default="standard",
        tracking=True,
        help="Standard: working hours count. Express: every hour counts.",
    )
    initiator_id = fields.Many2one(
        "res.users",
        string="Submitter",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        copy=False,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    department_id = fields.Many2one(
        "hr.department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary()
    status = fields.Selection(
        [
            ("draft", "Draft"),
            ("pending", "Pending"),
            ("on_hold", "On Hold"),
            ("returned", "Sent Back"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("closed", "Closed"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    decided_at = fields.Datetime("Decided", readonly=True, copy=False)
    is_test = fields.Boolean(
        "Test Mode",
        readonly=True,
        copy=False,
        help="One hour lasts one minute. Excluded from reports.",
    )
    # Rules of the request ask who has a clock; those of clocks ask for the request.
    level_ids = fields.One2many(
        "kpi.tat.level", "request_id", readonly=True, bypass_search_access=True
    )
    alert_ids = fields.One2many("kpi.tat.alert", "request_id", readonly=True)
    hold_ids = fields.One2many(
        "kpi.tat.hold", "request_id", string="Holds", readonly=True
    )
    due_at = fields.Datetime("Due", compute="_compute_due_at", exportable=False)
    waiting_for = fields.Char(compute="_compute_waiting_for", exportable=False)
    version_id = fields.Many2one(
        "kpi.tat.template.version",
        "Template Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Applies to this request even if the template changes.",
    )
    is_version_outdated = fields.Boolean(
        string="Version Outdated",
        compute="_compute_is_version_outdated",
        exportable=False,
    )
    res_model = fields.Char("Related Record Type", index="btree_not_null", copy=False)
    res_id = fields.Many2oneReference(
        "Related Record", model_field="res_model", copy=False
    )
    document_name = fields.Char("About", compute="_compute_document_name")
    submitted_at = fields.Datetime(
        "First Submitted", compute="_compute_submitted_at", store=True
    )
    cycle_hours = fields.Float(
        "Cycle Time (h)",
        compute="_compute_cycle_hours",
        store=True,
        digits=(12, 4),
        aggregator="avg",
        help="Calendar hours from first submission to approval or rejection.",
    )

    _priority_choices = Choices("priority")
    _status_choices = Choices("status")
    _opened_idx = models.Index("(COALESCE(submitted_at, create_date))")
    _submitted_idx = models.Index("(submitted_at)")

    def init(self):
        add_generated_columns(
            self.env, self._table, request_id="id", created_at="create_date"
        )

    def _compute_request_id(self):
        for record in self:
            record.request_id = record.id

    @api.depends("initiator_id", "company_id")
    def _compute_department_id(self):
        for request in self:
            # Who works where is no secret to who asks for them.
            employees = request.initiator_id.sudo()._kpi_find_employees()
            own = employees.filtered(
                lambda one, company=request.company_id: one.company_id == company
            )
            request.department_id = own[:1].department_id

    @api.depends("level_ids.due_at", "level_ids.clock")
    def _compute_due_at(self):
        for request in self:
            running = request.level_ids.filtered(lambda row: row.clock == "running")
            request.due_at = min(filter(None, running.mapped("due_at")), default=False)

    @api.depends("level_ids.approver_id", "level_ids.clock")
    def _compute_waiting_for(self):
        for request in self:
            # Who has a request is no secret to who sees it.
            rows = request.sudo().level_ids._filter_open()
            request.waiting_for = format_list(self.env, rows.approver_id.mapped("name"))

    def _found_name_sql(self, query):
        subject, rank = super()._found_name_sql(query)
        number = self._field_to_sql(query.table, "number", query)
        return SQL("concat_ws(' ', %s, %s)", number, subject), rank

    @api.depends("number", "subject")
    def _compute_display_name(self):
        for request in self:
            parts = filter(None, (request.number, request.subject))
            request.display_name = " ".join(parts)

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        for request in requests:
            # Everybody draws the next number, and nobody writes it.
            own = request.sudo()
            if own.number:  # of a log, by which its case is recognised
                continue
            sequence = own.env["ir.sequence"].with_company(own.company_id)
            own.number = sequence.next_by_code(self._name)
        return requests

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        for request in self:
            if request.approval_round:
                raise UserError(
                    self.env._(
                        "%s was submitted. Withdraw it instead of deleting.",
                        request.display_name,
                    )
                )

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/tat-requests/{self.id}"

    @api.model
    def _is_test_mode(self):
        """Check whether the server measures hours in minutes: never in production."""
        return os.environ.get("TAT_TEST_MODE", "").lower() == "true"

    @api.model
    def _get_locks(self):
        """What is decided is read-only, as ``write`` refuses to change it."""
        return {**super()._get_locks(), f"status in {DECIDED}": "status"}

    def write(self, vals):
        if "status" in vals:
            self._check_following(vals["status"])
        if vals.keys() & {"priority", *self._approval_content()}:
            for request in self:
                if request.status in DECIDED:
                    raise UserError(
                        self.env._(
                            "%s is decided. Duplicate it to make changes.",
                            request.display_name,
                        )
                    )
        if "company_id" in vals:
            self._check_moving(self.company_id.browse(vals["company_id"] or ()))
        return super().write(vals)

    def _check_moving(self, company):
        """Refuse to move what was submitted: who decided is of its company."""
        for request in find_moved(self, company):
            if request.status != "draft":
                raise UserError(
                    self.env._(
                        "%s was submitted; its company cannot change. Duplicate it "
                        "instead.",
                        request.display_name,
                    )
                )

    def _check_following(self, status):
        """:raises UserError: one of them cannot get that status now"""
        self._check_not_imported()
        labels = dict(self._fields["status"]._description_selection(self.env))
        for request in self:
            before = request.status
            if status != before and status not in FOLLOWING[before]:
                raise UserError(
                    self.env._(
                        "%(request)s is “%(before)s” and cannot become “%(after)s”.",
                        request=request.display_name,
                        before=labels[before],
                        after=labels.get(status, status),
                    )
                )

    def _say_status(self):
        """Tell which status this request has, to who wants to do something else."""
        labels = dict(self._fields["status"]._description_selection(self.env))
        return self.env._(
            "%(request)s is “%(status)s”.",
            request=self.display_name,
            status=labels[self.status],
        )

    def action_submit(self):
        """Submit these requests: the first level is asked, its clocks start."""
        self.check_access("write")
        if self._is_test_mode():
            # Set by the server alone, on what is not submitted yet.
            self.sudo().is_test = True
        self.action_ask_approval()

    def action_withdraw(self):
        """Take these requests back; their clocks stop."""
        held = self.filtered(lambda request: request.status == "on_hold")
        self.check_access("read")
        held._check_is_initiator()
        held._resume(fields.Datetime.now())
        self.action_recall()

    def action_close(self):
        """Put away what was decided."""
        self.check_access("read")
        self._check_is_initiator()
        # The right to was checked above; the status is set by methods only.
        self.sudo()._write_pending({"status": "closed"})

    def action_change_priority(self):
        """Have the other kind of hours count from now on; what has elapsed stays."""
        self.check_access("read")
        self._check_is_initiator()
        for request in self:
            other = {"standard": "express", "express": "standard"}[request.priority]
            # As above. Clocks belong to approvals.
            own = request.sudo()
            own._write_pending({"priority": other})
            with refuse_unknown_times():
                own.level_ids._filter_open()._change_rules()
            self.env["kpi.timer"]._notify()

    def _check_is_initiator(self):
        for request in () if self.env.su else self:
            if request.initiator_id != self.env.user:
                raise UserError(
                    self.env._(
                        "Only the submitter of %(request)s, %(person)s, can do this.",
                        person=request.initiator_id.name,
                        request=request.display_name,
                    )
                )

    def _write_approval(self, vals):
        """Set the status with the state of the approval."""
        if "approval_state" in vals:
            status = BY_APPROVAL.get(vals["approval_state"], vals["approval_state"])
            ended = fields.Datetime.now() if status in ENDED else False
            vals = {**vals, "status": status, "decided_at": ended}
        return super()._write_approval(vals)

    @api.depends("version_id", "template_id.version_number")
    def _compute_is_version_outdated(self):
        for request in self:
            # What a template says is no secret to who sees the request.
            own = request.sudo()
            current = own.template_id.version_number
            request.is_version_outdated = (
                own.version_id and own.version_id.number < current
            )

    def _approval_content(self):
        return dict.fromkeys((*CONTENT, *ABOUT, "file_checksums"))

    def _compute_versions(self, wanted=None):
        """As above; what waits since files or “About” were no part of it keeps its."""
        versions = super()._compute_versions(wanted)
        waiting = self.filtered(lambda one: one.approval_state == "pending")
        for names in ((*CONTENT, *ABOUT), CONTENT):
            other = [one.id for one in waiting if one.approval_version != versions[one]]
            changed, content = self.browse(other), dict.fromkeys(names)
            before = super(KpiTatRequest, changed)._compute_versions(content).items()
            versions |= {one: old for one, old in before if one.approval_version == old}
        return versions

    def _get_subject(self):
        return self.subject

    def _get_amount_text(self):
        if not self.amount:
            return ""
        return format_amount_briefly(self.env, self.amount, self.currency_id)

    def _list_decision_subjects(self):
        """What dialogs write of these: (subject, amount, submitter) each."""
        return [
            # The submitter is no secret to readers of the request.
            (one.subject, one._get_amount_text(), one.sudo().initiator_id.name)
            for one in self
        ]

    def _get_approval_facts(self):
        """That it is on hold, the amount, the text, and when the reader is to decide"""
        self.ensure_one()
        statuses = dict(self._fields["status"]._description_selection(self.env))
        due_at, zone = self._get_approval_due(), self.env.user.tz
        due = due_at and format_moment(self.env, due_at, tz=zone or "UTC")
        if due and not zone:
            due = f"{due} (UTC)"
        return self._label_facts(
            {
                "status": self.status == "on_hold" and statuses["on_hold"],
                "amount": self._get_amount_text(),
                "description": html2plaintext(self.description or ""),
                "document_name": self.document_name,
                "due_at": due,
            }
        )

    def _get_approval_due(self):
        running = self.level_ids.filtered(lambda row: row.clock == "running")
        own = running.filtered(lambda row: row.approver_id == self.env.user)
        return own[:1].due_at or self.due_at

    def _prepare_level_terms(self, workflow, number):
        """Within how many hours whoever is asked is to decide."""
        level = workflow.level_ids.sorted()[number - 1 : number]
        if self.priority == "express":
            hours = level.tat_hours_express
            one, many = self.env._("1 calendar hour"), self.env._("%s calendar hours")
        else:
            hours = level.tat_hours_standard
            one, many = self.env._("1 working hour"), self.env._("%s working hours")
        if not hours:
            return {}
        text = format_significant(self.env, hours, 4)
        return {"within": one if hours == 1 else many % text}

    def _get_approval_amounts(self):
        return {request: request.amount for request in self}

    def _get_approval_submitters(self):
        return {request: request.initiator_id for request in self}

    def _filter_request_template(self):
        """Requests of a template: its workflow looks at which one they name."""
        return self

    def _filter_readable_by(self, user):
        """Anybody of the company may be asked; being asked lets them read it."""
        # Where somebody works is no secret: whoever asks may not see the company.
        companies = user.sudo()._get_company_ids()
        return self.filtered(lambda request: request.company_id.id in companies)

    def _approve_automatically(self, workflow):
        """Refuse what no template applies to: that nobody is asked approves nothing."""
        for request in self:
            if not workflow:
                raise UserError(
                    self.env._(
                        "Template “%(template)s” cannot be used for %(request)s. "
                        "Choose another.",
                        template=request.template_id.display_name,
                        request=request.display_name,
                    )
                )
        return super()._approve_automatically(workflow)

    def _fix_steps(self, workflow):
        """As above, and note which version of the template these requests begin with"""
        asked = super()._fix_steps(workflow)
        if asked:
            # Versions come with submitting; nobody writes them.
            system = asked.sudo()
            versions = system.env["kpi.tat.template.version"]
            version = versions._get_current(workflow.with_env(system.env))
            system._write_pending({"version_id": version.id})
        return asked

    def _filter_late(self, steps):
        """Those of ``steps`` whose clock has run out."""
        now = fields.Datetime.now()
        # Whose clocks there are is no secret to who sees the request.
        clocks = self.sudo().level_ids._filter_open()
        overdue = clocks.filtered(
            lambda row: row.tat_breached or (row.overdue_at and row.overdue_at <= now)
        )
        keys = {row._get_key() for row in overdue}
        return steps.filtered(lambda step: get_step_key(step) in keys)

    def action_open_approve(self):
        """Approve these; where that is overdue, ask for the delay reason first."""
        self.check_access("read")
        steps = self._find_own_steps()
        if self._filter_late(steps) and not self._find_refusals(steps):
            return self._open_decision_dialog("approve")
        return self.action_approve()

    def _say_hold(self):
        if self.status != "on_hold":
            return ""
        return self.env._("%s is on hold. Resume it first.", self.display_name)

    def _get_rules(self):
        """By what clocks of this request count, beside who is asked and when."""
        return self.company_id, self.priority, self.is_test

    def _skip_level(self, number):
        """Ask the next level, as nobody of this one decided in time.

        The last level is never skipped: silence does not approve.
        """
        self.ensure_one()
        self._count_turn()
        later = self._find_steps("later")
        if self.approval_level != number or not later:
            return
        steps = self._find_steps("asked")
        self._log_approval(
            "skipped", lambda _one: {"level": number, "asked": steps.user_id.ids}
        )
        steps._close()
        self._open_next_level()

    def get_clocks(self):
        """Tell what the clocks of the present attempt show: see those of levels."""
        self.ensure_one()
        self.check_access("read")
        # Without those that are not needed any more; of a group, which has one time,
        # that of the reader or the first.
        rows = self._find_present_clocks().filtered(
            lambda row: row.decision != "closed"
        )
        shared = rows.filtered(lambda row: row._is_shared())
        rows -= shared
        for same in shared.grouped("level_number").values():
            own = same.filtered(lambda row: row.approver_id == self.env.user)
            rows |= (own or same.sorted("id"))[:1]
        rows = rows.sorted(lambda row: (row.level_number, row.id))
        told = rows.get_clocks()
        for row, clock in zip(rows, told["clocks"], strict=True):
            if row._is_shared():
                count = sum(
                    one._is_shared()
                    and one.attempt == row.attempt
                    and one.level_number == row.level_number
                    for one in self.level_ids
                )
                clock["person"] = self.env._("One of %s people", count)
        return told

    def _group_steps(self):
        """Key of a clock → steps on which its person is or was asked, in order."""
        return self.approval_step_ids.sorted("id").grouped(get_step_key)

    def _find_present_clocks(self):
        """Clocks of the present attempt."""
        return self.level_ids.filtered(lambda row: row.attempt == self.approval_round)

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        self.document_name = False
        # As the user: what they may not see is not named.
        for model, requests in self.sudo(False).grouped("res_model").items():
            documents = requests._find_documents(model)
            names = {one.id: one.display_name for one in documents}
            for request in requests:
                request.document_name = names.get(request.res_id, False)

    def _find_documents(self, model):
        """The records of a model that these are about and the user may read."""
        if not model or model not in self.env:
            return self.browse()
        found = self.env[model].browse(filter(None, self.mapped("res_id"))).exists()
        return found._filtered_access("read")

    @api.constrains("res_model", "res_id")
    def _check_document(self):
        """:raises ValidationError: a record that whoever asks may not read, or of a
        type that nobody may ask about
        """
        # Which types there are is no secret.
        kinds = self.env["kpi.tat.document.type"].sudo()
        kinds = kinds.search([("model_id.model", "in", self.mapped("res_model"))])
        allowed = kinds.mapped("model_id.model")
        for request in self.filtered(lambda one: one.res_model or one.res_id):
            if request.res_model not in allowed:
                raise ValidationError(
                    self.env._("Requests are not available for this record type.")
                )
            # Constraints run as superuser; who asks must see it by their own rights.
            own = request.with_user(self.env.uid)
            if not own._find_documents(request.res_model):
                raise ValidationError(self.env._("This record does not exist."))

    def action_open_document(self):
        """Open the record that this request is about.

        :raises UserError: there is none that the user may read
        """
        self.ensure_one()
        self.check_access("read")
        document = self.sudo(False)._find_documents(self.res_model)
        if not document:
            raise UserError(self.env._("This record does not exist."))
        return open_form(document)

    @api.depends("approval_asked_at")
    def _compute_submitted_at(self):
        for request in self:
            # What is sent back and submitted again began the first time.
            request.submitted_at = request.submitted_at or request.approval_asked_at

    @api.depends("submitted_at", "decided_at", "approval_state")
    def _compute_cycle_hours(self):
        self.cycle_hours = False
        for request in self:
            begun, ended = request.submitted_at, request.decided_at
            if request.approval_state in ("approved", "rejected") and begun and ended:
                request.cycle_hours = (ended - begun).total_seconds() / HOUR


class IrHttp(models.AbstractModel):
    """Screens know whether the server measures hours in minutes."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env["kpi.tat.request"]._is_test_mode():
            info["tat_test_mode"] = True
        return info
