from odoo import fields, models


class KpiPeriodReportSchedule(models.Model):
    """Schedule by which a saved table is mailed, and its recipients."""

    _name = "kpi.period.report.schedule"
    _description = "KPI Table Email Schedule"
    _inherit = ["kpi.mail.schedule"]
    _order = "period_report_id, id"
    _mailed_field = "period_report_id"
    _mail_key = "period-report"

    period_report_id = fields.Many2one(
        "kpi.period.report", "Table", required=True, ondelete="cascade", index=True
    )
