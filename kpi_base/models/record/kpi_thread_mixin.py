from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class KpiThreadMixin(models.AbstractModel):
    """Discussion that only those hear who may see what it is about."""

    _name = "kpi.thread.mixin"
    _description = "KPI Discussion"
    _inherit = ["mail.thread"]

    @api.depends_context("uid")
    def _compute_message_is_follower(self):
        """Who follows depends on the user: Odoo has what it cached for another one.

        Rules ask for it; of two people in one transaction the second would get the
        access of the first.
        """
        return super()._compute_message_is_follower()

    def _search_message_is_follower(self, operator, operand):
        """Looked up record by record.

        Odoo's reads all that the user follows, thousands of requests to open one.
        """
        if operator != "in":
            return NotImplemented
        # The user's own rows only, which they need not be allowed to read.
        followers = self.env["mail.followers"].sudo()
        own = followers._search(
            [
                ("res_model", "=", self._name),
                ("partner_id", "in", self.env.user.partner_id.ids),
            ]
        )
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "EXISTS (SELECT FROM %s WHERE %s AND %s = %s)",
                own.from_clause,
                own.where_clause,
                SQL.identifier(own.table, "res_id"),
                model._field_to_sql(alias, "id", query),
            ),
            predicate=lambda record: record.message_is_follower,
        )

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Followers who may not see the record any more hear nothing of it.

        Whom the author addresses by name gets the message.
        """
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # The author has a right to read their own message; recipients are a part of it.
        named = (msg_vals or {}).get("partner_ids") or message.sudo().partner_ids.ids
        return [
            recipient
            for recipient in recipients
            if not recipient["is_follower"]
            or recipient["id"] in named
            or self._is_readable_by(recipient["uid"])
        ]

    def _is_readable_by(self, user_id):
        """Check whether this user may see the record in any of their companies."""
        if not user_id:
            return False
        # Asked as the recipient, whatever the author may see.
        record = self.with_user(user_id).with_context(allowed_company_ids=None)
        return record.has_access("read")
