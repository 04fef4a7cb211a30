from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, UserLink


class KpiUserLink(models.AbstractModel):
    """Integrations of somebody who leaves."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        models = "kpi.integration", "kpi.hook"
        mine = [UserLink(model, "owner_id", HAND_OVER) for model in models]
        chats = [
            UserLink("kpi.chat.link", name, END, ending="unlink")
            for name in ("user_id", "followed_by_id")
        ]
        return [*super()._get_links(), *mine, *chats]
