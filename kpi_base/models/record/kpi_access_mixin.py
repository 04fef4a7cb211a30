from odoo import api, fields, models


class KpiAccessMixin(models.AbstractModel):
    """Rights of the user on a record: reading it, and changing it."""

    _name = "kpi.access.mixin"
    _inherit = ["kpi.readable.mixin"]
    _description = "KPI Access Mixin"

    _readable_by = ("company_id",)
    # as above, of the rules for changing
    _editable_by: tuple[str, ...] = ("company_id",)

    is_editable_by_me = fields.Boolean(
        "Editable by Me",
        compute="_compute_is_editable_by_me",
        search="_search_is_editable_by_me",
        exportable=False,
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(lambda self: self._editable_by)
    def _compute_is_editable_by_me(self):
        editable = self.sudo(False)._filtered_access("write")
        for record in self:
            record.is_editable_by_me = record in editable

    def _search_is_editable_by_me(self, operator, value):
        return self._search_access("write", operator, value)
