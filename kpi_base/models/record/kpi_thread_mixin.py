from odoo import api, models


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
