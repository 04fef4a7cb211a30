from odoo import api, fields, models
from odoo.tools import format_list


class ResUsers(models.Model):
    """Chats in which users see their KPIs."""

    _inherit = "res.users"

    kpi_chat_link_ids = fields.One2many(
        "kpi.chat.link", "user_id", "Connected Chats", readonly=True
    )

    kpi_chat_hint = fields.Char(
        compute="_compute_kpi_chat_hint",
        exportable=False,
        help="How to connect a chat, if the company has one.",
    )

    @api.depends_context("lang", "company")
    def _compute_kpi_chat_hint(self):
        # Which chats the company has is no secret to those who may connect one.
        chats = self.env["kpi.integration"].sudo()
        found = chats._find_chats(self.env.company)
        names = format_list(self.env, found.mapped("name"))
        for user in self:
            user.kpi_chat_hint = names and self.env._(
                "To connect a chat, ask for a KPI in %(chats)s, e.g. “/kpi win "
                "rate”, and open the private link.",
                chats=names,
            )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "kpi_chat_hint", "kpi_chat_link_ids"]
