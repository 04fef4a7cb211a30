import secrets
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.engine.link_token import new_token, token_hash

PATH = "/kpi/chat"
VALID_FOR = timedelta(minutes=15)


class KpiChatLink(models.Model):
    """Who somebody of a chat is here: they said so themselves, on both sides.

    The link that the chat shows is followed here, and the code that is shown here is
    typed in the chat: whoever sends their link to somebody else has no code. Nobody
    writes it: whoever could tie a chat to somebody else would read their KPIs.
    """

    _name = "kpi.chat.link"
    _description = "Chat User"
    _inherit = ["kpi.readonly.mixin"]
    _order = "name, id"
    _rec_name = "name"

    integration_id = fields.Many2one(
        "kpi.integration", required=True, readonly=True, ondelete="cascade"
    )
    person = fields.Char("External User", required=True, readonly=True)
    name = fields.Char("Name in Chat", readonly=True)
    chat_name = fields.Char("Chat", related="integration_id.name")
    user_id = fields.Many2one(
        "res.users", "Odoo User", readonly=True, index=True, ondelete="cascade"
    )
    followed_by_id = fields.Many2one(
        "res.users", readonly=True, ondelete="cascade", groups=fields.NO_ACCESS
    )
    token_hash = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
    )
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
                # else it is the code's, which only the chat takes, and once
                ("followed_by_id", "=", False),
                ("valid_until", ">", fields.Datetime.now()),
                ("integration_id.active", "=", True),
            ]
        )

    def _make_code(self, user):
        """The code by which whoever was invited says that they are ``user``.

        The link is used up.
        """
        code = f"{secrets.randbelow(10**6):06}"
        self.write(
            {
                "followed_by_id": user.id,
                "token_hash": self._hash_code(code),
                "valid_until": fields.Datetime.now() + VALID_FOR,
            }
        )
        return code

    def _hash_code(self, code):
        return token_hash(f"{self.id}:{code}")

    def _tie(self, code):
        """Tie who types a code to the person who was shown it; True where it is right.

        A wrong code ends the link: nobody tries another.
        """
        is_right = (
            self.followed_by_id.active
            and self.token_hash == self._hash_code(code)
            and self.valid_until > fields.Datetime.now()
        )
        if not is_right:
            self.unlink()
            return False
        self.write(
            {
                "user_id": self.followed_by_id.id,
                "followed_by_id": False,
                "token_hash": False,
                "valid_until": False,
            }
        )
        self._notify_tied()
        return True

    def _notify_tied(self):
        """Tell the person, who may not have been it: by email, and where they are."""
        user = self.user_id
        link = self.with_context(lang=user.lang)
        subject = link.env._("Chat connected")
        text = link.env._(
            "The %(chat)s account of %(person)s can now see your KPIs. Not you? "
            "Disconnect the chat in your preferences.",
            person=self.name or self.person,
            chat=self.chat_name,
        )
        body = Markup("<p>%s</p>") % text
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"chat_link:{self.id}",
                    "user_id": user.id,
                    "company_id": self.integration_id.company_id.id,
                    "subject": subject,
                    "body": body,
                }
            ]
        )
        if user.notification_type == "inbox":
            user.partner_id.message_notify(
                partner_ids=user.partner_id.ids, subject=subject, body=body
            )
        user._bus_send(
            "simple_notification",
            {"title": subject, "message": text, "type": "warning", "sticky": True},
        )

    def action_disconnect(self):
        """End what the user sees of their KPIs in chats."""
        self.check_access("read")
        if self.user_id != self.env.user:
            raise AccessError(self.env._("You can only disconnect your own chats."))
        # Nobody writes links; whose they are was checked above.
        self.sudo().unlink()
