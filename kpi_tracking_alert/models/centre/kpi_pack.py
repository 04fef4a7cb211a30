from odoo import api, models


class KpiPack(models.AbstractModel):
    """Rules are a section of packs."""

    _inherit = "kpi.pack"

    @api.model
    def _section_models(self):
        return [*super()._section_models(), "kpi.pack.alerts"]
