from odoo import fields, models


class KpiDeliveryAttempt(models.Model):
    """One attempt to send a message, and what came of it."""

    _name = "kpi.delivery.attempt"
    _description = "KPI Delivery Attempt"
    _inherit = ["kpi.readonly.mixin"]
    _order = "delivery_id desc, id desc"
    _rec_name = "number"
    _log_access = False

    delivery_id = fields.Many2one(
        "kpi.delivery", "Message", required=True, readonly=True, ondelete="cascade"
    )
    number = fields.Integer("Attempt", required=True, readonly=True)
    started_at = fields.Datetime("Started", required=True, readonly=True)
    milliseconds = fields.Integer(readonly=True, aggregator="avg")
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("waiting", "Tried again later"),
            ("skipped", "Not sent"),
            ("failed", "Given up"),
        ],
        readonly=True,
        help="Empty: the server process is still at it, or ended before an answer.",
    )
    answer = fields.Char(readonly=True)

    _delivery_idx = models.Index("(delivery_id, number)")
