from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemoScorecards(TransactionCase):
    """Scorecards, entries and plans: every screen has something to show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.satisfaction = cls._record("kpi_customer_satisfaction")

    @classmethod
    def _record(cls, name):
        return cls.env.ref(f"kpi_demo.{name}")

    @classmethod
    def _of_demo(cls, model):
        names = cls.env["ir.model.data"].search(
            [("module", "=", "kpi_demo"), ("model", "=", model)]
        )
        return cls.env[model].browse(names.mapped("res_id"))

    def test_departments_and_boards_have_scorecards_with_a_figure(self):
        scorecards = self._of_demo("kpi.report.group")
        self.assertGreaterEqual(len(scorecards.department_id), 12)
        self.assertEqual(len(scorecards.filtered("code")), 2)
        self.assertTrue(all(scorecards.mapped("counted_count")))
        self.assertGreaterEqual(len(set(scorecards.mapped("score_label"))), 2)
        self.assertTrue(all(scorecards.mapped("owner_id")))
        self.assertTrue(any(scorecards.mapped("has_trend")))

    def test_a_scorecard_has_a_course_of_a_year(self):
        board = self._record("scorecard_board_de")
        points = self.env["kpi.report.group"].get_history(board.id)["points"]
        self.assertGreaterEqual(len(points), 12)

    def test_an_employee_sees_the_scorecard_of_the_own_department(self):
        employee = self.env["res.users"].search([("login", "=", "demo.employee")])
        scorecards = self.env["kpi.report.group"].with_user(employee).search([])
        self.assertEqual(scorecards.mapped("name"), ["Field Sales"])
        # and of what the figure is made
        self.assertFalse(scorecards.hidden_count)

    def test_whoever_leads_a_company_sees_how_it_does(self):
        for key, name in (("de", "henrik_nord"), ("us", "grace_walker")):
            head = self._record(f"user_{name}")
            board = self._record(f"scorecard_board_{key}").with_user(head)
            self.assertEqual(board.hidden_count, 0)
            company = board.company_id
            kpis = self.env["kpi.report"].with_user(head).search([])
            self.assertGreaterEqual(len(kpis), 10)
            self.assertIn(company, kpis.company_id)

    def test_entries_wait_for_approval(self):
        entries = self.satisfaction.report_ids.submission_ids
        waiting = entries.filtered(lambda entry: entry.state == "submitted")
        self.assertEqual(len(waiting), 2)
        for entry in waiting:
            values = entry.report_id.measurement_ids.mapped("period_start")
            self.assertNotIn(entry.period_start, values)

    def test_entries_are_on_time_late_due_and_overdue(self):
        reports = self._of_demo("kpi.definition").report_ids
        dues = self.env["kpi.entry.due"].search([("report_id", "in", reports.ids)])
        self.assertLessEqual({"on_time", "late", "overdue"}, set(dues.mapped("state")))
        rated = dues.filtered(lambda due: due.state in ("on_time", "late", "overdue"))
        on_time = rated.filtered(lambda due: due.state == "on_time")
        self.assertGreater(len(on_time), 0.85 * len(rated))

    def test_a_month_was_restated(self):
        spend = self._record("kpi_marketing_spend").report_ids.submission_ids
        again = spend.filtered(lambda entry: entry.version == 2)
        self.assertEqual(len(again), 2)
        self.assertTrue(all(again.mapped("correction_reason")))
        self.assertEqual(again.corrects_id.mapped("is_current"), [False, False])

    def test_targets_follow_rules(self):
        targets = self._of_demo("kpi.definition").report_ids.target_ids
        rules = targets.grouped("rule")
        self.assertEqual(set(rules), {"number", "previous_year", "kpi", "annual"})
        for rule in ("previous_year", "kpi", "annual"):
            with self.subTest(rule=rule):
                judged = rules[rule].report_id.filtered(
                    lambda report: report.status != "no_target"
                )
                self.assertTrue(judged)

    def test_one_kpi_has_five_bands(self):
        self.assertEqual(self.satisfaction.zones, "five")

    def test_a_report_is_kept_and_a_rule_tracks(self):
        report = self._record("kpi_period_report_board")
        self.assertTrue(report.is_shared)
        rule = self._record("kpi_tracking_rule_lost_deals")
        self.assertTrue(rule.last_run_at)
        self.assertEqual(
            rule.report_ids.department_id,
            self._record("department_de_field") | self._record("department_de_inside"),
        )
        self.assertTrue(all(rule.report_ids.mapped("has_value")))
