from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

from ..models.tat_case import TatCase

DIRECT = "/kpi/approval/direct"


@tagged("post_install", "-at_install")
class TestTatDecisionLink(TatCase, OwnCursorCase):
    """A request is decided on by the link of a message, and its clock stops."""

    def setUp(self):
        super().setUp()
        self.template.write({"decision_links": "direct", "direct_limit": 500.0})
        self.request = self._submit(amount=100.0)
        self.row = self._get_row(self.request, self.ann)
        step = self.request.sudo()._find_steps("asked")
        self.token = step.with_user(self.ann)._get_decision_url().rpartition("/")[2]

    def _decide(self, decision="approve", token=None, **more):
        self.env.flush_all()
        data = {"token": token or self.token, "decision": decision, **more}
        answer = self.url_open(DIRECT, data=data)
        self.env.invalidate_all()
        return answer

    def test_the_link_decides_once_and_stops_the_clock(self):
        answer = self._decide()
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual((self.row.clock, self.row.decision), ("stopped", "approved"))
        self.assertEqual(self.row.decided_at, self.row.level_start_time)
        self.assertEqual(self._get_row(self.request, self.cy).clock, "running")
        self.assertIn("Approved by Ann", self._decide("reject", comment="No").text)
        self.assertEqual(self.request.status, "pending")

    def test_looking_at_it_does_nothing(self):
        self.env.flush_all()
        page = self.url_open(f"/kpi/approval/{self.token}")
        self.assertIn("Laptops", page.text)
        self.url_open(f"{DIRECT}?token={self.token}&decision=approve", method="OPTIONS")
        self.env.invalidate_all()
        self.assertEqual(self.row.clock, "running")

    def test_a_forged_link_is_not_found(self):
        answer = self._decide(token="0" * len(self.token))
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.row.clock, "running")

    def test_what_is_on_hold_is_not_decided_by_link(self):
        self.request.with_user(self.ann).action_hold("Offer")
        answer = self._decide()
        self.assertIn("on hold", answer.text)
        self.assertNotIn('value="approve"', answer.text)
        self.assertEqual((self.request.status, self.row.clock), ("on_hold", "held"))
        item = self.env["kpi.approval.item"].with_user(self.ann).search([])
        self.assertEqual((item.res_id, item.can_decide), (self.request.id, False))
        self.request.with_user(self.ann).action_resume()
        self.env.invalidate_all()
        self.assertTrue(item.can_decide)
        self._decide()  # its link was not spent on what was refused
        self.assertEqual(self.row.decision, "approved")

    def test_a_late_decision_asks_for_the_delay_reason(self):
        reason = self.env.ref("kpi_base.kpi_approval_delay_reason_workload")
        with self._at("2026-03-24 12:00:00"):
            self.env.flush_all()
            page = self.url_open(f"/kpi/approval/{self.token}").text
            self.assertIn('name="delay_reason"', page)
            self.assertIn(f'<option value="{reason.id}">Workload</option>', page)
            for given in ("", "0", "x", str(2**40)):
                answer = self._decide(delay_reason=given, delay_note="Month end")
                self.assertIn("Choose a delay reason", answer.text)
                self.assertIn("Month end", answer.text)
                self.assertEqual(self.row.decision, "asked")
            self._decide(delay_reason=str(reason.id), delay_note="Month end")
        self.assertEqual(self.row.decision, "approved")
        self.assertEqual(self.row.delay_reason_id, reason)
        self.assertEqual(self.row.delay_note, "Month end")

    def test_in_time_the_page_asks_for_no_reason(self):
        self.env.flush_all()
        page = self.url_open(f"/kpi/approval/{self.token}").text
        self.assertNotIn("delay_reason", page)
