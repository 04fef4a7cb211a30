from odoo import fields, models


class KpiWebhookCounter(models.Model):
    """How many events of a KPI there have been: what comes later has a higher number.

    Transactions that change one KPI wait for each other here, so that numbers have the
    order in which they were committed.
    """

    _name = "kpi.webhook.counter"
    _description = "KPI Webhook Counter"
    _inherit = ["kpi.readonly.mixin"]
    _order = "report_id"
    _rec_name = "report_id"
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    last = fields.Integer(required=True, readonly=True, aggregator=False)

    _report_uniq = models.UniqueIndex("(report_id)", "This KPI has a counter already.")
