from odoo import api, fields, models

HOLD_EVERYBODY = ("silence", "flapping", "cooldown")


class KpiAlertEvent(models.Model):
    """Who has really been told of an alert, as far as the reader may know them."""

    _inherit = "kpi.alert.event"

    told_user_ids = fields.Many2many(
        "res.users",
        string="Told",
        compute="_compute_told_user_ids",
        exportable=False,
        help="Who has been sent a message of it, or found it in Odoo where its rule"
        " sends none.",
    )
    hold_in_words = fields.Char(
        "Messages Wait", compute="_compute_hold_in_words", exportable=False
    )

    @api.depends("notice_ids.state", "notice_ids.user_id")
    @api.depends_context("uid")
    def _compute_told_user_ids(self):
        users = self.env["res.users"]
        # Who was told is for all who see the alert, but for strangers' names.
        told = {
            event: event.sudo()
            .notice_ids.filtered(lambda notice: notice.state == "told")
            .user_id.ids
            for event in self
        }
        known = users.browse(set().union(*told.values()))._filtered_access("read")
        for event in self:
            event.told_user_ids = users.browse(told[event]) & known

    @api.depends("notice_ids.state", "notice_ids.hold_reason")
    @api.depends_context("lang")
    def _compute_hold_in_words(self):
        # Only what holds for all: who has muted a rule, or rests, is their business.
        notices = self.sudo().notice_ids.filtered(
            lambda notice: (
                notice.state == "waiting" and notice.hold_reason in HOLD_EVERYBODY
            )
        )
        labels = dict(notices._fields["hold_reason"]._description_selection(self.env))
        held = notices.grouped(lambda notice: notice.event_id.id)
        for event in self:
            found = held.get(event.id, notices.browse())
            reasons = sorted(set(found.mapped("hold_reason")))
            event.hold_in_words = ", ".join(labels[each] for each in reasons)
