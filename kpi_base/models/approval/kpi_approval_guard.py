from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from .kpi_approval_change import CHANGE


class KpiApprovalWorkflow(models.Model):
    """Whether any workflow asks for proposals: read once, as writing asks for it."""

    _inherit = "kpi.approval.workflow"

    @api.model
    @ormcache()
    def _is_guarding(self):
        # It holds for everybody, whoever may see workflows.
        return bool(self.sudo().search_count([("model", "=", CHANGE)], limit=1))

    @api.constrains("model", "workflow_type")
    def _check_type_fits(self):
        for workflow in self:
            method = f"_filter_{workflow.workflow_type}"
            if not hasattr(self.env[workflow.model], method):
                kinds = self._fields["workflow_type"]._description_selection(self.env)
                raise ValidationError(
                    self.env._(
                        "%(workflow)s: “%(type)s” does not apply to documents of this"
                        " type.",
                        workflow=workflow.name,
                        type=dict(kinds)[workflow.workflow_type],
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        workflows = super().create(vals_list)
        self.env.registry.clear_cache()
        return workflows

    def write(self, vals):
        result = super().write(vals)
        if {"active", "model"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
