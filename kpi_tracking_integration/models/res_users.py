from odoo import fields, models


class ResUsers(models.Model):
    """Chats in which somebody sees their KPIs."""

    _inherit = "res.users"

    kpi_chat_link_ids = fields.One2many(
        "kpi.chat.link", "user_id", "Connected Chats", readonly=True
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "kpi_chat_link_ids"]
