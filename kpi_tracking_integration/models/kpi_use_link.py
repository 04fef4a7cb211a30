from odoo import api, models

from odoo.addons.kpi_base.use_link import UseLink


class KpiUseLink(models.AbstractModel):
    """Integrations feed KPIs."""

    _inherit = "kpi.use.link"

    @api.model
    def _get_links(self):
        integrations, hooks = self.env._("Integrations"), self.env._("Inbound Hooks")
        mine = [
            UseLink("kpi.definition", *place)
            for place in (
                ("kpi.integration", "definition_id", integrations),
                ("kpi.hook", "definition_id", hooks),
                ("kpi.integration", "watched_ids", integrations),
            )
        ]
        return [*super()._get_links(), *mine]
