from odoo import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import some_of
from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .collaboration_access_case import CollaborationAccessCase
from .collaboration_access_oracle import DIALOGS, ORACLE

NEW_VALUES = {
    "kpi.action.item": {"status": "in_progress"},
    "kpi.discussion": {"decision": "New"},
    "kpi.performance.coaching": {"manager_feedback": "New"},
    "kpi.performance.coaching.action": {"description": "New"},
    "kpi.review.meeting": {"minutes": "New"},
    "kpi.review.meeting.line": {"note": "New"},
}


@tagged("post_install", "-at_install")
class TestKpiCollaborationAccessMatrix(AccessMatrixMixin, CollaborationAccessCase):
    """Who may do what with discussions, actions and meetings."""

    addon = "kpi_tracking_collaboration"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kpi = {"report_id": cls.report["uma"].id}
        cls.new_values = {**NEW_VALUES, "kpi.performance.coaching.line": kpi}

    def _list_created(self, own, allowed, keys):
        """Every key that is refused, and one that is allowed: creating mails people."""
        done = [key for key in keys if key in allowed]
        name = f"{own.env.user.login} {own._name}"
        some = some_of(done, name, share=len(done))
        return [key for key in keys if key in some or key not in allowed]

    def test_a_coach_who_left_the_company_sees_nothing_of_it(self):
        coaching = self.records["kpi.performance.coaching"]["b"]
        bea = self.users["user_b"]
        self.assertTrue(coaching.with_user(bea).has_access("read"))
        bea.write({"company_id": self.a.id, "company_ids": [Command.set(self.a.ids)]})
        own = self.as_user("user_b", coaching._name)
        self.assertFalse(own.browse(coaching.id).has_access("read"))
        self.assertFalse(own.search([("id", "=", coaching.id)]))
