from odoo.tests import tagged

from .tat_api_case import TatApiCase

LATE = "2026-03-24 12:00:00"  # an hour of work after the due time


@tagged("post_install", "-at_install")
class TestTatDelayApi(TatApiCase):
    """Programs may give the reason of a late decision; those that do not go on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workload = cls.env.ref("kpi_base.kpi_approval_delay_reason_workload")
        cls.old = cls.workload.copy({"name": "Old", "active": False})
        cls.env.flush_all()

    def _decide(self, path, **body):
        return self._send(f"{path}/decide", decision="approve", **body)

    def _get_level(self, request):
        self.env.invalidate_all()
        row = self._get_row(request, self.ann)
        return self.ask(f"/levels/{row.id}", "ina").json()

    def test_the_list_of_reasons(self):
        items = self.ask("/delay-reasons", "ann").json()["items"]
        names = {one["id"]: one["name"] for one in items}
        self.assertEqual(names[self.workload.id], "Workload")
        self.assertNotIn(self.old.id, names)

    def test_a_reason_is_stored_and_shown(self):
        request, path = self._make_pending()
        with self._at(LATE):
            answer = self._decide(
                path, delay_reason_id=self.workload.id, delay_note="Month end"
            )
        self.assertEqual(answer.status_code, 200, answer.text)
        level = self._get_level(request)
        self.assertEqual(level["delay_reason"]["name"], "Workload")
        self.assertEqual(level["delay_note"], "Month end")

    def test_without_one_it_is_not_given(self):
        request, path = self._make_pending()
        with self._at(LATE):
            self.assertEqual(self._decide(path).status_code, 200)
        level = self._get_level(request)
        self.assertTrue(level["tat_breached"])
        self.assertIsNone(level["delay_reason"])
        row = self.env["kpi.tat.compliance"].search([("level_id", "=", level["id"])])
        self.assertEqual(row.delay_reason, "Not given")

    def test_unknown_reasons_and_those_of_nothing_late_are_refused(self):
        request, path = self._make_pending()
        cases = (
            (LATE, {"delay_reason_id": self.old.id}, "/delay_reason_id"),
            (LATE, {"delay_reason_id": 2**31 - 1}, "/delay_reason_id"),
            (LATE, {"delay_reason_id": "1"}, "/delay_reason_id"),
            (LATE, {"delay_note": "x" * 2001}, "/delay_note"),
            ("2026-03-23 15:00:00", {"delay_reason_id": self.workload.id}, "overdue"),
            ("2026-03-23 15:00:00", {"delay_note": "Month end"}, "/delay_note"),
        )
        for moment, body, place in cases:
            with self.subTest(str(body)[:50]), self._at(moment):
                answer = self._decide(path, **body)
                self.assertEqual(answer.status_code, 422, answer.text)
                self.assertIn(place, answer.text)
        self.assertEqual(self._get_row(request, self.ann).decision, "asked")

    def _open_approval(self):
        """A step that Ann is asked about, as ``/api/kpi/approvals`` names it."""
        request, _path = self._make_pending()
        self.keys["approver"] = self._key("ann", ("kpi.read", "kpi.write"))
        self.env.flush_all()
        self.prefix = "/api/kpi"
        return request.sudo()._find_steps("asked")

    def test_approvals_show_whether_a_decision_is_late(self):
        step = self._open_approval()
        for moment, is_late in (("2026-03-23 15:00:00", False), (LATE, True)):
            with self._at(moment):
                page = self.ask("/approvals?state=asked", "approver").json()
                one = self.ask(f"/approvals/{step.id}", "approver").json()
            self.assertEqual(page["items"], [one])
            self.assertIs(one["is_late"], is_late)

    def test_the_path_of_approvals_takes_one_too(self):
        step = self._open_approval()
        for reason, status in ((self.old, 422), (self.workload, 200)):
            with self._at(LATE):
                answer = self.ask(
                    f"/approvals/{step.id}/decide",
                    "approver",
                    "POST",
                    json={"decision": "approve", "delay_reason_id": reason.id},
                )
            self.assertEqual(answer.status_code, status, answer.text)
        approval = answer.json()["approval"]
        self.assertEqual(approval["delay_reason"]["name"], "Workload")
        self.assertIs(approval["is_late"], False)
