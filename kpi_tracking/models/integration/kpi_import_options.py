from odoo import fields, models


class KpiImportOptions(models.AbstractModel):
    """Options for imports of KPIs."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[
            ("kpi.import.measurement", "KPI values"),
            ("kpi.import.kpi.target", "KPI targets"),
        ],
        default="kpi.import.measurement",
        ondelete={
            "kpi.import.measurement": "cascade",
            "kpi.import.kpi.target": "cascade",
        },
    )
