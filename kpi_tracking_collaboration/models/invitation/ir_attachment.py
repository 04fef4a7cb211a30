from odoo import api, models


class IrAttachment(models.Model):
    """Files are found by more people than a confidential record."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._check_not_confidential()
        return files

    def write(self, vals):
        result = super().write(vals)
        if "res_model" in vals:
            self._check_not_confidential()
        return result

    def _check_not_confidential(self):
        mixin = self.env.registry["kpi.confidential.mixin"]
        # What a file belongs to is looked at whoever made it; it is not shown.
        for model in set(self.sudo().mapped("res_model")):
            if model in self.env and isinstance(self.env[model], mixin):
                self.env[model]._refuse_telling()
