from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

IDENTITY = {
    "definition_id",
    "scope_type",
    "company_id",
    "department_id",
    "team_id",
    "user_id",
}


class KpiReport(models.Model):
    """Who sees a KPI, and who may change what on it."""

    _inherit = "kpi.report"
    _mail_post_access = "read"

    is_managed_by_me = fields.Boolean(
        compute="_compute_is_managed_by_me",
        search="_search_is_managed_by_me",
        compute_sudo=True,
        help="Of a department the user manages, of its people, or of a team the user"
        " leads.",
    )

    @api.depends_context("uid")
    @api.depends("department_id", "user_id", "team_id")
    def _compute_is_managed_by_me(self):
        managed = self.sudo().filtered_domain(self._managed_domain())
        for report in self:
            report.is_managed_by_me = report in managed

    def _search_is_managed_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._managed_domain()
        return domain if True in value else ~domain

    @api.model
    def _managed_domain(self):
        """Read at every use: a rule's domain is cached, and managers change."""
        departments = self.env["hr.department"].sudo().with_context(active_test=False)
        managed = departments.search([("is_managed_by_me", "=", True)])
        people = (
            self.env["hr.employee"]
            .sudo()
            .search([("department_id", "in", managed.ids), ("user_id", "!=", False)])
        )
        return (
            Domain("department_id", "in", managed.ids)
            | Domain("user_id", "in", people.user_id.ids)
            | Domain("team_id.leader_id", "=", self.env.uid)
        )

    def write(self, vals):
        self._check_identity_change(vals)
        return super().write(vals)

    def _check_identity_change(self, vals):
        """What a KPI is tracked for is the officers' to say, until it has values."""
        changed = IDENTITY & vals.keys()
        if not changed or self.env.su:
            return
        if not self.env.user.has_group("kpi_tracking.kpi_tracking_group_officer"):
            raise AccessError(
                self.env._("Only KPI officers change what a KPI is tracked for.")
            )
        measured = (
            self.env["kpi.measurement"]
            .sudo()
            .search([("report_id", "in", self.ids)], limit=1)
        )
        if measured:
            raise UserError(
                self.env._(
                    "%s has values: track the KPI anew instead of moving them.",
                    measured.report_id.display_name,
                )
            )
