from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HrDepartment(models.Model):
    """Working hours of a department, for those of its people who have no others."""

    _inherit = "hr.department"

    request_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours for Requests",
        check_company=True,
        help="Working hours for response times; employees' own hours take "
        "precedence. Leave empty to use the parent department's or company's.",
    )

    @api.constrains("request_calendar_id", "company_id")
    def _check_request_hours(self):
        """Odoo compares companies of departments on screens only."""
        for department in self:
            own, theirs = department.company_id, department.request_calendar_id
            if own and theirs.company_id and theirs.company_id != own:
                raise ValidationError(
                    self.env._(
                        "%(department)s and “%(hours)s” must belong to the same "
                        "company.",
                        department=department.name,
                        hours=theirs.name,
                    )
                )

    def _find_request_hours(self):
        """Working hours of this department, else of the nearest one above it."""
        return self.browse(reversed(self._get_branch_ids())).request_calendar_id[:1]


class ResourceCalendar(models.Model):
    """Working hours that requests of departments count by stay in their company."""

    _inherit = "resource.calendar"

    @api.constrains("company_id")
    def _check_departments(self):
        # Archived ones count by them again when they come back.
        departments = self.env["hr.department"].with_context(active_test=False)
        departments.search(
            [("request_calendar_id", "in", self.ids)]
        )._check_request_hours()
