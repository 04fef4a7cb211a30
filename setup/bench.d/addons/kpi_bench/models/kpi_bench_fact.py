from odoo import fields, models


class KpiBenchFact(models.Model):
    """What a fact is without the engine; Odoo keeps who made it and when."""

    _name = "kpi.bench.fact"
    _description = "Bare Fact"

    report_id = fields.Many2one("kpi.report", required=True)
    grain = fields.Selection(
        [("day", "Day"), ("month", "Month")], required=True, default="day"
    )
    period_start = fields.Date(required=True)
    value = fields.Float(required=True)
    source = fields.Selection(
        [("api", "Other system"), ("manual", "Entered")], required=True, default="api"
    )

    _report_period_uniq = models.UniqueIndex("(report_id, grain, period_start)")
