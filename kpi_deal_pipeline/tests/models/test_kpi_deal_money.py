from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time

from ...models.deal import kpi_deal
from ..deal_case import DealCase


class TestKpiDealMoney(DealCase):
    def _weighted(self, deals):
        total = deals._read_group(
            [("id", "in", deals.ids)], [], ["weighted_amount:sum"]
        )
        return self.euro.round(total[0][0])

    def test_a_sum_is_rounded_once(self):
        deals = self.env["kpi.deal"]
        for _number in range(3):
            deals |= self._deal(estimated_value_amount=10.01, confidence=0.5)
        self.assertEqual(self._weighted(deals), 15.02)

    def test_closed_deals_leave_the_open_sum(self):
        deal = self._deal(estimated_value_amount=100.0, confidence=0.5)
        rest = self._deal(estimated_value_amount=10.0, confidence=0.5)
        self.assertEqual(self._weighted(deal | rest), 55.0)
        deal.pipeline_stage = "closed_won"
        self.assertEqual(self._weighted(deal | rest), 5.0)
        self.assertEqual(deal.company_amount, 100.0)
        deal.action_reopen()
        self.assertEqual(self._weighted(deal | rest), 55.0)
        rest.action_cancel()
        self.assertEqual(self._weighted(deal | rest), 50.0)

    def test_amounts_are_converted_at_the_day_of_the_event(self):
        self._rate(self.dollar, "2026-01-01", 1.25)
        self._rate(self.dollar, "2026-02-01", 2.0)
        deal = self._deal(estimated_value_amount=100.0, currency_id=self.dollar.id)
        self.assertEqual(deal.company_amount, 80.0)
        with freeze_time("2026-02-10 09:00:00"):
            deal.confidence = 0.4
        self.assertEqual((deal.company_amount, deal.weighted_amount), (50.0, 20.0))
        first = deal.value_event_ids.sorted("id")[0]
        self.assertEqual((first.rate, first.company_amount), (0.8, 80.0))

    def test_a_missing_rate_is_told_and_never_guessed(self):
        self._rate(self.dollar, "2026-06-01", 1.25)
        deal = self._deal(
            estimated_value_amount=100.0, confidence=0.5, currency_id=self.dollar.id
        )
        euro = self._deal(estimated_value_amount=10.0, confidence=0.5)
        self.assertTrue(deal.is_unpriced)
        self.assertFalse(euro.is_unpriced)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT company_amount, weighted_amount FROM agent_deals WHERE id = %s",
            [deal.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (None, None))
        self.assertEqual(self._weighted(deal | euro), 5.0)

    def test_an_amount_without_rate_reads_as_none_wherever_it_is_read(self):
        deal = self._deal(estimated_value_amount=100.0, currency_id=self.dollar.id)
        deal.invalidate_recordset()
        names = ["company_amount", "weighted_amount"]
        self.assertEqual(deal.export_data(names)["datas"], [["", ""]])
        (read,) = deal.read(names)
        self.assertEqual([read[name] for name in names], [False, False])
        self.assertEqual(deal.search([("company_amount", "=", False)]), deal)
        ((total,),) = deal._read_group(
            [("id", "=", deal.id)], [], ["weighted_amount:sum"]
        )
        self.assertFalse(total)
        for told in (deal.value_event_ids, self._intervals(deal)):
            self.assertEqual(
                (told.company_amount, told.weighted_amount), (False, False)
            )
        zero = self._deal(estimated_value_amount=0.0)
        zero.invalidate_recordset()
        self.assertEqual(zero.export_data(names)["datas"], [[0.0, 0.0]])

    def _intervals(self, deal):
        return self.env["kpi.deal.stage.interval"].search([("deal_id", "=", deal.id)])

    def test_a_late_rate_prices_the_deal_at_its_day(self):
        deal = self._deal(estimated_value_amount=100.0, currency_id=self.dollar.id)
        self._rate(self.dollar, "2026-01-05", 1.25)
        self.env["kpi.deal"]._price_late()
        self.assertEqual((deal.company_amount, deal.is_unpriced), (80.0, False))
        event = deal.value_event_ids.sorted("id")[-1]
        self.assertEqual(event.cause, "late_rate")
        self.assertEqual(event.effective_at, deal.opened_at)
        self.assertEqual(self._faults(deal), [])
        self.env["kpi.deal"]._price_late()
        self.assertEqual(len(deal.value_event_ids), 2)

    def test_a_run_without_time_prices_some_and_the_next_goes_on(self):
        deals = self.env["kpi.deal"]
        for _number in range(3):
            deals |= self._deal(currency_id=self.dollar.id)
        self._deal(currency_id=self.env.ref("base.GBP").id)  # has no rate
        self._rate(self.dollar, "2026-01-05", 1.25)
        left = []
        with (
            patch.object(kpi_deal, "PRICED_AT_ONCE", 2),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0),
        ):
            for _run in range(3):
                self.env["kpi.deal"]._cron_price()
                left.append(len(deals.filtered("is_unpriced")))
        self.assertEqual(left, [1, 0, 0])

    def test_rates_of_a_company_come_before_shared_ones(self):
        self.rates.create(
            {
                "currency_id": self.dollar.id,
                "name": "2026-03-01",
                "rate": 4.0,
                "company_id": False,
            }
        )
        self._rate(self.dollar, "2026-01-01", 2.0)
        day = fields.Date.to_date("2026-04-01")
        key = (self.company.id, self.dollar.id, day)
        own = (self.company.id, self.euro.id, day)
        self.assertEqual(
            self.env["kpi.deal"]._company_rates([key, own]),
            {key: Decimal("0.5"), own: Decimal(1)},
        )

    def test_large_amounts_stay_exact(self):
        amount = 999_999_999_999.99
        deal = self._deal(estimated_value_amount=amount, confidence=1.0)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT company_amount::text FROM agent_deals WHERE id = %s", [deal.id]
        )
        self.assertEqual(Decimal(self.env.cr.fetchone()[0]), Decimal("999999999999.99"))
