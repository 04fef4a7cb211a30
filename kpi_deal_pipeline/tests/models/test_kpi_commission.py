from datetime import date

import psycopg2

from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import html2plaintext, mute_logger

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiCommission(CommissionCase):
    """The ledger: what a commission may become, and what stands for good."""

    def _commission(self, **values):
        return self.env["kpi.commission"].create(
            {
                "deal_id": self.deal.id,
                "agent_id": self.agent.id,
                "basis_amount": 1000.0,
                "commission_rate": 0.05,
                **values,
            }
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(estimated_value_amount=1000.0)

    def _log(self):
        return (
            self.env["kpi.audit.log"]
            .search([("res_id", "=", self.deal.id), ("model", "=", "kpi.deal")])
            .filtered(lambda entry: "commission" in entry.event_type)
            .sorted("seq")
            .mapped("event_type")
        )

    def test_no_context_hides_a_change(self):
        commission = self._commission().with_user(self.manager)
        told = commission.with_context(kpi_commission_settling=True)
        told.write({"basis_amount": 2000.0})
        self.assertEqual(
            self._log(), ["deal_commission_introduced", "deal_commission_changed"]
        )
        self.assertEqual(self._faults(self.deal), [])

    def test_a_commission_goes_from_pending_to_paid(self):
        commission = self._commission()
        self.assertEqual(commission.commission_amount, 50.0)
        self.assertEqual(commission.basis_currency, "EUR")
        self.assertTrue(commission.introduced_at)
        commission = commission.with_user(self.manager)
        for action, status in (
            ("action_confirm", "confirmed"),
            ("action_invoice", "invoiced"),
            ("action_pay", "paid"),
        ):
            getattr(commission, action)()
            self.assertEqual(commission.status, status)
            self.assertTrue(commission[f"{status}_at"])
        self.assertEqual(
            self._log(),
            [
                "deal_commission_introduced",
                "deal_commission_confirmed",
                "deal_commission_status_change",
                "deal_commission_status_change",
            ],
        )
        self.assertEqual(
            commission.sudo().audit_log_id.event_type, "deal_commission_status_change"
        )
        self.assertEqual(self._faults(self.deal), [])

    def test_a_second_confirmation_is_refused(self):
        commission = self._commission()
        self._confirm(commission)
        with self.assertRaisesRegex(LockError, "cannot be changed to “Approved”"):
            self._confirm(commission)
        self.assertEqual(len(self._log()), 2)

    def test_nobody_settles_the_own_commission(self):
        own = self._commission(agent_id=self.manager.id)
        with self.assertRaises(AccessError):
            self._confirm(own)
        with self.assertRaises(AccessError):
            self._commission().with_user(self.agent).action_confirm()
        with self.assertRaises(AccessError):
            self._commission(commission_type="referral").with_user(
                self.director  # leads another team
            ).action_confirm()

    def test_what_has_no_amount_cannot_be_confirmed(self):
        commission = self._commission(basis_amount=0.0)
        self.assertIs(commission.commission_amount, False)
        self.env.cr.execute(
            "SELECT commission_amount FROM agent_commission_records WHERE id = %s",
            (commission.id,),
        )
        self.assertEqual(self.env.cr.fetchone(), (None,))
        with self.assertRaisesRegex(UserError, "no amount yet"):
            self._confirm(commission)

    def test_a_settled_amount_stands(self):
        commission = self._commission()
        commission.commission_rate = 0.1
        self.assertEqual(commission.commission_amount, 100.0)
        self.assertIn("deal_commission_changed", self._log())
        self._confirm(commission)
        for values in ({"commission_amount": 1.0}, {"agent_id": self.other.id}):
            with self.assertRaisesRegex(LockError, "Book an adjustment"):
                commission.write(values)
        with self.assertRaises(UserError):
            commission.unlink()

    def test_the_database_keeps_a_settled_amount(self):
        commission = self._commission()
        self._confirm(commission)
        self.env.flush_all()
        for statement in (
            "UPDATE {} SET commission_amount = 1",
            "UPDATE {} SET agent_id = 1",
            "UPDATE {} SET confirmed_at = NULL, status = 'pending'",
            "DELETE FROM {}",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(
                    statement.format("agent_commission_records") + " WHERE id = %s",
                    (commission.id,),
                )

    def test_what_was_written_off_stays_so(self):
        commission = self._commission()
        commission.with_user(self.manager).action_write_off()
        with self.assertRaises(LockError):
            self._confirm(commission)
        self.assertEqual(commission.net_amount, 0)
        self._commission()  # another one may take its place

    def test_an_agent_has_one_commission_of_a_type(self):
        self._commission()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.env.cr.savepoint(),
        ):
            self._commission()

    def test_an_agent_claims_and_sees_only_the_own(self):
        claimed = (
            self.env["kpi.commission"]
            .with_user(self.agent)
            .create(
                {
                    "deal_id": self.deal.id,
                    "commission_type": "introducer",
                    "note": "Knows the client",
                }
            )
        )
        self.assertEqual(claimed.agent_id, self.agent)
        others = self._commission(agent_id=self.other.id)
        seen = self.env["kpi.commission"].with_user(self.agent).search([])
        self.assertEqual(seen, claimed)
        with self.assertRaises(AccessError):
            others.with_user(self.agent).read(["commission_amount"])
        with self.assertRaises(AccessError):
            self.env["kpi.commission"].with_user(self.agent).create(
                {
                    "deal_id": self.deal.id,
                    "agent_id": self.other.id,
                    "commission_type": "referral",
                    "note": "Theirs",
                }
            )
        with self.assertRaises(AccessError):
            claimed.write({"status": "paid"})
        self.assertFalse(
            self.env["kpi.commission"].with_user(self.viewer).has_access("read")
        )

    def test_people_give_a_reason_for_what_no_plan_computes(self):
        bonus = {
            "deal_id": self.deal.id,
            "agent_id": self.agent.id,
            "commission_type": "bonus",
            "commission_amount": 9000.0,
        }
        for user in (self.agent, self.manager):
            commissions = self.env["kpi.commission"].with_user(user)
            for note in (False, " "):
                with (
                    self.subTest(user.login, note=note),
                    self.assertRaisesRegex(ValidationError, "enter the reason"),
                    self.env.cr.savepoint(),
                ):
                    commissions.create({**bonus, "note": note})
        own = self.env["kpi.commission"].with_user(self.agent)
        self.assertFalse(own.new({"agent_id": False}).entered)
        claimed = own.create({**bonus, "note": "Found the tenant"})
        self.assertEqual(claimed.status, "pending")
        facts = dict(claimed.with_user(self.manager)._get_approval_facts())
        self.assertEqual(facts["Type"], "Bonus")
        self.assertEqual(facts["Reason"], "Found the tenant")
        self.assertEqual(
            facts["Entered"], f"Manually by {self.agent.name}, who earns it"
        )
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            claimed.with_user(self.manager).note = ""
        given = self.env["kpi.commission"].with_user(self.manager)
        given = given.create({**bonus, "commission_type": "referral", "note": "Agreed"})
        self.assertEqual(given.entered, f"Manually by {self.manager.name}")
        texts = self.env["kpi.audit.personal"].search(
            [("log_id", "in", (claimed | given).sudo().audit_log_id.ids)]
        )
        self.assertEqual(set(texts.mapped("text")), {"Found the tenant", "Agreed"})
        self.assertEqual(self._faults(self.deal), [])

    def test_amounts_out_of_reach_are_refused(self):
        for values in (
            {"basis_amount": -1.0},
            {"basis_amount": 1e16},
            {"commission_rate": 1.5},
            {"commission_amount": -1.0, "basis_amount": 0},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.Error),
                self.env.cr.savepoint(),
            ):
                self._commission(commission_type="referral", **values)

    def test_adjustments_are_booked_beside(self):
        commission = self._commission()
        self._confirm(commission)
        decided = commission.with_user(self.manager)
        first = decided._adjust("clawback", -20.0, "The customer left")
        decided._adjust("bonus", 5.0, "Well done")
        self.assertEqual(commission.net_amount, 35.0)
        self.assertEqual(commission.commission_amount, 50.0)
        with self.assertRaisesRegex(
            ValidationError, "cannot exceed the remaining commission, .*35.00"
        ):
            decided._adjust("clawback", -35.01, "All of it")
        self.assertEqual(first.note, "The customer left")
        self.assertEqual(first.recorded_by, self.manager)
        self.assertNotIn("customer", first.audit_log_id.text)
        with self.assertRaises(UserError):
            first.write({"amount": 1})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.Error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("DELETE FROM agent_commission_adjustments")

    def test_adjustments_say_what_and_why(self):
        commission = self._commission().with_user(self.manager)
        for given in (
            ("clawback", 5.0, "x"),
            ("bonus", -5.0, "x"),
            ("correction", 0.0, "x"),
            ("correction", 1e16, "x"),
            ("correction", float("nan"), "x"),
            ("correction", 5.0, " "),
        ):
            with self.subTest(given), self.assertRaises(ValidationError):
                commission._adjust(*given)
        with self.assertRaises(AccessError):
            commission.with_user(self.agent)._adjust("bonus", 5.0, "me")


