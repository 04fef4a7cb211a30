from odoo import fields, models


class KpiDiscussion(models.Model):
    """What is done after a discussion."""

    _inherit = "kpi.discussion"

    action_items = fields.One2many("kpi.action.item", "discussion_id", "Actions")
