from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemoCoaching(TransactionCase):
    """The head of sales coaches, and it waits for one of his people."""

    def _own(self, name):
        person = self.env.ref(f"kpi_demo.user_{name}")
        env = self.env(user=person.id)
        return env["kpi.performance.coaching"].with_context(
            allowed_company_ids=person.company_ids.ids
        )

    def test_each_sees_their_own(self):
        head = self._own("jonas_keller").search([])
        states = sorted(head.mapped("state"))
        self.assertEqual(states, ["draft", "shared", "signed"])
        waiting = self._own("anna_berg").search([])
        self.assertTrue(waiting.is_waiting_for_me)
        self.assertTrue(waiting.line_ids)
        self.assertEqual(len(self._own("eva_sommer").search([])), 2)
        for name in ("clara_vogt", "maren_petersen", "nina_brandt"):
            self.assertFalse(self._own(name).search([]))

    def test_nobody_gets_mail_of_it(self):
        notices = [("key", "=like", "kpi.home/notice/%")]
        self.assertFalse(self.env["kpi.delivery"].search(notices))