@tagged("post_install", "-at_install")
class TestKpiCommissionDispute(CommissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plan("percentage", rate=0.05)
        cls.deal = cls._won(1000.0)
        cls.commission = cls.deal.commission_ids
        cls.commission.with_user(cls.manager).action_confirm()

    def _dispute(self, user=None, **values):
        return (
            self.env["kpi.commission.dispute"]
            .with_user(user or self.agent)
            .create(
                {
                    "commission_id": self.commission.id,
                    "reason": "We agreed on 6%",
                    **values,
                }
            )
        )

    def test_the_dialog_asks_for_the_new_amount(self):
        dispute = self._dispute()
        decisions = self.env["kpi.commission.decision"].with_user(self.boss)
        with Form(decisions.with_context(default_dispute_id=dispute.id)) as form:
            self.assertEqual(form.net_amount, 50.0)
            form.outcome = "upheld"
            self.assertFalse(form.new_amount)
            form.new_amount = 60.0
            self.assertEqual(form.amount, 10.0)
            form.reason = "Agreed"
        form.record.action_decide()
        self.assertEqual(dispute.effect_amount, 10.0)
        self.assertEqual(self.commission.net_amount, 60.0)
        adjust = self.env["kpi.commission.adjust"].with_user(self.boss)
        commission = self.commission
        with Form(adjust.with_context(default_commission_id=commission.id)) as form:
            form.amount = -20.0
            self.assertEqual(form.new_amount, 40.0)
            form.note = "Too much"

    def test_an_upheld_dispute_changes_the_amount(self):
        dispute = self._dispute().with_user(self.boss)
        with self.assertRaisesRegex(ValidationError, "The amount is unchanged"):
            dispute._decide("upheld", "Right")
        values = {"dispute_id": dispute.id, "outcome": "upheld", "reason": "Right"}
        decisions = self.env["kpi.commission.decision"].with_user(self.boss)
        for amount, refusal in (
            (50.0, "The amount is unchanged"),
            (False, "Enter the new amount"),
        ):
            dialog = decisions.create({**values, "new_amount": amount})
            with (
                self.subTest(amount),
                self.assertRaisesRegex(ValidationError, refusal),
            ):
                dialog.action_decide()
        self.assertEqual(self.commission.status, "disputed")
        decisions.create({**values, "new_amount": 0.0}).action_decide()
        self.assertEqual(dispute.effect_amount, -50.0)
        self.assertEqual(self.commission.net_amount, 0.0)

    def test_a_dispute_holds_the_commission(self):
        dispute = self._dispute()
        self.assertEqual(self.commission.status, "disputed")
        self.assertTrue(self.commission.disputed_at)
        with self.assertRaises(LockError):
            self.commission.with_user(self.manager).action_pay()
        with self.assertRaises(LockError):
            self._dispute()
        with self.assertRaises(UserError):
            self.commission.with_user(self.boss)._adjust("bonus", 5, "x")
        dispute.agent_comment = "See the letter"
        with self.assertRaises(AccessError):
            dispute.company_comment = "No"

    def test_nothing_is_to_pay_during_a_dispute(self):
        self.assertEqual(self.commission.unpaid_amount, 50.0)
        dispute = self._dispute()
        amounts = self.commission.unpaid_amount, self.commission.held_amount
        self.assertEqual(amounts, (0, 50.0))
        dispute.with_user(self.boss)._decide("rejected", "No")
        amounts = self.commission.unpaid_amount, self.commission.held_amount
        self.assertEqual(amounts, (50.0, 0))

    def _find_notices(self, dispute):
        """Notices of the decision, and who got each."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", dispute._name),
                ("res_id", "=", dispute.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        return [(each, each.notified_partner_ids) for each in messages]

    def test_both_sides_are_notified_of_the_decision(self):
        dispute = self._dispute(self.manager)
        sides = (self.manager | self.agent).partner_id
        self.assertLessEqual(sides, dispute.message_partner_ids)
        dispute.with_user(self.boss)._decide("upheld", "The letter says so", 10.0)
        ((notice, notified),) = self._find_notices(dispute)
        self.assertEqual(notified, sides)
        for message in (notice, dispute.message_ids.filtered("body")[:1]):
            self.assertEqual(message.author_id, self.boss.partner_id)
            text = html2plaintext(message.body)
            for words in ("upheld", "50.00", "60.00", "Reason: The letter says so"):
                self.assertIn(words, text)

    def test_each_is_notified_in_their_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.agent.lang = "de_DE"
        dispute = self._dispute(self.manager)
        dispute.with_user(self.boss)._decide("upheld", "The letter says so", 10.0)
        notices = {
            notified: html2plaintext(notice.body)
            for notice, notified in self._find_notices(dispute)
        }
        self.assertIn("60.00", notices[self.manager.partner_id])
        self.assertIn("60,00", notices[self.agent.partner_id])

    def test_who_sees_the_commission_no_more_is_not_notified(self):
        dispute = self._dispute(self.manager)
        self.team.user_id = self.director
        dispute.with_user(self.boss)._decide("rejected", "No")
        ((_notice, notified),) = self._find_notices(dispute.sudo())
        self.assertEqual(notified, self.agent.partner_id)

    def test_the_calculation_ends_with_the_net_amount(self):
        decided = self.commission.with_user(self.manager)
        decided._adjust("bonus", 5.0, "Well done")
        dispute = self._dispute()
        dispute.with_user(self.boss)._decide("upheld", "Right", 10.0)
        decided._adjust("clawback", -2.0, "Rent reduced")
        rows = self.commission.booked_ids.sorted("id")
        self.assertEqual(
            [(row.title, row.amount, row.total) for row in rows],
            [
                ("Bonus", 5.0, 55.0),
                ("Dispute Upheld", 10.0, 65.0),
                ("Clawback", -2.0, 63.0),
            ],
        )
        self.assertEqual(rows[-1].total, self.commission.net_amount)
        amounts = dispute.disputed_amount, dispute.decided_amount
        self.assertEqual(amounts, (55.0, 65.0))

    def test_a_dispute_is_decided_and_not_deleted(self):
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self._dispute().sudo().unlink()

    def test_a_third_person_decides(self):
        dispute = self._dispute()
        for user in (self.agent, self.manager, self.other):
            with self.subTest(user.login), self.assertRaises(AccessError):
                dispute.with_user(user)._decide("rejected", "No")
        dispute.with_user(self.boss)._decide("upheld", "The letter says so", 10.0)
        self.assertEqual(self.commission.status, "confirmed")
        self.assertTrue(self.commission.resolved_at)
        self.assertEqual(self.commission.net_amount, 60.0)
        adjustment = self.commission.adjustment_ids
        self.assertEqual((adjustment.origin, adjustment.amount), ("dispute", 10.0))
        with self.assertRaises(LockError):
            dispute.with_user(self.boss)._decide("rejected", "Again")
        with self.assertRaises(UserError):
            dispute.with_user(self.agent).write({"agent_comment": "late"})
        self.assertEqual(self._faults(self.deal), [])

    def test_a_rejected_dispute_restores_the_former_status(self):
        self.commission.with_user(self.manager).action_invoice()
        self._dispute().with_user(self.boss)._decide("rejected", "No letter")
        self.assertEqual(self.commission.status, "invoiced")
        self.assertFalse(self.commission.adjustment_ids)

    def test_a_dispute_can_end_in_nothing(self):
        self._dispute(self.manager).with_user(self.boss)._decide("written_off", "Fraud")
        self.assertEqual(self.commission.status, "written_off")
        self.assertEqual(self.commission.net_amount, 0)

    def test_what_happens_meanwhile_is_booked_after_the_decision(self):
        self._bill(self.deal, 1000.0)
        dispute = self._dispute()
        self._bill(self.deal, 500.0, "refund")
        self.assertFalse(self.commission.adjustment_ids)
        dispute.with_user(self.boss)._decide("rejected", "No letter")
        self.assertEqual(self.commission.net_amount, 25.0)

    def test_disputes_say_why(self):
        with self.assertRaises(ValidationError):
            self._dispute(deadline=date(2020, 1, 1))
        dispute = self._dispute()
        with self.assertRaises(ValidationError):
            dispute.with_user(self.boss)._decide("rejected", " ")
        with self.assertRaises(ValidationError):
            dispute.with_user(self.boss)._decide("rejected", "No", 5.0)
        with self.assertRaises(AccessError):
            self._dispute(self.other)

    def test_the_earner_does_not_change_the_deadline(self):
        dispute = self._dispute().with_user(self.agent)
        with self.assertRaisesRegex(AccessError, "cannot change the deadline"):
            dispute.deadline = date(2999, 1, 1)
        with self.assertRaisesRegex(AccessError, "your own side's comment"):
            dispute.company_comment = "All right"
        dispute.with_user(self.boss).deadline = date(2999, 1, 1)

    def test_nobody_disputes_in_another_ones_name(self):
        for values in (
            {"opened_by": self.manager.id},
            {"state": "upheld"},
            {"decided_by": self.boss.id},
            {"effect_amount": 100.0},
            {"company_comment": "We give in"},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                self._dispute(**values)
        for blank in ("", "  "):
            with self.subTest(blank), self.assertRaises(ValidationError):
                self._dispute(reason=blank)
        disputes = self.env["kpi.commission.dispute"].with_user(self.agent)
        dispute = disputes.with_context(
            default_opened_by=self.manager.id, default_state="upheld"
        ).create({"commission_id": self.commission.id, "reason": "6%"})
        self.assertEqual((dispute.opened_by, dispute.state), (self.agent, "open"))
