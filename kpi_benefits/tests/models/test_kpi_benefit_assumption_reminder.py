from datetime import datetime

from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.tests.common import run_cron

from .baseline_case import BaselineCase

DAY = "2026-04-20"


@tagged("post_install", "-at_install")
class TestKpiBenefitAssumptionReminder(BaselineCase):
    """Who is to check what a plan rests on gets a message until it is checked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.olga | cls.sue).tz = "UTC"
        cls.startClassPatcher(freeze_time("2026-04-01 12:00:00"))

    def _assume(self, name, benefit=None, **values):
        return self.env["kpi.benefit.assumption"].create(
            {
                "benefit_id": (benefit or self._benefit()).id,
                "name": name,
                "review_date": DAY,
                **values,
            }
        )

    def _messages(self):
        return self.env["kpi.delivery"].search(
            [("renderer", "=", "kpi.benefit.assumption")], order="id"
        )

    def _remind_at(self, moment):
        before = self._messages()
        with freeze_time(moment):
            run_cron(self, "kpi_benefits.kpi_benefit_assumption_cron_remind")
        return self._messages() - before

    def _compose(self, message, moment):
        with freeze_time(moment):
            return message.sudo()._compose()

    def test_one_message_tells_all_that_somebody_is_to_check(self):
        benefit = self._benefit()
        invoices = self._assume("5,000 invoices", benefit)
        prices = self._assume("Prices stay", benefit, review_date="2026-04-18")
        self._assume("Later", benefit, review_date="2026-07-01")
        self._assume("For Sue", benefit, owner_id=self.sue.id)
        self.assertFalse(self._remind_at("2026-04-14 12:00"))
        self.assertEqual(self._remind_at("2026-04-15 07:00").user_id, self.olga)
        sent = self._remind_at("2026-04-20 07:00")
        self.assertEqual(sent.user_id, self.olga | self.sue)
        mine = sent.filtered(lambda one: one.user_id == self.olga)
        message = self._compose(mine, "2026-04-20 07:00")
        self.assertEqual(message.title, "Assumptions to check: 2")
        self.assertEqual(
            {line.title: line.tone for line in message.lines},
            {"5,000 invoices": "", "Prices stay": "warning"},
        )
        addresses = {line.url.rpartition("/odoo/")[2] for line in message.lines}
        self.assertEqual(
            addresses,
            {f"benefit-assumptions/{one.id}" for one in (invoices | prices)},
        )
        self.assertFalse(self._remind_at("2026-04-20 18:00"))

    def test_what_comes_after_todays_message_is_told_tomorrow(self):
        benefit = self._benefit()
        self._assume("5,000 invoices", benefit, owner_id=self.sue.id)
        self.assertTrue(self._remind_at("2026-04-20 07:00"))
        late = self._assume("Prices stay", benefit, owner_id=self.sue.id)
        self.assertFalse(self._remind_at("2026-04-20 11:00"))
        sent = self._remind_at("2026-04-21 07:00")
        self.assertIn(late.id, sent.sudo().line_ids.mapped("res_id"))

    def test_who_takes_it_over_is_reminded_anew(self):
        benefit = self._benefit()
        assumption = self._assume("5,000 invoices", benefit)
        self.assertEqual(self._remind_at("2026-04-20 07:00").user_id, self.olga)
        self._as(self.olga, assumption).owner_id = self.sue
        self.assertEqual(self._remind_at("2026-04-21 07:00").user_id, self.sue)
        self.assertFalse(self._remind_at("2026-04-22 07:00"))

    def test_what_was_checked_meanwhile_is_not_told(self):
        benefit = self._benefit()
        first, second = (self._assume(name, benefit) for name in ("One", "Two"))
        sent = self._remind_at("2026-04-20 08:00")
        with freeze_time("2026-04-20 09:00"):
            later = datetime(2026, 10, 1).date()
            self._as(self.olga, first)._note_check("holds", later, "Counted")
        message = self._compose(sent, "2026-04-20 09:01")
        self.assertEqual([line.title for line in message.lines], ["Two"])
        with freeze_time("2026-04-20 09:00"):
            second.owner_id = self.sue
            with self.assertRaisesRegex(DeliverySkipped, "checked or reassigned"):
                sent.sudo()._compose()

    def test_plans_that_ended_remind_nobody(self):
        closed, ended, archived = (self._benefit(self._make()) for _each in range(3))
        for benefit in (closed, ended, archived):
            self._assume("Prices stay", benefit)
        closed.initiative_id.status = "closed"
        ended.status = "not_realized"
        archived.active = False
        self.assertFalse(self._remind_at("2026-04-20 08:00"))

    def test_who_may_not_read_the_kpi_any_more_is_told_nothing(self):
        kpi = self._kpi("Hours")
        initiative = self._make()
        benefit = self._benefit(initiative)
        benefit.baseline_id = self._baseline(kpi, initiative, unit_value=100)
        self._assume("Wages stay", benefit, owner_id=self.sue.id)
        sent = self._remind_at("2026-04-20 08:00")
        kpi.shared_user_ids = False
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaisesRegex(
            DeliverySkipped, "Sue cannot access any record in this message"
        ):
            self._compose(sent, "2026-04-20 08:01")
