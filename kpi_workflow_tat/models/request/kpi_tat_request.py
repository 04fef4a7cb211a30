import os

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..clock.kpi_tat_level import add_generated_columns


class KpiTatRequest(models.Model):
    """Something that people decide on level by level, in a time that is measured."""

    _name = "kpi.tat.request"
    _description = "Request"
    _table = "workflow_requests"
    _inherit = [
        "kpi.approval.mixin",
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
    _readable_by = (
        "initiator_id",
        "department_id",
        "company_id",
        "level_ids",
        "message_partner_ids",
        "message_is_follower",
    )

    request_id = fields.Integer(
        "Request ID", compute="_compute_request_id", exportable=False
    )
    created_at = fields.Datetime(related="create_date", exportable=False)
    number = fields.Char(readonly=True, copy=False, index="trigram")
    subject = fields.Char(required=True, tracking=True)
    description = fields.Html()
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
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        copy=False,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
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
            ("on_hold", "On hold"),
            ("returned", "Sent back"),
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
        help="An hour lasts a minute, around the clock. Not counted in reports.",
    )
    # Rules of the request ask who has a clock; those of clocks ask for the request.
    level_ids = fields.One2many(
        "kpi.tat.level", "request_id", readonly=True, bypass_search_access=True
    )
    alert_ids = fields.One2many("kpi.tat.alert", "request_id", readonly=True)
    hold_ids = fields.One2many("kpi.tat.hold", "request_id", readonly=True)
    due_at = fields.Datetime("Due", compute="_compute_due_at", exportable=False)

    def init(self):
        add_generated_columns(self.env, self._table, "request_id")

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
                        "%s was submitted and cannot be deleted. Withdraw it instead.",
                        request.display_name,
                    )
                )

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/tat-requests/{self.id}"

    @api.model
    def _is_test_mode(self):
        """Check whether the server measures hours in minutes: never in production."""
        return os.environ.get("TAT_TEST_MODE", "").lower() == "true"
