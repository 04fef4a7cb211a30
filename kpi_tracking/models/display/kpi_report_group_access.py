from odoo import api, fields, models
from odoo.fields import Domain


class KpiReportGroup(models.Model):
    """Who sees a scorecard, and who may arrange it.

    The rules of its lines ask for the two fields below: rules hold no lookup of their
    own, which Odoo would keep while managers and members change.
    """

    _inherit = "kpi.report.group"
    _mail_post_access = "read"

    is_readable_by_me = fields.Boolean(
        compute="_compute_is_readable_by_me", search="_search_is_readable_by_me"
    )
    is_editable_by_me = fields.Boolean(
        compute="_compute_is_editable_by_me", search="_search_is_editable_by_me"
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("company_id", "department_id", "member_ids", "owner_id")
    def _compute_is_readable_by_me(self):
        readable = self.sudo(False)._filtered_access("read")
        for group in self:
            group.is_readable_by_me = group in readable

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("company_id", "department_id", "owner_id")
    def _compute_is_editable_by_me(self):
        editable = self.sudo(False)._filtered_access("write")
        for group in self:
            group.is_editable_by_me = group in editable

    def _search_is_readable_by_me(self, operator, value):
        return self._search_access("read", operator, value)

    def _search_is_editable_by_me(self, operator, value):
        return self._search_access("write", operator, value)

    @api.model
    def _search_access(self, operation, operator, value):
        if operator != "in":
            return NotImplemented
        # Rules are evaluated as superuser: asked as the user, with the user's rules.
        groups = self.sudo(False).with_context(active_test=False)
        allowed = groups.env["ir.rule"]._compute_domain(self._name, operation)
        # The rules are in the domain: those for the operation, not for reading.
        found = groups._search(allowed, bypass_access=True)
        domain = Domain("id", "in", found)
        return domain if True in value else ~domain
