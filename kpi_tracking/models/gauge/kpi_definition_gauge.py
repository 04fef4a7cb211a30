from odoo import fields, models


class KpiDefinition(models.Model):
    """The gauge that a definition's KPIs are drawn by."""

    _inherit = "kpi.definition"

    gauge_widget_id = fields.Many2one(
        "kpi.gauge.widget",
        "Gauge",
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: a circle if the KPI has a target.",
    )
