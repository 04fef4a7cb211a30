from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.kpi_base.engine.worktime import elapsed_seconds, to_instants

from ..story.kpi_workflow_tat import COUNT, WAITING


@tagged("post_install", "-at_install")
class TestDemoRequests(TransactionCase):
    """Requests of a quarter, as if they had been decided on day by day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls.env.ref("kpi_demo.user_jonas_keller")
        cls.controller = cls.env.ref("kpi_demo.user_clara_vogt")
        company = cls.env.ref("kpi_demo.company_de")
        everything = cls.env["kpi.tat.request"]
        cls.requests = everything.search([("company_id", "=", company.id)])
        cls.rows = cls.requests.level_ids

    def test_there_are_requests_in_the_states_that_people_meet(self):
        self.assertEqual(len(self.requests), COUNT + len(WAITING))
        statuses = self.requests.grouped("status")
        self.assertGreater(len(statuses["pending"]), 4)
        self.assertEqual(len(statuses["on_hold"]), 1)
        decided = self.requests.filtered("decided_at")
        self.assertGreater(len(decided), COUNT // 2)
        late = decided.level_ids.filtered("tat_breached")
        self.assertTrue(0 < len(late) < len(decided))

    def test_late_decisions_have_various_delay_reasons(self):
        rows = self.env["kpi.tat.compliance"].search(
            [("request_id", "in", self.requests.ids), ("delay_reason", "!=", False)]
        )
        reasons = rows._read_group([("id", "in", rows.ids)], ["delay_reason"])
        self.assertGreater(len(reasons), 2)
        self.assertNotIn(("Not given",), reasons)
        self.assertTrue(any(rows.mapped("delay_note")))
        self.assertEqual(rows.mapped("outcome"), ["breached"] * len(rows))
        in_time = self.rows.filtered(lambda row: not row.tat_breached)
        self.assertFalse(in_time.step_id.delay_reason_id)

    def test_requests_go_forward(self):
        now = fields.Datetime.now()
        for request in self.requests:
            with self.subTest(request.display_name):
                self.assertEqual(request.submitted_at, request.approval_asked_at)
                self.assertLessEqual(request.create_date, request.submitted_at)
                moments = [request.submitted_at]
                for row in request.level_ids.sorted("level_number"):
                    moments += filter(None, (row.level_start_time, row.decided_at))
                if request.status in ("approved", "closed", "rejected"):
                    self.assertEqual(moments[-1], request.decided_at)
                self.assertEqual(moments, sorted(moments))
                self.assertLessEqual(moments[-1], now)

    def test_clocks_are_those_of_the_engine(self):
        """Until the decision, by the frozen hours of whoever was asked."""
        started = self.rows.filtered("tat_start_time")
        self.assertGreater(len(started), COUNT)
        for row in started.filtered("stopped_at"):
            timeline = row.calendar_id._get_timeline()
            start, stop = to_instants([row.tat_start_time, row.stopped_at])
            (worked,) = elapsed_seconds(timeline, [start], [stop])
            self.assertEqual(row.elapsed_seconds, worked)
            self.assertEqual(row.tat_breached, worked > row.allowed_seconds)
            statement = sum(one["seconds"] for one in row.get_statement())
            self.assertEqual(statement, row.elapsed_seconds)

    def test_each_threshold_that_passed_was_announced_at_its_moment(self):
        now = fields.Datetime.now()
        for row in self.rows.filtered("tat_start_time"):
            stop = row.stopped_at or min(now, row.create_date)
            passed = {
                percent
                for percent, moment in (
                    (50, row.tat50_due_at),
                    (75, row.tat75_due_at),
                    (100, row.overdue_at),
                )
                if moment and moment < stop
            }
            alerts = row.alert_ids
            self.assertEqual(passed, set(alerts.mapped("threshold_percentage")))
            for alert in alerts:
                self.assertEqual(alert.alert_sent_at, alert.due_at)
                self.assertTrue(alert.notification_sent)

    def test_the_head_of_sales_and_the_controller_have_a_queue(self):
        for user in (self.head, self.controller):
            own = self.env["kpi.tat.level"].with_user(user)
            own = own.with_context(allowed_company_ids=user.company_ids.ids)
            queue = own.search(
                [("approver_id", "=", user.id), ("clock", "=", "running")]
            )
            self.assertGreaterEqual(len(queue), 2, user.name)
            self.assertTrue(all(queue.mapped("can_decide")))
            self.assertTrue(all(queue.mapped("due_at")))

    def test_reports_and_kpis_have_something_to_say(self):
        for model in (
            "kpi.tat.approver.performance",
            "kpi.tat.compliance",
            "kpi.tat.daily.metrics",
            "kpi.tat.workflow.aging",
        ):
            self.assertTrue(self.env[model].search_count([]), model)
        dashboard = self.env.ref("kpi_demo.kpi_dashboard_requests")
        tiles = dashboard.tile_ids
        definitions = tiles.definition_ids | tiles.report_ids.definition_id
        facts = definitions.report_ids.measurement_ids.report_id.definition_id
        self.assertGreater(len(facts), len(definitions) // 2)

    def test_nobody_gets_mail_of_it(self):
        self.assertFalse(self.requests.alert_ids.delivery_id)
        messages = self.requests.message_ids
        self.assertTrue(messages)
        self.assertFalse(messages.notification_ids)
