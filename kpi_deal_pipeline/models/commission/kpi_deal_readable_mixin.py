from odoo import api, fields, models
from odoo.fields import Domain


class KpiDealReadableMixin(models.AbstractModel):
    """Says which records the user may read, for the rules of what hangs on them."""

    _name = "kpi.deal.readable.mixin"
    _description = "Readable by the User"

    is_readable_by_me = fields.Boolean(
        compute="_compute_is_readable_by_me", search="_search_is_readable_by_me"
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_readable_by_me(self):
        readable = self.sudo(False)._filtered_access("read")
        for record in self:
            record.is_readable_by_me = record in readable

    def _search_is_readable_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Rules are evaluated as superuser: asked as the user, with the user's rules.
        records = self.sudo(False).with_context(active_test=False)
        if not records.has_access("read"):
            return Domain.FALSE if True in value else Domain.TRUE
        domain = Domain("id", "in", records._search([]))
        return domain if True in value else ~domain
