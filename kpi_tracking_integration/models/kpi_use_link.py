from odoo import api, models

from odoo.addons.kpi_base.use_link import UseLink


class KpiUseLink(models.AbstractModel):
    """Integrations feed KPIs."""

    _inherit = "kpi.use.link"

    @api.model
    def _get_links(self):
        mine = UseLink(
            "kpi.definition",
            "kpi.integration",
            "definition_id",
            self.env._("Integrations"),
        )
        return [*super()._get_links(), mine]
