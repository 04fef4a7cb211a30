from datetime import timedelta

from lxml import etree

from odoo import fields

from ..deal_case import DealCase

SUMS = ["weighted_amount:sum", "company_amount:sum", "late_count:sum"]


class TestKpiDealBoard(DealCase):
    """Heads of the columns of the board: counts and sums, read with the board."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.deal.stage"].search([]).norm_days = 0
        cls.env.ref("kpi_deal_pipeline.kpi_deal_stage_proposal").norm_days = 10
        cls.now = fields.Datetime.now().replace(microsecond=0)
        cls.today = cls.now.date()
        worth = {"estimated_value_amount": 1000.0, "confidence": 0.5}
        proposal = {**worth, "pipeline_stage": "proposal"}
        cls.fresh = cls._deal("Fresh", **proposal, opened_at=cls.now)
        cls.overdue = cls._deal(
            "Overdue",
            **proposal,
            opened_at=cls.now,
            expected_close_date=cls.today - timedelta(days=1),
        )
        cls.stuck = cls._deal(
            "Stuck", **proposal, opened_at=cls.now - timedelta(days=11)
        )
        cls.due = cls._deal(
            "Due today", **worth, opened_at=cls.now, expected_close_date=cls.today
        )
        cls.won = cls._deal(
            "Won",
            **worth,
            pipeline_stage="closed_won",
            opened_at=cls.now - timedelta(days=30),
            actual_close_date=cls.today - timedelta(days=2),
            expected_close_date=cls.today - timedelta(days=9),
        )
        cls.all = cls.fresh | cls.overdue | cls.stuck | cls.due | cls.won
        cls.mine = [("id", "in", cls.all.ids)]

    def _columns(self):
        return {
            group["pipeline_stage"]: group
            for group in self.env["kpi.deal"].web_read_group(
                self.mine, ["pipeline_stage"], SUMS
            )["groups"]
        }

    def test_late_is_past_the_close_or_too_long_in_the_stage(self):
        late = self.overdue | self.stuck
        self.assertEqual(self.all.filtered("is_late"), late)
        self.assertEqual(self.all.mapped("late_count"), [0, 1, 1, 0, 0])
        self.assertEqual(self.all.filtered("is_overdue"), self.overdue)
        deals = self.env["kpi.deal"]
        self.assertEqual(deals.search([*self.mine, ("is_late", "=", True)]), late)
        others = deals.search([*self.mine, ("is_late", "=", False)])
        self.assertEqual(others, self.all - late)

    def test_columns_say_what_they_are_worth_and_how_many_are_late(self):
        columns = self._columns()
        self.assertEqual(
            [columns["proposal"][name] for name in ("__count", *SUMS)],
            [3, 1500.0, 3000.0, 2],
        )
        self.assertEqual(columns["lead_captured"]["late_count:sum"], 0)
        # what is closed is not weighted any more, but worth something
        self.assertEqual(
            [columns["closed_won"][name] for name in SUMS], [0.0, 1000.0, 0]
        )

    def test_what_was_closed_last_comes_first(self):
        earlier = self._deal(
            "Won before",
            pipeline_stage="closed_won",
            opened_at=self.now - timedelta(days=30),
            actual_close_date=self.today - timedelta(days=4),
        )
        arch = self.env["kpi.deal"].get_view(view_type="kanban")["arch"]
        order = etree.fromstring(arch).get("default_order")
        found = self.env["kpi.deal"].search(
            [("id", "in", [*self.all.ids, earlier.id])], order=order
        )
        self.assertEqual(found[:2], self.overdue | self.due)  # open, by expected close
        self.assertEqual(found[-2:], self.won | earlier)

    def test_late_deals_can_be_summed_in_pivots(self):
        described = self.env["kpi.deal"].fields_get(["late_count"], ["aggregator"])
        self.assertEqual(described["late_count"], {"aggregator": "sum"})

    def test_the_board_takes_as_many_statements_for_many_deals(self):
        counts = []
        for number in (0, 0, 30):  # the first fills Odoo's caches
            for each in range(number):
                self.all |= self._deal(f"More {each}", pipeline_stage="proposal")
            self.mine = [("id", "in", self.all.ids)]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._columns()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 2)
