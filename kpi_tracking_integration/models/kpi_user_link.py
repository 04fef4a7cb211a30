from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, UserLink


class KpiUserLink(models.AbstractModel):
    """Integrations of somebody who leaves."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        models = "kpi.integration", "kpi.hook"
        mine = [UserLink(model, "owner_id", HAND_OVER) for model in models]
        return [*super()._get_links(), *mine]
