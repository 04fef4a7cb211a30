from odoo import fields, models


class KpiActionItem(models.Model):
    """What a meeting decided to do."""

    _inherit = "kpi.action.item"

    meeting_id = fields.Many2one(
        "kpi.review.meeting", ondelete="set null", index="btree_not_null"
    )
