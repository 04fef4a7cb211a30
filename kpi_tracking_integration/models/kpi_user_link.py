from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, Connection, UserLink


class KpiUserLink(models.AbstractModel):
    """Integrations of somebody who leaves."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        models = "kpi.integration", "kpi.hook"
        mine = [UserLink(model, "owner_id", HAND_OVER) for model in models]
        chat = "kpi.chat.link"
        return [
            *super()._get_links(),
            *mine,
            UserLink(
                chat,
                "user_id",
                END,
                ending="unlink",
                connection=Connection(self.env._("Chat"), shown_as="chat_name"),
            ),
            UserLink(chat, "followed_by_id", END, ending="unlink"),
        ]
