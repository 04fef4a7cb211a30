from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_base.user_link import END, HAND_OVER

from .coaching_case import CoachingCase


@tagged("post_install", "-at_install")
class TestKpiCoaching(CoachingCase):
    """Who writes what in a coaching, and how it comes to be signed."""

    def _refused(self, error, function, *arguments):
        with self.assertRaises(error), self.cr.savepoint():
            function(*arguments)
            self.env.flush_all()
        self.env.invalidate_all()

    def test_from_draft_to_signed_by_both(self):
        coaching = self._coach()
        own = self._own(self.trainee, coaching)
        self.assertEqual(
            (coaching.state, coaching.next_step), ("draft", "Share with the employee")
        )
        self._refused(UserError, coaching.action_sign)
        coaching.action_share()
        self.assertTrue(coaching.shared_at)
        self.assertEqual(coaching.next_step, "Waiting for user")
        self.assertEqual(own.next_step, "Read, answer and sign")
        self.assertTrue(own.is_waiting_for_me)
        self._refused(UserError, coaching.action_share)
        own.employee_response = "Yes"
        own.action_sign()
        self.assertEqual(coaching.state, "shared")
        self.assertEqual(coaching.next_step, "Read and sign")
        self._refused(UserError, own.action_sign)
        coaching.action_sign()
        self.assertEqual(coaching.state, "signed")
        for side in (coaching, own):
            self._refused(UserError, side.action_sign)
            self._refused(UserError, side.action_share)

    def test_a_coach_who_signs_first_leaves_the_answer_open(self):
        coaching = self._share()
        coaching.action_sign()
        self._refused(UserError, coaching.write, {"manager_feedback": "Other"})
        own = self._own(self.trainee, coaching)
        own.employee_response = "Still free"
        own.action_sign()
        self.assertEqual(coaching.state, "signed")

    def test_what_the_employee_signed_the_coach_does_not_change(self):
        coaching = self._share()
        self._own(self.trainee, coaching).action_sign()
        line, action = coaching.line_ids, coaching.action_ids
        # Odoo stores it with activities: it does not say the text.
        name = f"Action for {action.assigned_to.name} ({coaching.display_name})"
        self.assertEqual(action.display_name, name)
        for change in (
            lambda: coaching.write({"manager_feedback": "Other"}),
            lambda: coaching.write({"next_review_date": "2026-04-01"}),
            lambda: line.write({"report_id": self.complaints.id}),
            lambda: action.write({"description": "Other"}),
            lambda: action.create({"coaching_id": coaching.id, "description": "New"}),
            line.unlink,
            action.unlink,
            coaching.unlink,
        ):
            self._refused(UserError, change)

    def test_a_new_one_is_named_by_its_type(self):
        coaching = self.coachings.new({"coaching_type": "mentoring_session"})
        self.assertEqual(coaching.display_name, "Mentoring Session")

    def test_an_empty_draft_is_not_shared(self):
        draft = self._coach(manager_feedback=False, development_goals=False)
        self._refused(UserError, draft.action_share)

    def test_each_writes_their_own_text_only(self):
        coaching = self._share()
        own = self._own(self.trainee, coaching)
        for name in ("manager_feedback", "development_goals"):
            for row in (own, own.sudo(), coaching.with_user(self.hr).sudo()):
                self._refused(AccessError, row.write, {name: "Forged"})
        for row in (coaching, coaching.sudo(), self.env[coaching._name].sudo()):
            row = row.browse(coaching.id)
            self._refused(AccessError, row.write, {"employee_response": "Forged"})
        own.employee_response = "Own"
        coaching.manager_feedback = "Own"
        self.assertEqual(coaching.employee_response, "Own")

    def test_a_new_one_holds_nothing_of_the_employee_or_the_engine(self):
        values = {"employee_id": self.trainee.id, "manager_feedback": "Hello"}
        forged = (
            {"employee_response": "Forged"},
            {"state": "signed"},
            {"coach_id": self.officer.id},
            {"employee_signed_at": "2026-01-01 10:00:00"},
            {"erased_at": "2026-01-01 10:00:00"},
        )
        mine = self._own(self.coach, self.coachings)
        for each in forged:
            with self.subTest(each):
                self._refused(UserError, mine.create, {**values, **each})
                ((name, value),) = each.items()
                context = {f"default_{name}": value}
                made = mine.with_context(**context)
                if name == "employee_response":
                    self._refused(AccessError, made.create, values)
                else:
                    coaching = made.create(values)
                    self.assertEqual(coaching.state, "draft")
                    self.assertEqual(coaching.coach_id, self.coach)
                    self.assertFalse(coaching.employee_signed_at or coaching.erased_at)
        for each in forged[:3]:
            self._refused(UserError, mine.sudo().create, {**values, **each})

    def test_an_import_writes_nothing_for_others(self):
        coaching = self._share()
        own = self._own(self.trainee, coaching)
        for row, name in (
            (own, "manager_feedback"),
            (coaching, "employee_response"),
            (coaching, "state"),
            (coaching, "coach_id/.id"),
        ):
            with self.subTest(name):
                value = str(self.officer.id) if "id" in name else "signed"
                data = [[str(coaching.id), value]]
                found = row.load([".id", name], data)
                self.assertFalse(found["ids"])
        names = ["employee_id/.id", "manager_feedback", "employee_response"]
        data = [[str(self.trainee.id), "Hello", "Forged"]]
        self.assertFalse(coaching.load(names, data)["ids"])
        self.assertFalse(coaching.employee_response)

    def test_no_way_around_the_steps(self):
        coaching = self._share()
        now = fields.Datetime.now()
        own = self._own(self.trainee, coaching)
        for row, values in (
            (coaching, {"state": "signed"}),
            (coaching, {"employee_signed_at": now}),
            (coaching, {"coach_signed_at": now, "employee_signed_at": now}),
            (coaching, {"coach_signed_at": now, "state": "signed"}),
            (coaching, {"coach_signed_at": False}),
            (coaching, {"state": "draft"}),
            (coaching, {"salts": {}}),
            (
                coaching,
                {"company_id": self.env["res.company"].create({"name": "X"}).id},
            ),
            (coaching, {"coach_id": self.officer.id}),
            (coaching, {"employee_id": self.officer.id}),
            (coaching, {"erased_at": now, "manager_feedback": False}),
            (own, {"coach_signed_at": now}),
        ):
            for each in (row, row.sudo()):
                with self.subTest(values, su=each.env.su):
                    self._refused(UserError, each.write, values)

    def test_signed_it_stays(self):
        coaching = self._sign()
        own = self._own(self.trainee, coaching)
        for row, values in (
            (coaching, {"manager_feedback": "Other"}),
            (coaching, {"next_review_date": "2026-04-01"}),
            (coaching, {"coaching_type": "skill_development"}),
            (coaching, {"line_ids": [Command.clear()]}),
            (coaching, {"action_ids": [Command.clear()]}),
            (own, {"employee_response": "Other"}),
            (own, {"employee_signed_at": False}),
            (coaching, {"state": "draft"}),
            (coaching, {"state": "shared", "coach_signed_at": False}),
        ):
            for each in (row, row.sudo()):
                with self.subTest(values, su=each.env.su):
                    self._refused(UserError, each.write, values)
        self._refused(UserError, coaching.unlink)
        self._refused(UserError, coaching.sudo().unlink)

    def test_how_far_an_action_is_goes_on(self):
        coaching = self._sign()
        action = coaching.action_ids
        self.assertEqual(action.assigned_to, self.trainee)
        self._own(self.trainee, action).status = "completed"
        action.status = "open"
        self._refused(UserError, action.write, {"status": "open", "description": "X"})
        self._refused(
            AccessError, self._own(self.head, action).write, {"status": "open"}
        )
        own = self._own(self.trainee, self.env[action._name])
        for values in ({}, {"assigned_to": self.trainee.id}):
            self._refused(
                AccessError,
                own.create,
                {"coaching_id": coaching.id, "description": "X", **values},
            )

    def test_actions_are_for_the_two(self):
        coaching = self._coach()
        action = coaching.action_ids
        action.assigned_to = self.coach
        self._refused(ValidationError, action.write, {"assigned_to": self.head.id})
        self._refused(ValidationError, action.write, {"description": " "})
        other = self._coach()
        self._refused(UserError, action.write, {"coaching_id": other.id})

    def test_the_numbers_of_then_beside_todays(self):
        line = self._coach().line_ids
        self.assertEqual((line.value, line.current_value), (90.0, 90.0))
        self.assertIn("2026", line.period_label)
        self._fill(self.revenue, {"2026-03": 40})
        self.env.invalidate_all()
        self.assertEqual((line.value, line.current_value), (90.0, 40.0))
        self._refused(AccessError, line.write, {"value": 1})
        self._refused(AccessError, line.sudo().with_user(self.hr).write, {"value": 1})

    def test_kpis_are_such_that_both_see(self):
        coaching = self._coach()
        self.complaints.owner_id = self.coach
        lines = [Command.create({"report_id": self.complaints.id})]
        with self.assertRaisesRegex(ValidationError, "user cannot see Complaints"):
            with self.cr.savepoint():
                coaching.write({"line_ids": lines})
        self.complaints.shared_user_ids = self.trainee
        coaching.write({"line_ids": lines})
        self.assertEqual(len(coaching.line_ids), 2)

    def test_people_of_a_coaching(self):
        outsider = self._create_user("outsider")  # no access to KPIs
        for person in (self.coach, outsider, self.hr):
            with self.subTest(person.name):
                self._refused(ValidationError, self._coach_other, person)

    def _coach_other(self, person):
        self._coach(employee_id=person.id, line_ids=[])

    def test_a_draft_is_deleted_by_its_coach(self):
        draft = self._coach()
        self._refused(UserError, draft.sudo().with_user(self.hr).sudo().unlink)
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_the_next_one_goes_on_from_this(self):
        coaching = self._sign()
        action = coaching.action_plan_next()
        new = self._own(self.coach, self.coachings).with_context(**action["context"])
        self.assertEqual(new.create({}).line_ids.report_id, self.revenue)

    def test_a_copy_is_a_draft_without_texts(self):
        copy = self._sign().copy()
        self.assertEqual((copy.state, copy.coach_id), ("draft", self.coach))
        texts = (copy.manager_feedback, copy.employee_response, copy.development_goals)
        self.assertFalse(any(texts) or copy.coach_signed_at or copy.sudo().salts)
        self._refused(UserError, self._own(self.trainee, self._sign()).copy)

    def test_it_ends_with_whoever_leaves(self):
        coaching = self._share()
        self.trainee.active = False
        self.assertTrue(coaching.is_over)
        self.assertEqual(coaching.next_step, "Ended, participant left")
        self._refused(UserError, coaching.write, {"manager_feedback": "Other"})
        self._refused(UserError, coaching.action_sign)
        self._refused(UserError, coaching.action_ids.write, {"status": "completed"})
        self.assertIn("Feedback", coaching.manager_feedback)
        self.trainee.active = True  # and back
        coaching.manager_feedback = "Other"

    def test_nothing_is_handed_over_and_nobody_learns_how_many(self):
        self._share()
        links = self.env["kpi.user.link"]
        for way in (HAND_OVER, END):
            models = {link.model for link in links._find_records(self.coach, way)}
            self.assertFalse([name for name in models if "coaching" in name])
        wizard = self._own(self.admin, self.env["kpi.handover"])
        made = wizard.create({"user_ids": [Command.set(self.coach.ids)]})
        self.assertFalse([x for x in made.line_ids if "coaching" in x.model])

    def test_drafts_of_who_left_are_deleted_in_time(self):
        draft = self._coach()
        shared = self._share()
        self.coach.active = False
        self.env.flush_all()
        self.coachings._gc_drafts_of_leavers()
        self.assertTrue(draft.exists())
        later = fields.Datetime.now() + timedelta(days=40)
        with self._at(later):
            self.coachings._gc_drafts_of_leavers()
        self.assertFalse(draft.exists())
        self.assertTrue(shared.exists())

    def test_its_people_stay_without_a_word_on_why(self):
        self._share()
        with self.assertRaisesRegex(UserError, "records that cannot be") as caught:
            self.trainee.unlink()
        self.assertNotIn("oaching", str(caught.exception))
