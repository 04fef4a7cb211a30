from odoo import api, models


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
