from odoo import fields, models


class KpiImportOptions(models.AbstractModel):
    """Deals, their billings and benchmarks come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[
            ("kpi.import.deal", "Deals"),
            ("kpi.import.billing", "Deal Billings"),
            ("kpi.import.benchmark", "Performance Benchmarks"),
        ],
        ondelete={
            "kpi.import.deal": "cascade",
            "kpi.import.billing": "cascade",
            "kpi.import.benchmark": "cascade",
        },
    )
