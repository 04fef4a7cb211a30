from odoo import fields, models


class KpiJobLine(models.Model):
    """What one chunk of a job changed."""

    _name = "kpi.job.line"
    _description = "KPI Job Step"
    _order = "id"

    job_id = fields.Many2one("kpi.job", required=True, ondelete="cascade", index=True)
    name = fields.Char(required=True)
    date_from = fields.Date("From")
    date_to = fields.Date("Before")
    written_count = fields.Integer("Values Written")
    drift_count = fields.Integer("Differences")
    duration_seconds = fields.Float("Seconds")
