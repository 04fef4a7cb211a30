from odoo import fields, models


class KpiImportOptions(models.AbstractModel):
    """Event logs come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.event", "Event Log of Requests")],
        ondelete={"kpi.import.event": "cascade"},
    )
