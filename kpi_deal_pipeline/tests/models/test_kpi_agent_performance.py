from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo.tests import freeze_time

from odoo.addons.kpi_base.tests.common import run_cron

from ..performance_case import MARCH, PerformanceCase

CRON = "kpi_deal_pipeline.kpi_agent_performance_cron_take"
DAYS = (date(2026, 1, 4), date(2026, 1, 5), date(2026, 2, 9), date(2026, 2, 10))


class TestKpiAgentPerformance(PerformanceCase):
    def _take(self, day, **values):
        return self.performance._take(day, self.company, **values)

    def test_numbers_are_those_of_plain_adding(self):
        for day in (*DAYS, date(2026, 3, 10), date(2026, 3, 19), MARCH):
            with self.subTest(day):
                self._take(day)
                self.assertEqual(self._numbers(day), self._reckoned(self._end(day)))

    def test_numbers_by_hand(self):
        self._take(MARCH)
        numbers = self._numbers(MARCH)
        # Open and Third (10.01 × 0.5 each), Late 70 × 0.3, Back 11 × 0.1; Unpriced
        # counts and is in no sum. Won in 36 days less an hour: 1000 / 1.25 and 400.
        self.assertEqual(
            numbers[self.agent.id],
            (
                5,
                2,
                Decimal("101.02"),
                Decimal("32.11"),
                Decimal("35.96"),
                Decimal("0.6667"),
                Decimal("94.55"),  # 100 / 1.25 + 20.05 - 5.50
                Decimal("0.00"),
            ),
        )
        self.assertEqual(numbers[self.other.id][:3], (1, 0, Decimal("10.01")))
        self.assertEqual(numbers[self.other.id][4:6], (None, None))
        self.assertEqual(numbers[self.other.id][6:], (Decimal("0"), Decimal("8")))
        row = self._rows(MARCH).filtered(lambda each: each.agent_id == self.agent)
        self.assertEqual(row.roi_metrics["won_value_amount"], "1200.00")
        self.assertEqual(row.roi_metrics["won_value_per_commission"], 12.6917)
        self.assertEqual(
            row.roi_metrics["conversion_by_asset_type"],
            {
                "retail": {
                    "conversion_rate": 1,
                    "deals_closed_won": 1,
                    "deals_closed_lost": 0,
                    "won_value_amount": "800.00",
                },
                "land": {
                    "conversion_rate": 0,
                    "deals_closed_won": 0,
                    "deals_closed_lost": 1,
                    "won_value_amount": "0.00",
                },
                "none": {
                    "conversion_rate": 1,
                    "deals_closed_won": 1,
                    "deals_closed_lost": 0,
                    "won_value_amount": "400.00",
                },
            },
        )
        context = row.snapshot_context
        self.assertEqual(context["payout_velocity_days"], 38.08)
        self.assertEqual(context["commission_per_won_deal"], "47.28")
        self.assertEqual(context["pipeline_coverage"], 0.0842)
        self.assertEqual(context["unpriced_deals"], 1)
        self.assertEqual(context["unpriced_commissions"], 1)
        self.assertEqual(
            context["open_by_stage"],
            {"lead_captured": {"deals": 5, "value_amount": "101.02"}},
        )

    def test_a_longer_period_has_the_mean_of_its_days(self):
        days = date(2026, 3, 10), MARCH
        for day in days:
            self._take(day)
        measures = ["deals_open:sum", "gross_pipeline_value:sum", "__count"]
        rows = self._rows(days[0]) | self._rows(days[1])
        domain = [("id", "in", rows.ids)]
        ((_month, *found),) = self.performance._read_group(
            domain, ["as_of_date:month"], measures
        )
        opened = sum(rows.mapped("deals_open")) / 2
        gross = sum(rows.mapped("gross_pipeline_value")) / 2
        self.assertNotEqual(*(sum(self._rows(d).mapped("deals_open")) for d in days))
        self.assertEqual(found, [opened, gross, len(rows)])
        total, months = self.performance._read_grouping_sets(
            domain, [[], ["as_of_date:month"]], measures[:2]
        )
        self.assertEqual(total, [(opened, gross)])
        self.assertEqual(months[0][1:], (opened, gross))
        by_day = self.performance._read_group(domain, ["as_of_date:day"], measures[:1])
        each = [sum(self._rows(day).mapped("deals_open")) for day in days]
        self.assertEqual([count for _day, count in by_day], each)

    def test_a_past_day_is_made_again_as_it_was(self):
        self._take(MARCH)
        stored, rows = self._numbers(MARCH), self._rows(MARCH)
        written = {row: row.write_date for row in rows}
        with freeze_time("2026-04-20 12:00:00"):
            # Whatever comes later, dated back or not.
            self.won.action_reopen()
            self.open.with_context(moved_at="2026-03-25 10:00:00").write(
                {"pipeline_stage": "closed_won"}
            )
            self.late.write({"estimated_value_amount": 1.0, "asset_type": "land"})
            self._deal("Before", opened_at=datetime(2026, 2, 1))
            self._rate(self.pound, "2026-01-01", 0.5)
            self._rate(self.dollar, "2026-02-09", 8.0)
            self.env["kpi.deal"]._price_late()
            self.commissions.sorted("id")[1].with_user(self.boss).action_pay()
            self.assertEqual(set(map(tuple, rows._differences().values())), {()})
            self.assertEqual(self._take(MARCH), 0)
        self.assertEqual(self._numbers(MARCH), stored)
        self.assertEqual({row: row.write_date for row in rows}, written)
        rows.unlink()
        self._take(MARCH)
        self.assertEqual(self._numbers(MARCH), stored)

    def test_what_is_known_today_is_another_question(self):
        with freeze_time("2026-04-20 12:00:00"):
            self.open.with_context(moved_at="2026-03-25 10:00:00").write(
                {"pipeline_stage": "closed_won"}
            )
        now = datetime(2026, 4, 21)
        self._take(MARCH, known_at=now)
        known = self._numbers(MARCH)
        self.assertEqual(known, self._reckoned(self._end(MARCH), now))
        self.assertEqual(known[self.agent.id][1], 3)
        self.assertFalse(any(self._rows(MARCH).mapped("is_final")))
        # What the day's end knew replaces it, and is replaced by nothing.
        self._take(MARCH)
        self.assertTrue(all(self._rows(MARCH).mapped("is_final")))
        self.assertEqual(self._numbers(MARCH)[self.agent.id][1], 2)
        self._take(MARCH, known_at=now)
        self.assertEqual(self._numbers(MARCH)[self.agent.id][1], 2)

    def test_a_changed_row_is_found(self):
        self._take(MARCH)
        row = self._rows(MARCH)[0]
        self.env.cr.execute(
            "UPDATE agent_performance_snapshots SET deals_open = 9 WHERE id = %s",
            [row.id],
        )
        row.invalidate_recordset()
        self.assertEqual(row._differences(), {row: ["deals_open"]})

    def test_days_end_where_the_company_is(self):
        # “Late” was opened at 23:59:59 of the tenth in Singapore.
        for day, count in ((date(2026, 3, 9), 4), (date(2026, 3, 10), 5)):
            self._take(day)
            self.assertEqual(self._numbers(day)[self.agent.id][0], count)
        self._rows(date(2026, 3, 9)).unlink()
        self.company.partner_id.tz = "UTC"
        self.env["kpi.calendar"].search([("company_id", "=", self.company.id)]).unlink()
        with freeze_time("2026-03-09 20:00:00"):
            self._deal("Night")
        self._take(date(2026, 3, 9))
        rows = self._rows(date(2026, 3, 9))
        self.assertEqual(set(rows.mapped("day_end_at")), {datetime(2026, 3, 10)})

    def test_the_night_catches_up_and_begins_where_it_stopped(self):
        with freeze_time("2026-03-29 18:00:00"):
            run_cron(self, CRON)
        self.assertEqual(len(self._rows(date(2026, 3, 29))), 2)
        self.assertFalse(self._rows(date(2026, 3, 28)))
        with freeze_time("2026-04-02 16:30:00"):  # within the hour of grace
            due = self.performance._days_due()
            mine = [day for day, those in due.items() if self.company in those]
            self.assertEqual(sorted(mine), [date(2026, 3, 30), MARCH, date(2026, 4, 1)])
            self.performance._take(date(2026, 3, 30), self.company)
            run_cron(self, CRON)
        for day in (MARCH, date(2026, 4, 1)):
            self.assertTrue(all(self._rows(day).mapped("is_final")), day)
            self.assertEqual(self._numbers(day), self._reckoned(self._end(day)))
        self.assertFalse(self._rows(date(2026, 4, 2)))

    def test_the_night_leaves_days_before_the_first_deal_alone(self):
        # Recorded on the fifth, at 17:00 in Singapore: taken by hand as known later.
        self._take(date(2026, 1, 4), known_at=datetime(2026, 1, 5, 10))
        for moment, days in (
            ("2026-01-05 12:00:00", []),
            ("2026-01-05 18:00:00", [date(2026, 1, 5)]),
        ):
            with freeze_time(moment):
                due = self.performance._days_due()
            mine = [day for day, those in due.items() if self.company in those]
            self.assertEqual(mine, days)

    def test_the_day_at_hand_is_replaced_when_it_ends(self):
        with freeze_time("2026-03-20 11:00:00"):
            self.performance._cron_take_today()
        day = date(2026, 3, 20)
        self.assertFalse(any(self._rows(day).mapped("is_final")))
        self.assertEqual(self._numbers(day)[self.other.id][0], 1)
        with freeze_time("2026-03-20 12:00:00"):
            self.twin.agent_id = self.agent
        with freeze_time("2026-03-20 18:00:00"):
            run_cron(self, CRON)
        self.assertTrue(all(self._rows(day).mapped("is_final")))
        self.assertEqual(self._numbers(day), self._reckoned(self._end(day)))

    def test_the_number_of_statements_does_not_grow(self):
        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._take(date(2026, 6, 1) + timedelta(days=len(counts)))
            counts.append(self.env.cr.sql_log_count - before)

        counts = []
        with freeze_time("2026-07-01"):
            count()  # warms caches
            count()
        with freeze_time("2026-06-01"):
            for number in range(50):
                agent = self._user(f"many{number}", "agent")
                self._deal(f"Many {number}", agent_id=agent.id)
        with freeze_time("2026-07-01"):
            count()
        self.assertEqual(len(self._rows(date(2026, 6, 3))), 52)
        self.assertEqual(counts[1], counts[2])

    def test_a_late_rate_prices_commissions_from_then_on(self):
        with freeze_time("2026-04-02 10:00:00"):
            self._rate(self.pound, "2026-01-01", 0.5)
            self.env["kpi.deal"]._price_late()
            self.env["kpi.deal"]._price_late()
        day = date(2026, 4, 2)
        self._take(day)
        self._take(MARCH)
        self.assertEqual(self._numbers(MARCH)[self.agent.id][6], Decimal("94.55"))
        self.assertEqual(self._numbers(day)[self.agent.id][6], Decimal("102.55"))
        row = self._rows(day).filtered(lambda each: each.agent_id == self.agent)
        self.assertEqual(row.snapshot_context["unpriced_commissions"], 0)
        self.assertEqual(row.snapshot_context["unpriced_deals"], 0)
