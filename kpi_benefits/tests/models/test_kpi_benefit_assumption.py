from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .baseline_case import BaselineCase

TODAY = date(2026, 4, 15)
NEXT = date(2026, 7, 1)


@freeze_time("2026-04-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBenefitAssumption(BaselineCase):
    """What the plan of a benefit rests on, and whether somebody has checked it."""

    def _assume(self, benefit=None, **values):
        return self.env["kpi.benefit.assumption"].create(
            {
                "benefit_id": (benefit or self._benefit()).id,
                "name": "5,000 invoices a month",
                **values,
            }
        )

    def _check(self, assumption, who=None, **values):
        """As the dialog does."""
        own = self._as(who or self.olga, assumption)
        action = own.action_check()
        dialog = own.env[action["res_model"]].with_context(**action["context"])
        form = Form(dialog)
        for name, value in values.items():
            form[name] = value
        form.save().action_confirm()

    def _told(self, benefit):
        return " ".join(benefit.message_ids.mapped("body"))

    def test_the_owner_of_the_benefit_checks_it(self):
        assumption = self._assume()
        self.assertEqual(assumption.owner_id, self.olga)
        self.assertEqual(assumption.status, "open")
        self._check(assumption, note="5,100 in March", review_date=NEXT)
        self.assertEqual(
            (assumption.status, assumption.checked_on, assumption.checked_by),
            ("holds", TODAY, self.olga),
        )
        self.assertEqual(assumption.review_date, NEXT)
        told = self._told(assumption.benefit_id)
        self.assertIn("5,100 in March", told)
        self.assertIn("next check by Jul 1, 2026", told)

    def test_each_check_asks_for_the_next_one(self):
        assumption = self._assume(review_date=TODAY)
        with self.assertRaisesRegex(AssertionError, "required"):
            self._check(assumption)
        for day, message in (
            (False, "Enter the next check date"),
            (TODAY, "after today"),
            (TODAY - timedelta(days=1), "after today"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                assumption._note_check("holds", day, "Counted")
        self.assertEqual(assumption.status, "open")

    def test_what_failed_says_why_and_since_when(self):
        assumption = self._assume(review_date="2026-03-31")
        with self.assertRaisesRegex(ValidationError, "evidence that it failed"):
            assumption._note_check("failed", False, " ")
        self._check(assumption, status="failed", note="3,200 in March")
        self.assertEqual(assumption.status, "failed")
        self.assertEqual(assumption.failed_on, TODAY)
        self.assertFalse(assumption.review_date)
        with freeze_time("2026-05-15"):
            self._check(assumption, status="failed", note="3,100", review_date=NEXT)
            self.assertEqual(assumption.failed_on, TODAY)
            self._check(assumption, status="holds", review_date=NEXT)
            self.assertFalse(assumption.failed_on)

    def test_only_checks_set_the_status(self):
        assumption = self._as(self.olga, self._assume())
        for name, value in (
            ("status", "holds"),
            ("checked_by", self.olga.id),
            ("check_note", "Counted"),
        ):
            with self.assertRaises(AccessError):
                assumption.write({name: value})

    def test_another_text_is_open_again(self):
        assumption = self._assume()
        self._check(assumption, review_date=NEXT)
        own = self._as(self.olga, assumption)
        own.review_date = "2026-06-01"
        self.assertEqual(assumption.status, "holds")
        own.name = "4,000 invoices  a month"
        self.assertEqual(assumption.name, "4,000 invoices a month")
        self.assertEqual(assumption.status, "open")
        self.assertFalse(assumption.checked_by)
        benefit = assumption.benefit_id
        told = self._told(benefit)
        self.assertIn("5,000 invoices a month · Olga · Jun 1, 2026 → 4,000", told)
        own.unlink()
        self.assertIn("removed: 4,000", self._told(benefit))

    def test_overdue_from_the_day_after(self):
        assumption = self._assume()
        for day, is_overdue in (
            (False, False),
            ("2026-04-14", True),
            ("2026-04-15", False),
        ):
            assumption.review_date = day
            self.assertEqual(assumption.is_overdue, is_overdue, day)

    def test_it_is_seen_and_changed_as_the_benefit_is(self):
        benefit = self._benefit(owner_id=self.zoe.id)
        assumption = self._assume(benefit)
        for user, can_read, can_write in (
            (self.zoe, True, True),
            (self.olga, True, True),
            (self.max, True, True),
            (self.sue, True, False),
        ):
            own = self._as(user, assumption)
            self.assertEqual(own.has_access("read"), can_read, user.name)
            self.assertEqual(own.has_access("write"), can_write, user.name)
            self.assertEqual(own.has_access("unlink"), can_write, user.name)
        with self.assertRaises(AccessError):
            self._check(assumption, self.sue, review_date=NEXT)
        with self.assertRaises(AccessError):
            self._as(self.sue, assumption).create(
                {"benefit_id": benefit.id, "name": "More"}
            )

    def test_its_own_owner_checks_it_and_no_more(self):
        assumption = self._assume(owner_id=self.sue.id)
        self._check(assumption, self.sue, review_date=NEXT)
        self.assertEqual(assumption.checked_by, self.sue)
        with self.assertRaises(AccessError):
            self._as(self.sue, assumption).unlink()
        other = self._benefit(assumption.initiative_id)
        with self.assertRaises(AccessError):
            self._as(self.sue, assumption).benefit_id = other

    def test_its_owner_sees_the_benefit_and_works_here(self):
        assumption = self._assume()
        far = self._make_far().owner_id
        for user, message in (
            (self.zoe, "cannot see the benefit"),
            (far, "has no access to"),
            (self.env.ref("base.public_user"), "is not an active internal user"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                assumption.owner_id = user
        elsewhere = self._benefit(self._make(sponsor_id=False))
        assumption.owner_id = self.sue
        with self.assertRaisesRegex(ValidationError, "Sue cannot see"):
            with self.cr.savepoint():
                assumption.benefit_id.initiative_id = elsewhere.initiative_id

    def test_who_follows_on_the_benefit_follows_on_its_assumptions(self):
        benefit = self._benefit()
        own, other = self._assume(benefit), self._assume(benefit, owner_id=self.sue.id)
        self._as(self.olga, benefit).owner_id = self.zoe
        self.assertEqual((own.owner_id, other.owner_id), (self.zoe, self.sue))

    def test_who_does_not_see_the_kpi_does_not_see_what_is_assumed(self):
        kpi = self._kpi("Secret hours")
        kpi.shared_user_ids = False
        initiative = self._make()
        baseline = self._baseline(kpi, initiative, unit_value=100)
        benefit = self._benefit(initiative)
        assumption = self._assume(benefit)
        self.assertTrue(self._as(self.sue, assumption).has_access("read"))
        benefit.baseline_id = baseline
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self._as(self.sue, assumption).has_access("read"))
        # Even as its owner.
        self.env.cr.execute(
            "UPDATE kpi_benefit_assumption SET owner_id = %s", [self.sue.id]
        )
        self.env.invalidate_all()
        for operation in ("read", "write", "unlink"):
            own = self._as(self.sue, assumption)
            self.assertFalse(own.has_access(operation), operation)

    def test_copies_assume_the_same_unchecked(self):
        assumption = self._assume(review_date=NEXT)
        self._check(assumption, review_date=NEXT)
        copied = assumption.benefit_id.copy().assumption_ids
        self.assertEqual(copied.name, assumption.name)
        self.assertEqual((copied.review_date, copied.status), (NEXT, "open"))
        self.assertFalse(copied.checked_by)

    def test_it_goes_with_a_draft(self):
        assumption = self._assume()
        self._as(self.olga, assumption.benefit_id).unlink()
        self.assertFalse(assumption.exists())

    def test_as_one_text_and_day(self):
        benefit = self._as(
            self.olga,
            self._benefit(
                assumptions="Prices stay\n\n  5,000 invoices\ta month",
                assumption_review_date="2026-06-30",
            ),
        )
        benefit.invalidate_recordset()  # what was given
        prices, invoices = benefit.assumption_ids
        self.assertEqual(invoices.name, "5,000 invoices a month")
        self.assertEqual(prices.review_date, date(2026, 6, 30))
        self.assertEqual(benefit.assumptions, "Prices stay\n5,000 invoices a month")
        prices._note_check("holds", NEXT, "Price list")
        self.assertEqual(benefit.assumption_review_date, date(2026, 6, 30))
        # The same again changes nothing.
        benefit.write(
            {
                "assumptions": benefit.assumptions,
                "assumption_review_date": benefit.assumption_review_date,
            }
        )
        self.assertEqual(prices.review_date, NEXT)
        benefit.assumptions = "Prices stay\nTwo people"
        self.assertFalse(invoices.exists())
        self.assertEqual(prices.status, "holds")
        self.assertEqual(benefit.assumption_ids[1].review_date, date(2026, 6, 30))
        benefit.assumption_review_date = "2026-09-01"
        self.assertEqual(
            set(benefit.assumption_ids.mapped("review_date")), {date(2026, 9, 1)}
        )
        benefit.assumptions = False
        self.assertFalse(benefit.assumption_ids)
        self.assertIs(benefit.assumption_review_date, False)

    def test_as_text_only_who_may_change_the_benefit(self):
        benefit = self._benefit(assumptions="Prices stay")
        with self.assertRaises(AccessError):
            self._as(self.sue, benefit).assumptions = "Nothing"
        self.assertEqual(benefit.assumptions, "Prices stay")

    def test_an_assumption_says_something(self):
        with self.assertRaisesRegex(ValidationError, "enter text"):
            self._assume(name=" \n ")
        with self.assertRaisesRegex(ValidationError, "out of range"):
            self._assume(review_date="0001-01-01")

    def _due(self, user):
        # As the overview counts them.
        home = self._as(user, self.env["kpi.home"])
        items = [one for one in home.get_needs() if one["kind"] == "assumption"]
        return items[0]["count"] if items else 0

    def test_the_overview_reminds_its_owner(self):
        assumption = self._assume(review_date=TODAY)
        self.assertEqual(self._due(self.olga), 1)
        self.assertEqual(self._due(self.pia), 0, "sees it, but it is not theirs")
        assumption.review_date = TODAY + timedelta(days=1)
        self.assertEqual(self._due(self.olga), 0)
        assumption.review_date = "2026-01-31"
        benefit = assumption.benefit_id
        for record, values in (
            (benefit, {"active": False}),
            (benefit, {"status": "realized", "evidence": "Ledger"}),
            (benefit.initiative_id, {"status": "closed"}),
            (benefit.initiative_id, {"active": False}),
        ):
            with self.subTest(values), self.cr.savepoint() as savepoint:
                record.write(values)
                self.assertEqual(self._due(self.olga), 0)
                self.env.flush_all()
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(self._due(self.olga), 1)

    def test_who_owns_a_benefit_only_is_reminded_as_well(self):
        self._assume(self._benefit(owner_id=self.zoe.id), review_date=TODAY)
        self.assertEqual(self._due(self.zoe), 1)

    def test_of_another_company_it_is_not_there(self):
        far = self._make_far()
        assumption = self._assume(self._benefit(far))
        for user in (self.olga, self.pia):
            with self.assertRaises(AccessError):
                self._as(user, assumption).read(["name"])
        near = self._assume()
        with self.assertRaises(UserError):
            self._as(self.pia, near).benefit_id = assumption.benefit_id

    def test_rows_and_benefit_are_saved_together(self):
        benefit = self._as(self.olga, self._benefit())
        with Form(benefit) as form, form.assumption_ids.new() as row:
            row.name = "Two people"
            row.review_date = NEXT
        self.assertEqual(benefit.assumption_ids.owner_id, self.olga)
        benefit.assumption_ids = [Command.clear()]
        self.assertIn("removed: Two people", self._told(benefit))
