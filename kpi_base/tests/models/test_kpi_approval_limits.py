from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..approval_case import ApprovalCase

MARKUP = "<img src=x onerror=alert(1)><b>No</b>"


@tagged("post_install", "-at_install")
class TestKpiApprovalLimits(ApprovalCase):
    """Workflows and comments at and beyond what is usual."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workflow.active = False

    def test_fifty_levels_are_asked_one_after_the_other(self):
        people = [self.ann, self.bo]
        self._make_workflow([("any", people[number % 2]) for number in range(50)])
        order = self._order()
        shown = order.preview_approvers()["levels"]
        # as a form that is not saved says it
        values = {"amount": order.amount, "company_id": order.company_id.id}
        self.assertEqual(order.browse().preview_approvers(values)["levels"], shown)
        for wrong in ({"amuont": 1}, {"amount": "x"}):
            with self.assertRaisesRegex(UserError, "Invalid form values"):
                order.preview_approvers(wrong)
        self.assertEqual([level["level"] for level in shown], [*range(1, 51)])
        order.action_ask_approval()
        for number in range(50):
            self.assertEqual(order.approval_state, "pending")
            self.assertEqual(self._get_people(order), people[number % 2])
            order.with_user(people[number % 2]).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_a_quorum_above_the_number_of_people_means_all_of_them(self):
        workflow = self._make_workflow([(9, self.ann | self.bo)])
        order = self._order()
        (level,) = order.preview_approvers()["levels"]
        self.assertEqual(level["needed"], 2)
        self.assertFalse(level["group"])
        order.action_ask_approval()
        order.with_user(self.ann).action_approve()
        self.assertEqual(order.approval_state, "pending")
        order.with_user(self.bo).action_approve()
        self.assertEqual(order.approval_state, "approved")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            workflow.level_ids.quorum = -1
            self.env.flush_all()

    def test_a_workflow_stays_about_a_document_type(self):
        for name in ("model", "workflow_type"):
            with self.assertRaisesRegex(ValidationError, "required"):
                self.workflow.write({name: False})

    def test_a_group_is_named_where_nobody_else_is_asked(self):
        workflow = self._make_workflow([("any", self.ann)])
        group = self.env.ref("kpi_base.kpi_base_group_user")
        approver = workflow.level_ids.approver_ids
        approver.write({"whom": "group", "group_id": group.id, "user_id": False})
        (level,) = self._order().preview_approvers()["levels"]
        self.assertEqual(level["group"], group.name)
        approver.copy({"whom": "manager", "group_id": False})
        (level,) = self._order().preview_approvers()["levels"]
        self.assertFalse(level["group"])

    def test_why_nobody_can_decide_is_said_in_words(self):
        order = self._order()
        with self.assertRaisesRegex(UserError, "Order is not waiting for approval."):
            order.action_recall()
        order.action_ask_approval()  # no workflow fits
        with self.assertRaisesRegex(UserError, "Order was approved automatically."):
            order.action_ask_approval()
        self._make_workflow([("any", self.ann)])
        other = self._asked()
        with self.assertRaisesRegex(UserError, "is already waiting for approval"):
            other.action_ask_approval()

    def test_markup_in_comments_stays_text(self):
        self._make_workflow([("any", self.ann), ("any", self.bo)])
        order = self._asked(name=MARKUP)
        order.with_user(self.ann).action_forward(self.cy.id, MARKUP)
        order.with_user(self.cy).action_reject(MARKUP)
        notes = [line["note"] for line in order.get_timeline() if line["note"]]
        self.assertEqual(notes, [MARKUP, MARKUP])
        steps = order.sudo().approval_step_ids.filtered("comment")
        self.assertEqual(set(steps.mapped("comment")), {MARKUP})

    def test_markup_in_names_stays_text_in_mails(self):
        self._make_workflow([("any", self.ann)])
        self._asked(name=MARKUP)
        (message,) = self.env["kpi.delivery"].search(
            [("user_id", "=", self.ann.id), ("renderer", "=", "kpi.approval.step")]
        )
        body = self.env["kpi.delivery"]._to_html(message._compose())
        self.assertNotIn("<img src=x", body)
        self.assertIn("&lt;img src=x", body)

    def test_owners_and_approvers_work_here(self):
        far = self.env["res.company"].create({"name": "Far"})
        bot = self.env.ref("base.user_root")
        guest = new_test_user(self.env, "approve-guest", "base.group_portal")
        workflow = self._make_workflow([("any", self.ann)])
        approver = workflow.level_ids.approver_ids
        for record, vals, reason in (
            (
                workflow,
                {"owner_id": bot.id},
                f"Owner: {bot.name} is not an active internal user",
            ),
            (
                workflow,
                {"owner_id": guest.id},
                "Owner: .* is not an active internal user",
            ),
            (workflow, {"company_id": far.id}, "Owner: .* has no access to Far"),
            (
                approver,
                {"user_id": bot.id},
                "Person: .* is not an active internal user",
            ),
            (
                approver,
                {"user_id": guest.id},
                "Person: .* is not an active internal user",
            ),
        ):
            with self.subTest(reason), self.assertRaisesRegex(ValidationError, reason):
                with self.cr.savepoint():
                    record.write(vals)
        self.olga.company_ids |= far
        workflow.company_id = far
        with self.assertRaisesRegex(ValidationError, "Person: .* has no access to"):
            approver.write({"user_id": self.bo.id})

    def test_what_a_program_makes_belongs_to_the_administrator(self):
        workflow = self.env["kpi.approval.workflow"].create(
            {"name": "Orders", "model": self.workflow.model}
        )
        self.assertEqual(workflow.owner_id, self.env.ref("base.user_admin"))

    def test_deputies_work_where_the_person_does(self):
        bot = self.env.ref("base.user_root")
        far = self.env["res.company"].create({"name": "Far"})
        stranger = new_test_user(
            self.env,
            "approve-far",
            "kpi_base.kpi_base_group_user",
            company_id=far.id,
            company_ids=[Command.set(far.ids)],
        )
        for vals, reason in (
            (
                {"delegate_id": bot.id},
                f"Deputy: {bot.name} is not an active internal user",
            ),
            ({"delegate_id": stranger.id}, "Deputy: .* has no access to"),
            ({"user_id": bot.id}, "Absent Approver: .* is not an active internal user"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(ValidationError, reason):
                with self.cr.savepoint():
                    self.env["kpi.approval.delegation"].create(
                        {
                            "user_id": self.ann.id,
                            "delegate_id": self.bo.id,
                            "date_from": "2026-01-01",
                            "date_to": "2026-01-02",
                            **vals,
                        }
                    )

    def test_nobody_makes_themselves_the_deputy_of_others(self):
        deputies = self.env["kpi.approval.delegation"].with_user(self.sam)
        vals = {"date_from": "2026-01-01", "date_to": "2026-01-02"}
        theirs = {"user_id": self.ann.id, "delegate_id": self.sam.id}
        own = deputies.create({**vals, "delegate_id": self.ann.id})
        for act in (
            lambda: deputies.create({**vals, **theirs}),
            lambda: own.write(theirs),
            lambda: own.write({"user_id": self.bo.id}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                act()
        self.assertEqual(own.user_id, self.sam)

    def test_a_filter_that_cannot_be_used_is_named_in_words(self):
        plain = "Orders, Filter: use a plain filter"
        for text, reason in (
            ("[('amount', '>',", plain),
            ("[('create_uid', '=', uid)]", plain),
            ("[('amount', 'nears', 1)]", plain),
            ("7", plain),
            ("(" * 999, plain),
            ("[('no_such', '=', 1)]", "“no_such = 1” does not apply to Order."),
            (
                "[('id', '>', 0), ('line_ids.no', '=', 1)]",
                "“line_ids.no = 1” does not apply",
            ),
        ):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, reason):
                with self.cr.savepoint():
                    self.workflow.domain = text
