from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...engine.message import to_html
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
        body = to_html(message._compose())
        self.assertNotIn("<img src=x", body)
        self.assertIn("&lt;img src=x", body)
