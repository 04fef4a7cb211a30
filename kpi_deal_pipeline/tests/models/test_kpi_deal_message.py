from odoo.tests import Form, tagged

from ..deal_case import DealCase


@tagged("post_install", "-at_install")
class TestKpiDealMessage(DealCase):
    """What was written about a deal last stands on its card."""

    def _read(self, deals, user):
        deals.invalidate_recordset()
        rows = deals.with_user(user).read(["latest_message", "latest_message_at"])
        return [row["latest_message"] for row in rows]

    def test_the_last_message_stands_on_the_card(self):
        deal, silent = self._deal(), self._deal("Quay 8")
        self.assertEqual(self._read(deal | silent, self.agent), [False, False])
        deal.with_user(self.agent).message_post(
            body="Owner called", message_type="comment"
        )
        deal.with_user(self.manager).message_post(
            body="Offers <b>2.3 M</b>",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        deal.with_user(self.agent).pipeline_stage = "proposal"
        self.assertEqual(
            self._read(deal | silent, self.agent), ["Offers <b>2.3 M</b>", False]
        )
        self.assertTrue(deal.latest_message_at)

    def test_a_finished_activity_is_the_latest(self):
        deal = self._deal()
        deal.message_post(body="Owner called")
        activity = deal.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.agent.id, summary="Ask for it"
        )
        activity.with_user(self.agent).action_feedback(feedback="He will sign")
        (text,) = self._read(deal, self.agent)
        self.assertIn("He will sign", text)

    def test_a_note_is_logged_from_the_card(self):
        deal = self._deal()
        action = deal.with_user(self.agent).action_log_note()
        composers = self.env[action["res_model"]].with_user(self.agent)
        ((view_id, _kind),) = action["views"]
        view = self.env["ir.ui.view"].browse(view_id)
        composer = Form(composers.with_context(**action["context"]), view)
        composer.body = "Wants a discount"
        composer.save().action_send_mail()
        message = deal.message_ids[:1]
        self.assertIn("Wants a discount", message.body)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(self._read(deal, self.agent), ["Wants a discount"])

    def test_many_cards_take_as_many_statements(self):
        counts = []
        for number in (1, 1, 20):  # what Odoo caches is there from the first on
            deals = self.env["kpi.deal"].union(
                *(self._deal(f"Quay {place}") for place in range(number))
            )
            for deal in deals:
                deal.message_post(body="Owner called", message_type="comment")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deals.with_user(self.agent).mapped("latest_message")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])
