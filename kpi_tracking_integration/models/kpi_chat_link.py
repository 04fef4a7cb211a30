from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.link_token import new_token, token_hash

PATH = "/kpi/chat"
VALID_FOR = timedelta(minutes=15)


class KpiChatLink(models.Model):
    """Who somebody of a chat is here: they said so themselves, by a link of their own.

    Nobody writes it: whoever could tie a chat to somebody else would read their KPIs.
    """

    _name = "kpi.chat.link"
    _description = "Person of a Chat"
    _inherit = ["kpi.readonly.mixin"]
    _order = "name, id"
    _rec_name = "name"

    integration_id = fields.Many2one(
        "kpi.integration", required=True, readonly=True, ondelete="cascade"
    )
    person = fields.Char("Person There", required=True, readonly=True)
    name = fields.Char("Name There", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Person Here", readonly=True, index=True, ondelete="cascade"
    )
    token_hash = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    valid_until = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)

    _person_uniq = models.UniqueIndex("(integration_id, person)")
    _token_hash_uniq = models.UniqueIndex("(token_hash)")

    @api.model
    def _invite(self, integration, asked):
        """Address by which whoever asked says who they are here, once and soon."""
        text = new_token()
        self._find(integration, asked.person).unlink()
        self.create(
            {
                "integration_id": integration.id,
                "person": asked.person,
                "name": asked.name,
                "token_hash": token_hash(text),
                "valid_until": fields.Datetime.now() + VALID_FOR,
            }
        )
        return f"{self.get_base_url()}{PATH}/connect/{text}"

    @api.model
    def _find(self, integration, person):
        return self.search(
            [("integration_id", "=", integration.id), ("person", "=", person)]
        )

    @api.model
    def _open(self, text):
        """What a link that is still valid is about, or an empty recordset."""
        return self.search(
            [
                ("token_hash", "=", token_hash(text)),
                ("valid_until", ">", fields.Datetime.now()),
                ("integration_id.active", "=", True),
            ]
        )

    def _tie(self, user):
        """From now on whoever was invited is ``user``; the link is used up."""
        self.write({"user_id": user.id, "token_hash": False, "valid_until": False})
