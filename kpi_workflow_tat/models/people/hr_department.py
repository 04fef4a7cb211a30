from odoo import fields, models


class HrDepartment(models.Model):
    """Working hours of a department, for those of its people who have no others."""

    _inherit = "hr.department"

    request_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours of Requests",
        check_company=True,
        help="The clocks of requests count by them, but for employees with working "
        "hours of their own. Empty: those of the department above, else of the "
        "company.",
    )

    def _find_request_hours(self):
        """Working hours of this department, else of the nearest one above it."""
        found = self.request_calendar_id
        seen = self.browse()
        department = self
        while department and not found and department not in seen:
            seen |= department
            department = department.parent_id
            found = department.request_calendar_id
        return found
