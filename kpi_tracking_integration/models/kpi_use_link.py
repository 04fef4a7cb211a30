from odoo import api, models

from odoo.addons.kpi_base.use_link import UseLink


class KpiUseLink(models.AbstractModel):
    """Integrations feed KPIs."""

    _inherit = "kpi.use.link"

    @api.model
    def _get_links(self):
        names = {
            "kpi.integration": self.env._("Integrations"),
            "kpi.hook": self.env._("Inbound Hooks"),
        }
        mine = [
            UseLink("kpi.definition", model, "definition_id", name)
            for model, name in names.items()
        ]
        refreshed = UseLink(
            "kpi.definition", "kpi.integration", "watched_ids", names["kpi.integration"]
        )
        return [*super()._get_links(), *mine, refreshed]
