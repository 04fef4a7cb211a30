from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import TransactionCase, tagged

from odoo.addons.kpi_base.user_link import HAND_OVER


@tagged("post_install", "-at_install")
class TestDemoTrust(TransactionCase):
    """The win rate of the demo company changes, and people can still trust it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpi = cls.env.ref("kpi_demo.kpi_win_rate")
        cls.controller = cls.env.ref("kpi_demo.user_clara_vogt")
        company = cls.env.ref("kpi_demo.company_de")
        cls.report = cls.kpi.report_ids.filtered(
            lambda report: (
                report.scope_type == "company" and report.company_id == company
            )
        )
        calendar = cls.kpi.calendar_id
        running = calendar._period("month", calendar._today())
        cls.last = running.start - relativedelta(months=1)

    def _values(self):
        found = self.report._values("month", date(2000, 1, 1), self.last)
        return found[self.report]

    def _own(self, records):
        companies = self.controller.company_ids.ids
        return records.with_user(self.controller).with_context(
            allowed_company_ids=companies
        )

    def test_figures_of_the_board_are_certified(self):
        for code in ("won_deals", "win_rate", "open_pipeline", "order_value"):
            kpi = self.env.ref(f"kpi_demo.kpi_{code}")
            with self.subTest(code):
                self.assertEqual(kpi.certification, "certified")
                self.assertEqual(kpi.verified_by_id, self.controller)

    def test_a_filter_from_last_month_on_leaves_the_past_as_it_was(self):
        before = self._values()
        domain = [("expected_revenue", ">=", 5000)]
        old_domain = self.kpi.domain
        self.kpi._change({"domain": str(domain)}, self.last, "Small ones do not count")
        self.assertFalse(self.kpi.certification, "nobody has checked that yet")
        self.env["kpi.source"]._refresh_shared()
        self.env["kpi.source"]._recompute_all(
            self.last - timedelta(days=60), self.last + timedelta(days=40)
        )
        after = self._values()
        changed = after.pop(self.last), before.pop(self.last)
        self.assertNotEqual(*changed)
        self.assertEqual(after, before)
        history = self._own(self.env["kpi.report"]).get_history(self.report.id)
        seams = {
            point["start"]: point["seam"]
            for point in history["points"]
            if point["seam"]
        }
        self.assertEqual(list(seams), [self.last.isoformat()])
        first = self.last - relativedelta(months=1)
        explained = self.report.get_explanation(first, "month")
        self.assertEqual(str(explained["filter"]["domain"]), str(old_domain))
        review = self.kpi.calendar_id._today() + relativedelta(years=1)
        self._own(self.kpi)._certify(review)
        self.assertEqual(self.kpi.certification, "certified")

    def test_the_head_of_sales_leaves_and_nothing_is_left_without_somebody(self):
        manager = self.env["res.users"].search([("login", "=", "demo.manager")])
        admin = self.env.ref("base.user_admin")
        action = manager.with_user(admin).action_archive()
        wizard = self.env["kpi.handover"].with_user(admin)
        wizard = wizard.with_context(**action["context"]).create(
            {"successor_id": self.controller.id}
        )
        counts = {line.label: line.record_count for line in wizard.line_ids}
        self.assertGreater(counts["KPI: Responsible"], 5)
        wizard.action_hand_over()
        left = self.env["kpi.user.link"]._find_records(manager, HAND_OVER)
        self.assertEqual(left, {})
        leavers = [("kpi_has_duties", "=", True), ("active", "=", False)]
        self.assertNotIn(manager, self.env["res.users"].search(leavers))

    def test_an_order_of_a_closed_month_changes_and_three_people_learn_it(self):
        kpi = self.env.ref("kpi_demo.kpi_order_value")
        report = kpi.report_ids.filtered(
            lambda report: (
                report.scope_type == "company"
                and report.company_id == self.report.company_id
            )
        )
        month = self.last - relativedelta(months=3)
        self.env.cr.execute(
            "UPDATE kpi_measurement SET recorded_at = period_start + INTERVAL '40 days'"
            " WHERE period_start < %s",
            [self.last],
        )
        board = self.env.ref("kpi_demo.kpi_dashboard_board")
        people = self.controller
        for login in ("demo.manager", "demo.employee"):
            people |= self.env["res.users"].search([("login", "=", login)])
        own = [
            board.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            for user in people
        ]
        for seen in own:
            seen.count_view()
        self.env.cr.execute(
            "UPDATE kpi_dashboard_visit SET last_at = now() - INTERVAL '1 day'"
        )
        self.env.invalidate_all()
        settled = report._values("month", month, month)[report][month]
        orders = self.env["sale.order"].search(
            [
                ("state", "=", "sale"),
                ("company_id", "=", report.company_id.id),
                ("date_order", ">=", month),
                ("date_order", "<", month + relativedelta(months=1)),
            ]
        )
        for line in orders.order_line:
            line.price_unit *= 2
        self.env.flush_all()
        self.env["kpi.source"]._recompute_all(month, month)
        restated = self.env["kpi.restatement"].search([("report_id", "=", report.id)])
        self.assertEqual(restated.period_start, month)
        self.assertAlmostEqual(restated.settled_value, settled)
        self.assertGreater(restated.new_value, settled)
        self.assertEqual(restated.cause, "records")
        for user, seen in zip(people, own, strict=True):
            with self.subTest(user.login):
                told = [row["report_id"] for row in seen.data()["restated"]]
                visible = report.with_user(user).has_access("read")
                self.assertEqual(report.id in told, visible)
                self.assertTrue(told, "own orders, or those of all")
