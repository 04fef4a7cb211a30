import time

from markupsafe import Markup

from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped

from ..common import KpiCase


@tagged("post_install", "-at_install")
class TestKpiDeliveryKpis(KpiCase):
    """Messages that show KPIs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls._track(cls._definition(computation="manual"))
        cls.ann = new_test_user(
            cls.env,
            "ann_shown",
            "kpi_base.kpi_base_group_user",
            company_id=cls.company.id,
            name="Ann",
            email="ann@example.com",
        )

    def _queue(self, *messages):
        common = {"user_id": self.ann.id, "subject": "News", "body": Markup("<p/>")}
        return self.env["kpi.delivery"]._queue([{**common, **m} for m in messages])

    def test_kpis_are_linked_beside_files(self):
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"%PDF"})
        shown = {"attachment_ids": file.ids, "report_ids": self.report.ids}
        queued = self._queue({"key": "a", **shown}, {"key": "b"})
        self.assertEqual(queued[0].attachment_ids, file)
        self.assertEqual(queued[0].report_ids, self.report)
        self.assertFalse(queued[1].report_ids)

    def test_who_may_not_see_a_kpi_that_is_shown_gets_nothing(self):
        (message,) = self._queue({"key": "a", "report_ids": self.report.ids})
        message._send_due("urgent", time.monotonic() + 45)
        message.invalidate_recordset()
        self.assertEqual(message.state, "skipped")
        self.assertEqual(message.last_error, "Ann cannot access the record.")

    def test_who_has_no_access_to_kpis_gets_a_message_that_shows_none(self):
        eve = new_test_user(
            self.env, "eve_shown", "base.group_user", email="eve@example.com"
        )
        (message,) = self._queue({"key": "a", "user_id": eve.id})
        message._check_receiver()
        message.report_ids = self.report
        with self.assertRaises(DeliverySkipped):
            message._check_receiver()
