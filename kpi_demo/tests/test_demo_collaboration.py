from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemoCollaboration(TransactionCase):
    """The demo company talks about its KPIs, and sees what has changed since."""

    def test_the_discussion_has_a_value_a_decision_and_actions(self):
        discussion = self.env["kpi.discussion"].search([])
        self.assertEqual(len(discussion), 1)
        self.assertTrue(discussion.value)
        self.assertTrue(discussion.decision)
        self.assertEqual(len(discussion.action_items), 2)
        self.assertTrue(any(discussion.action_items.mapped("is_overdue")))

    def test_of_one_action_it_is_known_what_has_changed(self):
        done = self.env["kpi.action.item"].search(
            [
                ("status", "=", "completed"),
                ("report_id.code", "=", "lost_to_shortage"),
            ]
        )
        self.assertEqual(len(done), 1)
        self.assertIsNot(done.measured_effect, False)
        self.assertNotIn("Too early", done.effect_in_words)

    def test_the_review_has_an_agenda_and_minutes(self):
        meeting = self.env["kpi.review.meeting"].search([])
        self.assertEqual(meeting.state, "held")
        self.assertTrue(meeting.line_ids)
        self.assertTrue(meeting.minutes)
        self.assertTrue(meeting.action_items)

    def test_the_head_of_sales_has_something_to_do(self):
        head = self.env.ref("kpi_demo.user_jonas_keller")
        home = self.env["kpi.home"].with_user(head)
        home = home.with_context(allowed_company_ids=head.company_ids.ids)
        kinds = [need["kind"] for need in home.get_needs()]
        self.assertIn("action", kinds)

    def test_nobody_gets_mail_of_it(self):
        models = ("kpi.discussion", "kpi.action.item", "kpi.review.meeting")
        messages = self.env["mail.message"].search([("model", "in", models)])
        self.assertTrue(messages)
        self.assertFalse(messages.notification_ids)
