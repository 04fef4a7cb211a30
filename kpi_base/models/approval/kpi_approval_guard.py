from odoo import api, models
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
