from odoo import fields, models


class KpiTatEvent(models.Model):
    """Something that was done in an imported case, as its log says it."""

    _name = "kpi.tat.event"
    _description = "Event of a Request"
    _inherit = ["kpi.readonly.mixin"]
    _order = "request_id, place"
    _rec_name = "activity"
    _log_access = False  # by the million; the import says who and when

    request_id = fields.Many2one(
        "kpi.tat.request", required=True, readonly=True, ondelete="cascade"
    )
    place = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Position in the case, from 1.",
    )
    activity = fields.Char(required=True, readonly=True)
    happened_at = fields.Datetime("Time", required=True, readonly=True)
    resource = fields.Char("Done By", readonly=True)
    lifecycle = fields.Char("Transition", readonly=True)

    _place_uniq = models.UniqueIndex(
        "(request_id, place)", "A case has one event at each place."
    )
