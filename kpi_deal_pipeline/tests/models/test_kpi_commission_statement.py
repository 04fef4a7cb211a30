import io

from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiCommissionStatement(CommissionCase):
    def test_everything_is_stated_once(self):
        self._plan("percentage", rate=0.1)
        deal = self._earned(900.0)
        self._won(500.0)  # not settled: waits
        first = self._statement()
        self.assertEqual(first.open_amount, 90.0)
        first.action_issue()
        self.assertEqual((first.earned_amount, first.paid_amount), (90.0, 90.0))
        self.assertEqual(first.line_ids.deal_id, deal)
        deal.commission_ids.with_user(self.manager)._adjust("bonus", 5.0, "Well done")
        second = self._statement("2026-04-01", "2026-07-01")
        second.action_issue()
        self.assertFalse(second.line_ids)  # booked today, after that period
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        third = self._statement("2026-07-01", tomorrow)
        self.assertEqual(third.open_amount, 5.0)
        with self.assertRaisesRegex(UserError, "before its period ends"):
            third.action_issue()

    def test_lines_from_before_the_period_say_so(self):
        self._plan("percentage", rate=0.1)
        self._earned(900.0, "2026-01-20")
        self._earned(300.0, "2026-04-20")
        statement = self._statement("2026-04-01", "2026-07-01")
        self.assertIn(": 1 line, ", statement.earlier_text)
        self.assertEqual(statement.earlier_amount, 0.0)  # as what is earned
        statement.action_issue()
        self.assertEqual(
            (statement.earned_amount, statement.earlier_amount), (120.0, 90.0)
        )
        lines = statement.line_ids.sorted("day")
        self.assertEqual(lines.mapped("is_earlier"), [True, False])
        self.assertIn("90.00", statement.earlier_text)
        written = statement._prepare_statement()
        self.assertIn(statement.earlier_text, written.notes)
        words = [
            "from an earlier period" in what
            for _day, _deal, what, _amount in written.entries
        ]
        self.assertEqual(sorted(words), [False, True])
        self._earned(50.0, "2026-07-20")
        following = self._statement("2026-07-01", "2026-10-01")
        self.assertFalse(following.earlier_text)

    def test_periods_of_an_agent_do_not_overlap(self):
        plan = self._plan("percentage", rate=0.1, period="month")
        self._earned(900.0, "2026-01-20")
        kept = self._statement("2026-01-01", "2026-04-01")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self._statement("2026-03-01", "2026-05-01")
        self._statement("2026-03-01", "2026-05-01", self.other)
        self.assertEqual(plan._make_statements(*plan._period_of(kept.date_from)), kept)

    def test_what_is_disputed_waits(self):
        self._plan("percentage", rate=0.1)
        deal = self._earned(900.0)
        dispute = (
            self.env["kpi.commission.dispute"]
            .with_user(self.agent)
            .create({"commission_id": deal.commission_ids.id, "reason": "More"})
        )
        self.assertEqual(self._statement().open_amount, 0)
        dispute.with_user(self.boss)._decide("rejected", "No")
        self.assertEqual(self._statement("2026-04-01", "2026-07-01").open_amount, 90.0)

    def _drawn(self, **values):
        """Return the payments for earnings of 1,200, 3,500 and 4,000."""
        self._plan("percentage", rate=1.0, period="month", draw_amount=2000, **values)
        months = ("2026-01", "2026-02", "2026-03", "2026-04")
        paid = []
        for month, after, amount in zip(
            months, months[1:], (1200, 3500, 4000), strict=False
        ):
            self._earned(amount, f"{month}-20")
            statement = self._statement(f"{month}-01", f"{after}-01")
            statement.action_issue()
            paid.append(statement.paid_amount)
        self.assertEqual(statement.owed_after, 0)
        return paid

    def test_what_is_advanced_is_kept_back_later(self):
        self.assertEqual(self._drawn(draw_is_recoverable=True), [2000, 2700, 4000])

    def test_what_is_guaranteed_is_kept(self):
        self.assertEqual(self._drawn(draw_is_recoverable=False), [2000, 3500, 4000])

    def test_the_agent_acknowledges(self):
        self._plan("percentage", rate=0.1)
        self._earned(900.0)
        statement = self._statement()
        mine = statement.with_user(self.agent)
        with self.assertRaises(AccessError):
            mine.read(["earned_amount"])  # a draft
        statement.action_issue()
        with self.assertRaises(AccessError):
            statement.with_user(self.boss).action_acknowledge()
        with self.assertRaises(AccessError):
            statement.with_user(self.other).read(["earned_amount"])
        mine.action_acknowledge()
        self.assertEqual(mine.state, "acknowledged")
        with self.assertRaises(UserError):
            mine.action_acknowledge()
        self.assertEqual(
            self.env["kpi.audit.log"]
            .search([("model", "=", statement._name), ("res_id", "=", statement.id)])
            .sorted("seq")
            .mapped("event_type"),
            [
                "deal_commission_statement_issued",
                "deal_commission_statement_acknowledged",
            ],
        )

    def test_a_statement_that_was_issued_stays(self):
        self._plan("percentage", rate=0.1)
        self._earned(900.0)
        statement = self._statement()
        statement.action_issue()
        decided = statement.with_user(self.boss)
        for change in (
            lambda: decided.write({"date_to": "2027-01-01"}),
            decided.unlink,
            decided.action_issue,
            lambda: decided.line_ids.sudo().write({"amount": 1}),
            lambda: decided.line_ids.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                change()

    def test_files_say_what_the_screen_says(self):
        self._plan("percentage", rate=0.1)
        self._earned(900.0).title = "<b>=1+1</b>"
        statement = self._statement()
        statement.action_issue()
        mine = statement.with_user(self.agent)
        name, _type, content = mine._file("xlsx")
        self.assertTrue(name.endswith(".xlsx"))
        cells = [
            cell.value
            for row in load_workbook(io.BytesIO(content)).active
            for cell in row
        ]
        self.assertIn("<b>=1+1</b>", cells)
        self.assertEqual(cells.count(90), 3)  # the line, earned, to pay
        self.assertTrue(mine._file("pdf")[2].startswith(b"%PDF"))

    def test_a_plan_drafts_the_statements_of_its_agents(self):
        plan = self._plan("percentage", rate=0.1)
        self._earned(900.0)
        action = plan.action_make_statements()
        made = self.env["kpi.commission.statement"].search(action["domain"])
        self.assertEqual(made.agent_id, self.agent)
        self.assertEqual(made.open_amount, 90.0)
        plan.action_make_statements()
        self.assertEqual(
            self.env["kpi.commission.statement"].search_count(action["domain"]), 1
        )


@tagged("post_install", "-at_install")
class TestKpiCommissionSimulation(CommissionCase):
    def _simulate(self, plan, **values):
        simulation = self.env["kpi.commission.simulation"].create(
            {
                "plan_id": plan.id,
                "date_from": "2026-01-01",
                "date_to": "2027-01-01",
                **values,
            }
        )
        simulation.action_simulate()
        return simulation

    def test_a_plan_is_tried_on_past_deals(self):
        self._plan("percentage", rate=0.05)
        for value in (60_000, 70_000, 50_000):
            self._won(value)
        self._won(10_000, agent_id=self.other.id)
        tried = self._plan(
            is_used=False,
            date_from="2030-01-01",
            override_ids=[Command.create({"user_id": self.manager.id, "rate": 0.1})],
        )
        before = self.env["kpi.commission"].search_count([])
        found = self._simulate(tried)
        lines = {
            line.agent_id: (line.deal_count, line.simulated_amount, line.booked_amount)
            for line in found.line_ids
        }
        self.assertEqual(
            lines,
            {
                self.agent: (3, 12_600, 9000),
                self.other: (1, 500, 500),
                self.manager: (4, 1310, 0),
            },
        )
        self.assertEqual(found.simulated_amount, 14_410)
        self.assertEqual(self.env["kpi.commission"].search_count([]), before)

    def test_where_it_differs_it_says_why(self):
        plan = self._plan("percentage", rate=0.1)
        equal, changed, adjusted = (self._won(value) for value in (100, 200, 300))
        other = self._won(400, agent_id=self.other.id)
        found = self._simulate(plan)
        self.assertFalse(any(found.line_ids.mapped("difference_text")))
        self._confirm((equal | changed | adjusted | other).commission_ids)
        adjusted.title, changed.title, other.title = "Mill", "Dock", "Pier"
        adjusted.commission_ids.with_user(self.manager)._adjust("bonus", 5.0, "Thanks")
        self.env["kpi.commission.dispute"].with_user(self.other).create(
            {"commission_id": other.commission_ids.id, "reason": "More"}
        )
        other.estimated_value_amount = 500.0
        why = {
            line.agent_id: line.difference_text
            for line in self._simulate(plan).line_ids
        }
        self.assertEqual(why[self.agent], "adjusted manually (Mill)")
        self.assertEqual(why[self.other], "in dispute (Pier)")
        tried = self._plan("percentage", rate=0.2, is_used=False, name="Tried")
        line = self._simulate(tried).line_ids[0]
        self.assertIn("booked by the plan “Plan” (", line.difference_text)
        self._won(100, "2025-12-30", title="Early", opened_at="2025-12-01 09:00:00")
        (line, _other) = self._simulate(plan, date_from="2025-10-01").line_ids
        self.assertIn("not active on the closing date (Early)", line.difference_text)

    def test_periods_begin_anew(self):
        for day in ("2026-02-02", "2026-04-02"):
            self._won(150_000, day)
        tried = self._plan(is_used=False)
        self.assertEqual(self._simulate(tried).simulated_amount, 18_000)

    def test_deals_without_rate_are_counted(self):
        self._won(100.0, currency_id=self.dollar.id)
        found = self._simulate(self._plan("percentage", is_used=False, rate=0.1))
        self.assertEqual((found.deal_count, found.unpriced_count), (1, 1))
        self.assertEqual(found.simulated_amount, 0)

    def test_only_who_sets_up_plans_tries_them(self):
        plan = self._plan(is_used=False)
        with self.assertRaises(AccessError):
            plan.with_user(self.manager).action_simulate()
