import runpy

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.modules.module import get_module_path
from odoo.tests import Form, tagged

from odoo.addons.kpi_base.roles import USER

from .dashboard_access_case import DashboardAccessCase


@tagged("post_install", "-at_install")
class TestKpiDashboardSharing(DashboardAccessCase):
    """Employees share with their own company, officers with all companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everyone = cls.env.ref("base.group_user")

    def _board(self, who="user", **values):
        """A new dashboard that somebody makes."""
        boards = self.as_user(who, "kpi.dashboard")
        return boards.create({"name": "Sharing", **values})

    def _can_read(self, who, board):
        boards = self.as_user(who, "kpi.dashboard")
        return board.id in boards.search([("name", "=", "Sharing")]).ids

    def test_employee_shares_with_a_group_of_the_own_company(self):
        for how in ("create", "write", "form"):
            with self.subTest(how=how):
                if how == "create":
                    board = self._board(group_ids=self.everyone.ids)
                elif how == "write":
                    board = self._board()
                    self.assertFalse(board.company_id)
                    board.group_ids = [Command.link(self.everyone.id)]
                else:
                    with Form(self.as_user("user", "kpi.dashboard")) as form:
                        form.name = "Sharing"
                        form.group_ids.add(self.everyone)
                    board = form.record
                self.assertEqual(board.company_id, self.a)
                self.assertTrue(self._can_read("sam", board))
                self.assertFalse(self._can_read("user_b", board))

    def test_employee_shares_with_people_of_the_own_company(self):
        board = self._board(user_ids=self.users["sam"].ids)
        self.assertTrue(self._can_read("sam", board))
        stranger = [Command.link(self.users["user_b"].id)]
        self.assert_refused(lambda: board.write({"user_ids": stranger}), UserError)
        self.assert_refused(lambda: self._board(user_ids=stranger), UserError)

    def test_employee_shares_with_departments_of_the_own_company(self):
        common = self.env["hr.department"].create(
            {"name": "Everywhere", "company_id": False}
        )
        self.employee["user_b"].department_id = common
        board = self._board(department_ids=(self.south | common).ids)
        self.assertTrue(self._can_read("sam", board))
        self.assertFalse(self._can_read("user_b", board))
        other = [Command.link(self.retail.id)]
        self.assert_refused(lambda: board.write({"department_ids": other}), UserError)

    def test_employee_does_not_share_with_all_companies(self):
        board = self._board(group_ids=self.everyone.ids)
        for values in (
            {"company_id": False},
            {"company_id": False, "group_ids": [Command.link(self.everyone.id)]},
        ):
            with self.subTest(values=values):
                self.assert_refused(lambda v=values: board.write(v), AccessError)
        self.assert_refused(
            lambda: self._board(company_id=False, group_ids=self.everyone.ids),
            AccessError,
        )

    def test_officer_shares_with_all_companies(self):
        board = self._board("officer_ab", group_ids=self.env.ref(USER).ids)
        self.assertFalse(board.company_id)
        self.assertTrue(self._can_read("user_b", board))
        board.user_ids = self.users["user_b"]
        self.assertFalse(board.company_id)

    def test_employee_changes_what_is_shared_with_all_companies(self):
        """What an officer shared stays so until its owner shares it with others."""
        board = self._board("officer_ab", group_ids=self.env.ref(USER).ids)
        board.sudo().owner_id = self.users["user"]
        own = self.as_user("user", "kpi.dashboard").browse(board.id)
        own.name = "Sharing"
        self.assertFalse(own.company_id)
        self.assertTrue(self._can_read("user_b", board))
        own.user_ids = [Command.link(self.users["sam"].id)]
        self.assertEqual(own.company_id, self.a)

    def test_a_draft_follows(self):
        board = self._board(group_ids=[])
        draft = board.browse(board.start_draft())
        board.group_ids = self.everyone
        self.assertEqual(draft.company_id, board.company_id)

    def test_former_shares_with_groups_get_the_owner_s_company(self):
        former, of_officer, people = (
            self.env["kpi.dashboard"].create(
                {
                    "name": "Sharing",
                    "owner_id": self.users[who].id,
                    "group_ids": self.everyone.ids if groups else [],
                    "user_ids": self.users["sam"].ids,
                }
            )
            for who, groups in (("user", 1), ("officer_ab", 1), ("user", 0))
        )
        path = get_module_path("kpi_tracking_dashboard") + "/migrations/19.0.1.1.0"
        script = runpy.run_path(f"{path}/post-sharing.py")
        script["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(former.company_id, self.a)
        self.assertFalse(of_officer.company_id)
        self.assertFalse(people.company_id)
