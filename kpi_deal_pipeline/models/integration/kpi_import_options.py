from odoo import fields, models


class KpiImportOptions(models.AbstractModel):
    """What a file of deals, of their billings or of benchmarks can bring along."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[
            ("kpi.import.deal", "Deals"),
            ("kpi.import.billing", "Billings of Deals"),
            ("kpi.import.benchmark", "Benchmarks of Performance"),
        ],
        ondelete={
            "kpi.import.deal": "cascade",
            "kpi.import.billing": "cascade",
            "kpi.import.benchmark": "cascade",
        },
    )
    creates_partners = fields.Boolean(
        "Create Missing Counterparties", help="Else their rows are refused."
    )
    creates_agents = fields.Boolean(
        "Create Missing Agents",
        help="As portal users who cannot log in, so that deals have somebody. Else"
        " their rows are refused.",
    )
