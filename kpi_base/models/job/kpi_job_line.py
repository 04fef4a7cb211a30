from odoo import fields, models


class KpiJobLine(models.Model):
    """Changes that one chunk of a job made."""

    _name = "kpi.job.line"
    _description = "KPI Job Step"
    _order = "id"

    job_id = fields.Many2one("kpi.job", required=True, ondelete="cascade", index=True)
    name = fields.Char(required=True)
    date_from = fields.Date("From")
    date_to = fields.Date("To (Excluded)")
    written_count = fields.Integer("Updated Values")
    duration_seconds = fields.Float("Duration (s)")
