from odoo import api, fields, models
from odoo.exceptions import ValidationError

REQUEST = "kpi.tat.request"


class KpiApprovalWorkflow(models.Model):
    """Templates of requests, which name the one that they go by."""

    _inherit = "kpi.approval.workflow"

    workflow_type = fields.Selection(
        selection_add=[("request_template", "Requests that name it as template")],
        ondelete={"request_template": "cascade"},
    )

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
