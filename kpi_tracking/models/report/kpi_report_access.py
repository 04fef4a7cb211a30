from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.rights import look_up_once
from odoo.addons.kpi_base.roles import OFFICER

IDENTITY = {
    "definition_id",
    "scope_type",
    "company_id",
    "department_id",
    "team_id",
    "user_id",
}
SET_BY_MANAGERS = {"shared_user_ids", "submitter_ids", "target_ids"}


class KpiReport(models.Model):
    """Right to see a KPI, and to change parts of it.

    Its record rules ask for the two fields below and hold no lookup of their own: Odoo
    caches a rule's domain, while managers, departments and shares change. The rules of
    values, targets and whatever else belongs to a KPI ask for ``is_readable_by_me``.
    """

    _name = "kpi.report"
    _inherit = ["kpi.report", "kpi.access.mixin"]
    _mail_post_access = "read"
    _readable_by = (
        "company_id",
        "is_managed_by_me",
        "owner_id",
        "shared_user_ids",
        "submitter_ids",
        "user_id",
    )
    _editable_by = ("company_id", "is_managed_by_me")

    is_managed_by_me = fields.Boolean(
        "Managed by Me",
        compute="_compute_is_managed_by_me",
        search="_search_is_managed_by_me",
        compute_sudo=True,
        help="Belongs to a department the user manages, to its people, or to a "
        "team the user leads.",
    )
    is_shared_with_me = fields.Boolean(
        "Shared with Me",
        compute="_compute_is_shared_with_me",
        search="_search_is_shared_with_me",
        compute_sudo=True,
        help="Shared with the user, or the user enters its values.",
    )

    @api.depends_context("uid")
    @api.depends(
        "company_id",
        "department_id.is_managed_by_me",
        "team_id.leader_id",
        "user_id.employee_ids.active",
        "user_id.employee_ids.company_id",
        "user_id.employee_ids.department_id.is_managed_by_me",
    )
    def _compute_is_managed_by_me(self):
        managed = self.filtered_domain(self._get_managed_domain())
        for report in self:
            report.is_managed_by_me = report in managed

    def _search_is_managed_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = look_up_once(self.env, "managed KPIs", self._get_managed_domain)
        return domain if True in value else ~domain

    @api.model
    def _get_managed_domain(self):
        """KPIs of the departments managed now, of their people, and of the teams led.

        People count in the company that employs them in the department. Ids instead of
        subqueries: PostgreSQL guesses half of the table for each of those.
        """
        departments = self._all("hr.department")._search(
            [("is_managed_by_me", "=", True)]
        )
        department_ids = departments.get_result_ids()
        teams = self._all("kpi.team")._search([("leader_id", "=", self.env.uid)])
        people = self._all("hr.employee")._read_group(
            Domain("active", "=", True)
            & Domain("user_id", "!=", False)
            & Domain("department_id", "in", department_ids),
            ["company_id"],
            ["user_id:array_agg"],
        )
        return Domain.OR(
            [
                Domain("department_id", "in", department_ids),
                Domain("team_id", "in", teams.get_result_ids()),
                *(
                    Domain("company_id", "=", company.id)
                    & Domain("user_id", "in", user_ids)
                    for company, user_ids in people
                ),
            ]
        )

    @api.depends_context("uid")
    @api.depends("shared_user_ids", "submitter_ids")
    def _compute_is_shared_with_me(self):
        for report in self:
            users = report.shared_user_ids | report.submitter_ids
            report.is_shared_with_me = self.env.user in users

    def _search_is_shared_with_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = look_up_once(self.env, "shared KPIs", self._get_shared_domain)
        return domain if True in value else ~domain

    @api.model
    def _get_shared_domain(self):
        """KPIs that are shared with the user now, or whose values they enter."""
        shared = self._all("kpi.report")._search(
            Domain("shared_user_ids", "in", [self.env.uid])
            | Domain("submitter_ids", "in", [self.env.uid])
        )
        return Domain("id", "in", shared.get_result_ids())

    @api.model
    def _all(self, model):
        """All records of ``model``, archived ones too, whatever the user may read.

        Only who sees a KPI is made from them.
        """
        # Employees are not for everybody to read; being their manager is no secret.
        return self.env[model].sudo().with_context(active_test=False)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_definition_readable(vals)
        reports = super().create(vals_list)
        reports._check_records_readable()
        return reports

    def write(self, vals):
        self._check_definition_readable(vals)
        self._check_manager_change(vals.keys())
        changes_identity = not IDENTITY.isdisjoint(vals)
        if changes_identity:
            self._check_no_values()
            self._mark_formulas_stale()
        result = super().write(vals)
        if changes_identity:
            self._mark_formulas_stale()
            # Odoo looks at the record before the change only.
            self.check_access("write")
            self._check_records_readable()
        return result

    @api.model
    def _check_definition_readable(self, vals):
        """Ask before anything else: the other refusals name the definition."""
        definition = self.env["kpi.definition"].browse(vals.get("definition_id") or ())
        definition.check_access("read")

    def _check_manager_change(self, names):
        """Check that only officers change what a KPI is tracked for, and by whom."""
        if self.env.su or SET_BY_MANAGERS.issuperset(names):
            return
        if not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._(
                    "Managers can only share KPIs and set targets. Other "
                    "changes need a KPI officer."
                )
            )

    def _check_no_values(self):
        """A KPI that has values stays what it is."""
        if self.env.su:
            return
        # Any value counts, also those that this officer may not see.
        measured = (
            self.env["kpi.measurement"]
            .sudo()
            .search([("report_id", "in", self.ids)], limit=1)
        )
        if measured:
            raise UserError(
                self.env._(
                    "%s already has values. Track the KPI again instead of "
                    "changing who it is tracked for.",
                    measured.report_id.display_name,
                )
            )

    def _check_records_readable(self):
        """Check that whoever tracks a KPI may read what it is computed from.

        Otherwise an officer could have another one's KPI computed per person, and read
        wages that way.
        """
        if not self.env.su:
            self.definition_id._check_records()
