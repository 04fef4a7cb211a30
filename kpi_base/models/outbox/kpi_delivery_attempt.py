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


class KpiDeliveryLine(models.Model):
    """One thing that a message tells of, such as a KPI: written when it is sent."""

    _name = "kpi.delivery.line"
    _description = "KPI Message Line"
    _inherit = ["kpi.readonly.mixin"]
    _order = "delivery_id desc, sequence, id"
    _rec_name = "res_model"
    _log_access = False

    delivery_id = fields.Many2one(
        "kpi.delivery",
        "Message",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    sequence = fields.Integer(required=True, readonly=True, exportable=False)
    res_model = fields.Char("Model", required=True, readonly=True, exportable=False)
    res_id = fields.Many2oneReference(
        "Record ID",
        model_field="res_model",
        required=True,
        readonly=True,
        exportable=False,
    )
    data = fields.Json(
        readonly=True,
        exportable=False,
        help="What the one who writes the message has to know besides.",
    )
