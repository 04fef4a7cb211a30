from odoo import fields, models


class KpiImportOptions(models.AbstractModel):
    """Options for imports of KPIs."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[
            ("kpi.import.measurement", "Values of KPIs"),
            ("kpi.import.kpi.target", "Targets of KPIs"),
        ],
        default="kpi.import.measurement",
        ondelete={
            "kpi.import.measurement": "cascade",
            "kpi.import.kpi.target": "cascade",
        },
    )
