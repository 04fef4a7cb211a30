from odoo import models
from odoo.exceptions import AccessError


class IrRule(models.Model):
    """Who may not open a draft is told that it is one."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        if records._name == "kpi.dashboard":
            # Of rules Odoo asks as superuser; who is refused is told what they see.
            refusal = records.with_user(self.env.user)._get_draft_refusal()
            if refusal:
                records.invalidate_recordset()  # what was read as superuser
                return AccessError(refusal)
        return super()._make_access_error(operation, records)
