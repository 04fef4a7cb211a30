from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import open_form


class KpiDeal(models.Model):
    """What was written about a deal last, and a note of one's own."""

    _inherit = "kpi.deal"

    latest_message = fields.Char("Latest Activity", compute="_compute_latest_message")
    latest_message_at = fields.Datetime(
        "Latest Activity At", compute="_compute_latest_message"
    )

    def _compute_latest_message(self):
        """Take the last message, note or finished activity that the reader may see."""
        messages, done = self.env["mail.message"], self.env.ref("mail.mt_activities")
        is_written = Domain("message_type", "in", ("comment", "email"))
        rows = messages._read_group(
            Domain("model", "=", self._name)
            & Domain("res_id", "in", self.ids)
            & (is_written | Domain("subtype_id", "=", done.id)),
            ["res_id"],
            ["id:max"],
        )
        latest = messages.browse(last_id for _deal_id, last_id in rows)
        by_deal = {message.res_id: message for message in latest}
        for deal in self:
            message = by_deal.get(deal._origin.id, messages)
            deal.latest_message = message.preview
            deal.latest_message_at = message.date

    def action_log_note(self):
        """Open the dialog in which a note about the deal is written."""
        self.ensure_one()
        self.check_access("read")
        view = self.env.ref("kpi_deal_pipeline.mail_compose_message_view_form_deal")
        return open_form(
            self.env["mail.compose.message"],
            name=self.env._("Log Note"),
            views=[(view.id, "form")],
            target="new",
            context={
                # as from the chatter: a note needs no recipients
                "clicked_on_full_composer": True,
                "default_composition_mode": "comment",
                "default_email_add_signature": False,
                "default_model": self._name,
                "default_partner_ids": [],
                "default_res_ids": self.ids,
                "default_subtype_xmlid": "mail.mt_note",
            },
        )
