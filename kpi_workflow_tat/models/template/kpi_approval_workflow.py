from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kpi_tat_template_version import APPROVER_FIELDS, LEVEL_FIELDS, read_content

REQUEST = "kpi.tat.request"


class KpiApprovalWorkflow(models.Model):
    """Templates of requests, which name the one that they go by."""

    _inherit = "kpi.approval.workflow"

    workflow_type = fields.Selection(
        selection_add=[("request_template", "Requests that name it as template")],
        ondelete={"request_template": "cascade"},
    )

    version_ids = fields.One2many(
        "kpi.tat.template.version", "template_id", "Versions", readonly=True
    )
    version_number = fields.Integer(
        "Version",
        compute="_compute_version_number",
        exportable=False,
        aggregator=None,
        help="That requests begin with from now on.",
    )

    @api.depends(
        "version_ids",
        "reminder_percents",
        "level_ids.sequence",
        *(f"level_ids.{name}" for name in LEVEL_FIELDS),
        *(f"level_ids.approver_ids.{name}" for name in APPROVER_FIELDS),
    )
    def _compute_version_number(self):
        for workflow in self:
            last = workflow.version_ids.sorted("number")[-1:]
            _content, print_ = read_content(workflow)
            workflow.version_number = last.number + (last.fingerprint != print_)

    def _filter_documents(self, documents):
        fitting = super()._filter_documents(documents)
        if self.workflow_type != "request_template":
            return fitting
        return fitting.filtered(lambda one: one.template_id == self)

    @api.constrains("workflow_type", "model")
    def _check_template_model(self):
        for workflow in self:
            is_template = workflow.workflow_type == "request_template"
            if is_template and workflow.model != REQUEST:
                raise ValidationError(
                    self.env._(
                        "%s: only requests name a template.", workflow.display_name
                    )
                )

    @api.constrains("level_ids", "workflow_type")
    def _check_template_levels(self):
        for workflow in self.filtered(
            lambda one: one.workflow_type == "request_template"
        ):
            workflow.level_ids._check_time()
