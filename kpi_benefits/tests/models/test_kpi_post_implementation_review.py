import runpy

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.modules.module import get_module_path
from odoo.tests import Form, tagged

from .review_case import ReviewCase


@tagged("post_install", "-at_install")
class TestKpiPostImplementationReview(ReviewCase):
    """A review: who writes and approves it, and that it stays as it was."""

    def test_a_review_begins_with_a_number_a_title_and_the_sponsor(self):
        review = self._review()
        self.assertRegex(review.number, r"^PIR/\d{4}/\d{4}$")
        self.assertEqual(review.title, "Review of Capture invoices")
        self.assertEqual(review.reviewer_id, self.sue)
        self.assertEqual((review.status, review.edition), ("draft", 1))

    def test_the_way_to_published(self):
        review = self._review()
        review.action_submit()
        self.assertEqual(review.status, "in_review")
        seen = self._as(self.sue, review)
        self.assertTrue(seen.can_decide)
        facts = dict(seen._get_decision_facts())
        self.assertIn("can be published", facts["If approved"])
        seen.action_approve()
        self.assertEqual(review.status, "approved")
        review.action_publish()
        self.assertEqual(review.status, "published")
        self.assertTrue(review.published_at)

    def test_publishing_asks_where_parts_are_empty(self):
        review = self._submitted(benefits_analysis=" ")
        self._as(self.sue, review).action_approve()
        names = (
            "Objectives Assessment, Benefits Analysis, Lessons Learned, and"
            " Recommendations"
        )
        self.assertEqual(review.empty_parts, names)
        action = review.action_ask_publish()
        dialogs = review.env[action["res_model"]].with_context(**action["context"])
        dialog = Form(dialogs).save()
        self.assertEqual(dialog.empty_parts, names)
        dialog.action_publish()
        self.assertEqual(review.status, "published")
        self.assertFalse(review.empty_parts)

    def test_an_update_finds_no_former_button_in_the_form(self):
        """What stands behind a button is updated after the form with the button."""
        name = "kpi_benefits.kpi_post_implementation_review_view_form"
        form, behind = self.env.ref(name), self.env.ref(f"{name}_initiative")
        former = behind.arch.replace("action_ask_publish", "action_publish")
        self.cr.execute(
            "UPDATE ir_ui_view SET arch_db = jsonb_build_object('en_US', %s::text)"
            " WHERE id = %s",
            [former, behind.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(ValidationError, "cannot be located"):
            form.arch = form.arch
        path = get_module_path("kpi_benefits") + "/migrations/19.0.1.2.0"
        script = runpy.run_path(f"{path}/pre-review-button.py")
        script["migrate"](self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        form.arch = form.arch
        self.assertIn("action_ask_publish", form.get_combined_arch())

    def test_only_empty_parts_are_named_and_the_form_marks_them(self):
        review = self._review(objectives_assessment="Met.", benefits_analysis="Faster.")
        self.assertEqual(review.empty_parts, "Lessons Learned and Recommendations")
        arch = etree.fromstring(review.get_view(view_type="form")["arch"])
        marks = [
            mark.get("invisible").rpartition(" or ")[2]
            for mark in arch.xpath("//div[text()='Empty']")
        ]
        self.assertEqual(len(marks), 5)
        self.assertEqual(
            [name for name in marks if not review[name]],
            ["lesson_ids", "recommendation_ids"],
        )

    def test_a_complete_review_has_no_empty_parts(self):
        review = self._review(
            objectives_assessment="Met.",
            benefits_analysis="Faster.",
            lesson_ids=[Command.create({"lesson": "Begin with the data."})],
            recommendation_ids=[Command.create({"description": "Go on."})],
        )
        self.assertFalse(review.empty_parts)

    def test_what_was_never_live_is_not_reviewed(self):
        review = self._submitted()
        self._as(self.sue, review).action_approve()
        self.initiative.go_live_date = False
        with self.assertRaisesRegex(UserError, "needs a go-live date"):
            review.action_publish()
        with self.assertRaisesRegex(UserError, "needs a go-live date"):
            self._submitted()
        # A programme is live with what is below it.
        self._make(name="Part", parent_id=self.initiative.id, status="live")
        review.action_publish()
        self.assertEqual(review.status, "published")

    def test_submitted_twice_is_refused(self):
        review = self._submitted()
        figures = review.figure_ids
        with self.assertRaises(UserError), self.cr.savepoint():
            review.action_submit()
        self.assertEqual(review.figure_ids, figures)

    def test_owners_review_nothing_of_theirs(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._review(reviewer_id=self.olga.id)
        self.initiative.owner_id = self.rita
        for owner in (self.olga, self.rita):  # then, and now
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._review(user=self.pia, reviewer_id=owner.id)

    def test_who_becomes_the_owner_decides_no_more(self):
        review = self._submitted()
        self.initiative.owner_id = self.sue
        parties = review._get_approval_parties()[review]
        self.assertEqual(parties, self.olga | self.sue)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.sue, review).action_approve()
        self.assertEqual(review.sudo().status, "in_review")

    def test_a_reviewer_who_sees_nothing_is_refused(self):
        review = self._review(reviewer_id=self.zoe.id)
        with self.assertRaisesRegex(UserError, "follower"), self.cr.savepoint():
            review.action_submit()
        self.initiative.message_subscribe(self.zoe.partner_id.ids)
        review.action_submit()
        self._as(self.zoe, review).action_approve()
        self.assertEqual(review.status, "approved")

    def test_nothing_is_submitted_without_summary_or_workflow(self):
        review = self._review(executive_summary=" ")
        with self.assertRaisesRegex(UserError, "summary"), self.cr.savepoint():
            review.action_submit()
        review.executive_summary = "Connection successful."
        self.env.ref("kpi_benefits.kpi_approval_workflow_review").active = False
        with self.assertRaisesRegex(UserError, "workflow"), self.cr.savepoint():
            review.action_submit()
        self.assertEqual(review.status, "draft")

    def test_sent_back_it_can_be_changed_and_submitted_again(self):
        review = self._submitted()
        self._as(self.sue, review).action_return("More on the cost.")
        self.assertEqual(review.status, "draft")
        review.executive_summary = "It works, and cost more."
        review.action_submit()
        self.assertEqual(review.status, "in_review")
        self.assertTrue(review.verify_history()["is_whole"])

    def test_withdrawn_it_is_a_draft(self):
        review = self._submitted()
        review.action_withdraw()
        self.assertEqual(review.status, "draft")
        review.title = "Another"
        self.assertTrue(review.verify_history()["is_whole"])

    def test_only_the_reviewer_decides(self):
        review = self._submitted()
        for user in (self.olga, self.max, self.pia):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(user, review).action_approve()

    def test_what_is_submitted_stays(self):
        review = self._review(
            lesson_ids=[Command.create({"lesson": "Begin with the data."})],
            recommendation_ids=[Command.create({"description": "Go on."})],
        )
        review.action_submit()
        for status in ("in_review", "approved", "published"):
            if status == "approved":
                self._as(self.sue, review).action_approve()
            if status == "published":
                review.action_publish()
            self.assertEqual(review.status, status)
            own = review.sudo()
            for change in (
                lambda own=own: own.write({"executive_summary": "Other"}),
                lambda own=own: own.write({"review_date": "2026-01-01"}),
                lambda own=own: own.lesson_ids.write({"lesson": "Other"}),
                lambda own=own: own.lesson_ids.unlink(),
                lambda own=own: own.write({"lesson_ids": [Command.clear()]}),
                lambda own=own: own.recommendation_ids.write({"description": "x"}),
                lambda own=own: own.lesson_ids.create(
                    {"review_id": own.id, "lesson": "Another"}
                ),
                lambda own=own: own.figure_ids.with_user(self.pia).unlink(),
                lambda own=own: own.unlink(),
            ):
                with self.assertRaises(UserError), self.cr.savepoint():
                    change()
        self.assertEqual(review.executive_summary, "Connection successful.")

    def test_a_new_edition_has_the_texts_and_is_made_once(self):
        first = self._published(
            lesson_ids=[Command.create({"lesson": "Begin with the data."})]
        )
        action = first.action_new_edition()
        second = first.browse(action["res_id"])
        self.assertEqual(
            (second.edition, second.number, second.executive_summary),
            (2, first.number, "Connection successful."),
        )
        self.assertEqual(second.lesson_ids.lesson, "Begin with the data.")
        with self.assertRaises(UserError), self.cr.savepoint():
            first.action_new_edition()
        second.action_submit()
        self._as(self.sue, second).action_approve()
        self.assertTrue(first.lesson_ids.is_offered)
        second.action_publish()
        self.assertFalse(first.lesson_ids.is_offered)
        self.assertTrue(second.lesson_ids.is_offered)
        self.assertTrue(first.verify_history()["is_whole"])

    def test_drafts_go_with_their_initiative_and_others_stop_it(self):
        review = self._review()
        self.benefit.period_ids.realized = False
        with self.cr.savepoint():
            review.action_submit()
            with self.assertRaisesRegex(UserError, "Archive"), self.cr.savepoint():
                self.initiative.unlink()
            with self.assertRaisesRegex(UserError, "Archive"), self.cr.savepoint():
                self.benefit.unlink()
        draft = self._make(name="Other")
        mine = self.env[review._name].create({"initiative_id": draft.id})
        messages = [("model", "=", mine._name), ("res_id", "=", mine.id)]
        draft.unlink()
        self.assertFalse(mine.exists())
        self.assertFalse(self.env["mail.message"].search(messages))

    def test_a_review_stays_with_its_initiative(self):
        review = self._review()
        with self.assertRaises(UserError), self.cr.savepoint():
            review.initiative_id = self._make(name="Other")

    def test_readers_read_and_others_of_the_company_do_not(self):
        review = self._review()
        for user in (self.sue, self.max, self.pia):
            self.assertTrue(self._as(user, review).has_access("read"))
        for user in (self.zoe, self.rita):
            self.assertFalse(self._as(user, review).has_access("read"))
        self.assertFalse(self._as(self.sue, review).has_access("write"))

    def test_no_review_of_an_initiative_that_one_may_not_change(self):
        for user in (self.zoe, self.sue):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._review(user=user)

    def test_a_review_is_in_the_company_of_its_initiative(self):
        far = self._make_far()
        review = self.env["kpi.post.implementation.review"].create(
            {"initiative_id": far.id}
        )
        self.assertEqual(review.company_id, far.company_id)
        self.assertFalse(self._as(self.pia, review).has_access("read"))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            review.reviewer_id = self.sue

    def test_a_recommendation_becomes_an_action_once(self):
        definition = self.env["kpi.definition"].create(
            {"name": "Hours", "company_id": self.company.id}
        )
        report = self.env["kpi.report"].create(
            {
                "definition_id": definition.id,
                "company_id": self.company.id,
                "user_id": self.olga.id,
            }
        )
        review = self._published(
            recommendation_ids=[Command.create({"description": "Train everybody."})]
        )
        advice = review.recommendation_ids
        # Odoo stores it with activities: it does not say the text.
        name = f"Recommendation of {review.display_name}"
        self.assertEqual(advice.display_name, name)
        with self.assertRaisesRegex(UserError, "KPI"), self.cr.savepoint():
            advice.action_create_action()
        self._as(self.olga, advice).report_id = report
        advice.action_create_action()
        self.assertEqual(advice.action_id.description, "Train everybody.")
        self.assertEqual(advice.action_id.report_id, report)
        with self.assertRaises(UserError), self.cr.savepoint():
            advice.action_create_action()
