from odoo import api, fields, models
from odoo.fields import Domain


class KpiAccessMixin(models.AbstractModel):
    """Whether the user may read a record, and whether they may change it.

    Rules of what belongs to the record ask for the two fields: rules hold no lookup of
    their own, which Odoo would keep while managers, teams and groups change.
    """

    _name = "kpi.access.mixin"
    _description = "KPI Access Mixin"

    # names of the fields that the model's own rules look at
    _readable_by: tuple[str, ...] = ("company_id",)
    _editable_by: tuple[str, ...] = ("company_id",)

    is_readable_by_me = fields.Boolean(
        compute="_compute_is_readable_by_me", search="_search_is_readable_by_me"
    )
    is_editable_by_me = fields.Boolean(
        compute="_compute_is_editable_by_me", search="_search_is_editable_by_me"
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(lambda self: self._readable_by)
    def _compute_is_readable_by_me(self):
        readable = self.sudo(False)._filtered_access("read")
        for record in self:
            record.is_readable_by_me = record in readable

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(lambda self: self._editable_by)
    def _compute_is_editable_by_me(self):
        editable = self.sudo(False)._filtered_access("write")
        for record in self:
            record.is_editable_by_me = record in editable

    def _search_is_readable_by_me(self, operator, value):
        return self._search_access("read", operator, value)

    def _search_is_editable_by_me(self, operator, value):
        return self._search_access("write", operator, value)

    @api.model
    def _search_access(self, operation, operator, value):
        if operator != "in":
            return NotImplemented
        # Rules are evaluated as superuser: asked as the user, with the user's rules.
        records = self.sudo(False).with_context(active_test=False)
        if not records.has_access(operation):
            return Domain.FALSE if True in value else Domain.TRUE
        allowed = records.env["ir.rule"]._compute_domain(self._name, operation)
        # The rules are in the domain: those for the operation, not for reading.
        found = records._search(allowed, bypass_access=True)
        domain = Domain("id", "in", found)
        return domain if True in value else ~domain
