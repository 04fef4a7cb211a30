from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestKpiDashboardEditing(DashboardCase):
    """Who sees and arranges dashboards, several people at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls._dashboard(
            cls._tile("card", cls.revenue), cls._tile("line", cls.revenue)
        )
        cls.dashboard.group_ids = False
        cls.tiles = cls.dashboard.tile_ids

    def _sees(self, user):
        self.env.invalidate_all()  # as another request
        return self._as(user, self.dashboard).has_access("read")

    def test_shares_are_asked_for_at_each_call(self):
        manager_group = self.env.ref("kpi_base.kpi_base_group_manager")
        for name, value, seen_by in (
            ("user_ids", self.user, {self.user}),
            ("group_ids", manager_group, {self.manager}),
            ("department_ids", self.east, {self.user, self.manager}),
            ("department_ids", self.sales, {self.user, self.manager}),
        ):
            with self.subTest(share=name):
                for user in (self.user, self.manager):
                    self.assertFalse(self._sees(user))
                self.dashboard[name] = value
                for user in (self.user, self.manager):
                    self.assertEqual(self._sees(user), user in seen_by)
                    found = self._as(user, self.env["kpi.dashboard"]).search([])
                    self.assertEqual(self.dashboard in found, user in seen_by)
                    tiles = self._as(user, self.env["kpi.dashboard.tile"]).search([])
                    self.assertEqual(self.tiles <= tiles, user in seen_by)
                self.dashboard[name] = False

    def test_who_leaves_a_department_sees_it_no_more(self):
        self.dashboard.department_ids = self.east
        self.assertTrue(self._sees(self.user))
        self.employee.department_id = self._create_department("West")
        self.assertFalse(self._sees(self.user))
        self.assertTrue(self._sees(self.manager))
        self.boss.active = False
        self.assertFalse(self._sees(self.manager))

    def test_a_stranger_is_told_nothing(self):
        own = self._as(self.user, self.dashboard)
        for call in (own.data, own.count_view, lambda: own.save_layout(1, [])):
            with self.assertRaises(AccessError):
                call()

    def test_readers_do_not_arrange(self):
        self.dashboard.user_ids = self.user
        own = self._as(self.user, self.dashboard)
        self.assertFalse(own.data()["dashboard"]["is_editable"])
        with self.assertRaises(AccessError):
            own.save_layout(own.revision, [])
        with self.assertRaises(AccessError):
            own.tile_ids[0].span = 6
        with self.assertRaises(AccessError):
            own.write({"name": "Mine"})

    def test_what_is_editable_is_what_may_be_written(self):
        self.dashboard.user_ids = self.user | self.manager
        for user in (self.user, self.manager, self.officer):
            own = self._as(user, self.dashboard)
            said = own.data()["dashboard"]["is_editable"]
            self.assertEqual(said, own.has_access("write"))

    def test_each_change_is_a_new_revision(self):
        known = self.dashboard.revision
        for change in (
            lambda: self.dashboard.write({"name": "Other"}),
            lambda: self.tiles[0].write({"span": 6}),
            lambda: self.tiles[0].copy(),
            lambda: self.tiles[1].unlink(),
        ):
            change()
            self.assertGreater(self.dashboard.revision, known)
            known = self.dashboard.revision

    def test_a_layout_is_kept(self):
        own = self._as(self.officer, self.dashboard)
        first, second = self.tiles
        revision = own.save_layout(
            own.revision,
            [
                {"id": second.id, "sequence": 1},
                {"id": first.id, "sequence": 2, "span": 9},
            ],
        )
        self.assertEqual(own.tile_ids.sorted(), second | first)
        self.assertEqual(first.span, 9)
        self.assertEqual(revision, self.dashboard.revision)

    def test_who_comes_late_is_told_who_was_faster(self):
        own = self._as(self.officer, self.dashboard)
        known = own.revision
        other = self._create_user("Olga", groups="kpi_base.kpi_base_group_officer")
        self._as(other, self.dashboard).save_layout(
            known, [{"id": self.tiles[0].id, "span": 5}]
        )
        with self.assertRaisesRegex(UserError, "Olga changed Board on"):
            own.save_layout(known, [{"id": self.tiles[0].id, "span": 7}])
        self.assertEqual(self.tiles[0].span, 5)

    def test_a_malformed_layout_changes_nothing(self):
        own = self._as(self.officer, self.dashboard)
        tile = self.tiles[0]
        for rows in (
            "all",
            [tile.id],
            [{"id": tile.id, "span": "6"}],
            [{"id": tile.id, "name": "x"}],
            [{"span": 6}],
            [{"id": 2**31 - 1, "span": 6}],
        ):
            with self.subTest(rows=rows), self.assertRaises(UserError):
                own.save_layout(own.revision, rows)
        self.assertEqual(tile.span, 3)

    def test_a_dashboard_has_so_many_tiles(self):
        board = self._dashboard(*[self._tile("text", text="<p>a</p>")] * 3)
        limited = (
            "odoo.addons.kpi_tracking_dashboard.models.tile.kpi_dashboard_tile",
            "odoo.addons.kpi_tracking_dashboard.models.dashboard.kpi_dashboard_options",
        )
        with (
            patch(f"{limited[0]}.MAX_TILES", 3),
            patch(f"{limited[1]}.MAX_TILES", 3),
        ):
            with self.assertRaisesRegex(ValidationError, "4 tiles; the maximum is 3"):
                board.tile_ids[0].copy()
            with self.assertRaisesRegex(UserError, "at most 3 tiles"):
                board._check_new_tiles([{"kind": "text"}] * 4)

    def test_tiles_move_between_dashboards_of_ones_own(self):
        target = self._dashboard(name="Other", group_ids=[])
        own = self._as(self.officer, self.tiles[0])
        own.move_to(target.id)
        self.assertEqual(target.tile_ids, self.tiles[0])
        mine = self._as(self.user, self.env["kpi.dashboard"]).create({"name": "Mine"})
        self.dashboard.user_ids = self.user
        with self.assertRaises(AccessError):
            self._as(self.user, self.tiles[1]).move_to(mine.id)
        with self.assertRaises(UserError):
            own.move_to(2**31 - 1)

    def test_a_reader_makes_a_copy_of_their_own(self):
        self.dashboard.user_ids = self.user
        self.tiles[0].report_ids = self.revenue
        copy = self._as(self.user, self.dashboard).copy()
        self.assertEqual(copy.owner_id, self.user)
        self.assertEqual(len(copy.tile_ids), 2)
        self.assertFalse(copy.user_ids or copy.group_ids)
        # A KPI that they do not see is not handed on.
        self.assertFalse(copy.sudo().tile_ids.report_ids)

    def test_favourites_are_personal(self):
        self.dashboard.user_ids = self.user
        own = self._as(self.user, self.dashboard)
        own.is_favorite = True
        own.invalidate_recordset()
        self.assertTrue(own.is_favorite)
        self.assertTrue(own.data()["dashboard"]["is_favorite"])
        self.assertFalse(self._as(self.officer, self.dashboard).is_favorite)
        own.write({"is_favorite": False})
        self.assertFalse(own.data()["dashboard"]["is_favorite"])

    def test_nobody_marks_favourites_of_others(self):
        mine = self._as(self.user, self.env["kpi.dashboard"]).create({"name": "Mine"})
        marks = [Command.link(self.officer.id)]
        with self.assertRaises(AccessError):
            mine.write({"favorite_user_ids": marks})
        with self.assertRaises(AccessError):
            mine.copy({"favorite_user_ids": marks})
        with self.assertRaises(AccessError):
            mine.read(["favorite_user_ids"])
        with self.assertRaises(AccessError):
            mine.search([("favorite_user_ids", "in", self.officer.ids)])
        mine.is_favorite = True
        of_user = self._as(self.user, self.env["kpi.dashboard"])
        self.assertEqual(of_user.search([("is_favorite", "=", True)]), mine)
        self.assertNotIn(mine, of_user.search([("is_favorite", "=", False)]))
        of_officer = self._as(self.officer, self.env["kpi.dashboard"])
        self.assertNotIn(mine, of_officer.search([("is_favorite", "=", True)]))

    def test_only_officers_say_what_others_see_first(self):
        group = self.env.ref("kpi_base.kpi_base_group_user")
        shared = {"group_ids": group.ids}
        dashboards = self._as(self.user, self.env["kpi.dashboard"])
        mine = dashboards.create({"name": "Mine", **shared})
        with self.assertRaises(AccessError):
            mine.is_default = True
        with self.assertRaises(AccessError):
            dashboards.create({"name": "First", "is_default": True, **shared})
        self._as(self.officer, mine).is_default = True
        for name, value in (("group_ids", False), ("sequence", -1)):
            with self.subTest(field=name), self.assertRaises(AccessError):
                mine[name] = value
        mine.name = "Still mine"

    def test_filters_are_personal(self):
        self.dashboard.user_ids = self.user
        filters = self.env["kpi.dashboard.filter"]
        mine = self._as(self.user, filters).create(
            {
                "name": "East",
                "dashboard_id": self.dashboard.id,
                "options": {"grain": "month"},
            }
        )
        self.assertEqual(mine.user_id, self.user)
        self.assertNotIn(mine, self._as(self.officer, filters).search([]))
        with self.assertRaises(AccessError):
            mine.user_id = self.officer

    def test_the_first_dashboard(self):
        dashboards = self.env["kpi.dashboard"]
        for everybody in dashboards.search([]):
            everybody.active = False
        group = self.env.ref("kpi_base.kpi_base_group_user")
        of_all, of_east, plain = (
            dashboards.create({"name": name, **values})
            for name, values in (
                ("All", {"is_default": True, "group_ids": group.ids}),
                ("East", {"is_default": True, "department_ids": self.east.ids}),
                ("A plain one", {"group_ids": group.ids}),
            )
        )
        own = self._as(self.user, dashboards)
        self.assertEqual(own.get_default(), of_east.id)
        of_east.active = False
        self.assertEqual(own.get_default(), of_all.id)
        self._as(self.user, plain).is_favorite = True
        self.assertEqual(own.get_default(), plain.id)
        self.assertFalse(
            self._as(
                self._create_user("stranger", groups="base.group_user"), dashboards
            )
            .sudo()
            .search([("name", "=", "nothing")])
        )

    def test_a_menu_entry_goes_with_its_dashboard(self):
        group = self.env.ref("kpi_base.kpi_base_group_manager")
        own = self._as(self.officer, self.dashboard)
        with self.assertRaises(ValidationError):
            own.has_menu = True
        own.write({"group_ids": [Command.set(group.ids)], "has_menu": True})
        menu = self.dashboard.menu_id
        action = menu.action
        self.assertEqual(menu.name, "Board")
        self.assertEqual(menu.group_ids, group)
        self.assertEqual(action.params, {"dashboard_id": self.dashboard.id})
        own.name = "Sales Board"
        self.assertEqual((menu.name, action.name), ("Sales Board", "Sales Board"))
        own.active = False
        self.assertFalse(menu.exists())
        own.active = True
        menu = self.dashboard.menu_id
        self.assertTrue(menu)
        action = menu.action
        own.unlink()
        self.assertFalse(menu.exists())
        self.assertFalse(action.exists())

    def test_only_officers_publish(self):
        group = self.env.ref("kpi_base.kpi_base_group_user")
        with self.assertRaises(AccessError):
            self._as(self.manager, self.env["kpi.dashboard"]).create(
                {"name": "Mine", "has_menu": True, "group_ids": group.ids}
            )
        mine = self._as(self.manager, self.env["kpi.dashboard"]).create(
            {"name": "Mine", "group_ids": group.ids}
        )
        with self.assertRaises(AccessError):
            mine.has_menu = True

    def test_looks_are_counted(self):
        self.dashboard.user_ids = self.user
        for _look in range(3):
            self._as(self.user, self.dashboard).count_view()
        self._as(self.officer, self.dashboard).count_view()
        self.assertEqual(self._as(self.officer, self.dashboard).view_count, 4)
        visits = self.env["kpi.dashboard.visit"].search(
            [("dashboard_id", "=", self.dashboard.id)]
        )
        self.assertEqual(sorted(visits.mapped("view_count")), [1, 3])

    def test_a_new_tile_is_a_number(self):
        tiles = self._as(self.officer, self.env["kpi.dashboard.tile"])
        with Form(tiles.with_context(default_dashboard_id=self.dashboard.id)) as form:
            form.definition_ids.add(self.revenue.definition_id)
        self.assertEqual(
            form.record.card_id,
            self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_metric"),
        )

    def test_a_note_is_its_authors(self):
        self.revenue.shared_user_ids = self.user
        notes = self.env["kpi.annotation"]
        note = self._as(self.user, notes).create(
            {
                "report_id": self.revenue.id,
                "text": "Fair",
                "user_id": self.officer.id,
            }
        )
        self.assertEqual(note.user_id, self.user)
        # Odoo stores it with activities: it does not say the text.
        self.assertIn(self.revenue.display_name, note.display_name)
        self.assertNotIn("Fair", note.display_name)
        self.assertTrue(self._as(self.manager, note).has_access("read") is False)
        self.revenue.shared_user_ids += self.manager
        self.assertTrue(self._as(self.manager, note).has_access("read"))
        self.assertFalse(self._as(self.manager, note).has_access("write"))
        with self.assertRaises(AccessError):
            self._as(self.user, notes).create(
                {"report_id": self.complaints.id, "text": "Fair"}
            )
        for values in (
            {"report_id": self.complaints.id},
            {"user_id": self.officer.id},
        ):
            with self.assertRaises(AccessError):
                note.write(values)
