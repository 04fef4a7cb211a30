from odoo import api, models
from odoo.fields import Domain

# Model → columns of its mail, the most telling ones.
COLUMNS = {
    "kpi.tat.request.volume": ("status", "priority", "total_requests", "open_requests"),
    "kpi.tat.approver.performance": (
        "approver_id",
        "total_assignments",
        "breaches_count",
        "tat_compliance_percentage",
    ),
    "kpi.tat.department.summary": (
        "department_id",
        "total_requests",
        "open_requests",
        "breached_requests",
    ),
    "kpi.tat.compliance": ("request_number", "subject", "approver_id", "reason"),
    "kpi.tat.workflow.aging": ("request_number", "subject", "age_days", "waiting_for"),
    "kpi.tat.daily.metrics": (
        "metric_date",
        "department_id",
        "requests_created",
        "requests_approved",
        "breaches_count",
    ),
    "kpi.tat.engagement": ("request_number", "subject", "comments_count"),
    "kpi.tat.alert.summary": (
        "request_number",
        "approver_id",
        "threshold_percentage",
        "alert_sent_at",
    ),
}
PATHS = {
    "kpi.tat.request.volume": "tat-volume",
    "kpi.tat.approver.performance": "tat-approvers",
    "kpi.tat.department.summary": "tat-departments",
    "kpi.tat.compliance": "tat-compliance",
    "kpi.tat.workflow.aging": "tat-aging",
    "kpi.tat.daily.metrics": "tat-daily",
    "kpi.tat.engagement": "tat-engagement",
    "kpi.tat.alert.summary": "tat-responses",
}


class KpiTatView(models.AbstractModel):
    """Reports as mails: which rows, which columns, and the number that matters."""

    _inherit = "kpi.tat.view"

    @api.model
    def _get_mailed_columns(self):
        return COLUMNS[self._name]

    @api.model
    def _get_mailed_domain(self):
        """Rows that the screen shows at first."""
        if self._name == "kpi.tat.compliance":
            return Domain("outcome", "=", "breached")
        if self._name == "kpi.tat.approver.performance":
            return Domain("total_assignments", ">", 0)
        return Domain.TRUE

    @api.model
    def _is_of_moment(self):
        """Check whether the report tells what is open now, not a period."""
        return self._name == "kpi.tat.workflow.aging"

    @api.model
    def _get_screen_path(self):
        return PATHS[self._name]

    def _say_number(self):
        """The number that matters most in these rows, in words."""
        if self._name == "kpi.tat.approver.performance":
            judged = sum(self.mapped("total_assignments"))
            return self.env._(
                "%.0f %% in time", 100 * sum(self.mapped("met_count")) / judged
            )
        if self._name == "kpi.tat.engagement":
            return self.env._("%s comments", sum(self.mapped("comments_count")))
        if self._name == "kpi.tat.daily.metrics":
            return self.env._("%s submitted", sum(self.mapped("requests_created")))
        if "total_requests" in self._fields:
            return self.env._("%s requests", sum(self.mapped("total_requests")))
        return {
            "kpi.tat.compliance": self.env._("%s overdue", len(self)),
            "kpi.tat.workflow.aging": self.env._("%s open", len(self)),
            "kpi.tat.alert.summary": self.env._("%s reminders", len(self)),
        }[self._name]
