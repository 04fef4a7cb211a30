from odoo import fields, models


class KpiImportOptions(models.AbstractModel):
    """Initiatives come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.initiative", "Initiatives")],
        ondelete={"kpi.import.initiative": "cascade"},
    )
