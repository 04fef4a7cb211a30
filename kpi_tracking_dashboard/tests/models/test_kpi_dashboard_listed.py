from odoo.tests import tagged

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestKpiDashboardListed(DashboardCase):
    """Dashboards of which somebody may see nothing are not named to them."""

    def _listed(self, user, dashboards):
        self.env.invalidate_all()  # as another request
        own = self._as(user, dashboards)
        found = own.search([("id", "in", dashboards.ids), ("is_listed", "=", True)])
        self.assertEqual(found, own.filtered("is_listed"))
        return found.with_env(dashboards.env)

    def test_who_sees_nothing_of_a_dashboard_does_not_find_it(self):
        text = {"kind": "text", "text": "Read me"}
        closed = self._dashboard(self._tile("card", self.revenue), text)
        words = self._dashboard(text)
        view = self._dashboard({"kind": "view", "view_model": "res.partner"})
        keys = self._dashboard({"kind": "view", "view_model": "ir.config_parameter"})
        all_of_them = closed | words | view | keys
        self.assertEqual(self._listed(self.user, all_of_them), words | view)
        self.assertEqual(self._listed(self.officer, all_of_them), all_of_them)
        self.revenue.shared_user_ids = self.user
        self.assertEqual(self._listed(self.user, all_of_them), closed | words | view)

    def test_whose_scopes_are_asked_for(self):
        own = self._track(self.revenue.definition_id, self.user)
        each = self._tile("line", self.revenue, scope_mode="each")
        boards = {
            "filter": self._dashboard(self._tile("card", self.revenue)),
            "people": self._dashboard({**each, "scope_type": "user"}),
            "departments": self._dashboard({**each, "scope_type": "department"}),
            "fixed": self._dashboard(
                self._tile("card", scope_mode="fixed", report_ids=own.ids)
            ),
        }
        everything = self.env["kpi.dashboard"].union(*boards.values())
        found = self._listed(self.user, everything)
        self.assertEqual(found, everything - boards["departments"])

    def test_the_tiles_are_counted_that_whoever_looks_sees(self):
        both = (self.revenue, self.complaints)
        self.revenue.shared_user_ids = self.user
        board = self._dashboard(
            {"kind": "text", "text": "Read me"},
            {"kind": "view", "view_model": "ir.config_parameter"},
            self._tile("card", self.revenue),
            self._tile("card", self.complaints),
            self._tile("line", *both),
            self._tile("scatter", *both),
        )
        for user, count in ((self.user, 3), (self.officer, 5)):
            shown = self._data(board, user)["tiles"]
            self.env.invalidate_all()
            counted = self._as(user, board).tile_count
            self.assertEqual((counted, len(shown)), (count, count))

    def test_it_is_neither_shown_first_nor_in_the_menu(self):
        closed = self._dashboard(
            self._tile("card", self.revenue),
            is_default=True,
            sequence=-9,
            has_menu=True,
        )
        menus = self.env["ir.ui.menu"]
        for users, is_shown in (
            (self.env["res.users"], False),
            (self.user, True),
            (self.env["res.users"], False),
        ):
            self.revenue.shared_user_ids = users
            first = self._as(self.user, closed).get_default()
            self.assertEqual(first == closed.id, is_shown)
            shown = self._as(self.user, menus).load_web_menus(False)
            self.assertEqual(closed.menu_id.id in shown, is_shown)
            parent = shown[closed.menu_id.parent_id.id]
            self.assertEqual(closed.menu_id.id in parent["children"], is_shown)
