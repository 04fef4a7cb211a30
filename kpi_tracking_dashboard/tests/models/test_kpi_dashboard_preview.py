from ast import literal_eval

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .dashboard_case import NOW, DashboardCase


@tagged("post_install", "-at_install")
class TestKpiDashboardDrafts(DashboardCase):
    """Tiles that somebody is about to add: shown, and stored with the arrangement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls._dashboard(
            cls._tile("line", cls.revenue), owner_id=cls.officer.id
        )

    def _preview(self, user=None, **values):
        own = self._as(user or self.officer, self.dashboard)
        with self._at(NOW):
            return own.preview(values)

    def test_a_preview_is_what_the_tile_will_be(self):
        for values in (
            self._tile("card", self.revenue),
            self._tile("line", self.revenue, periods=6, span=6),
            self._tile("gauge", self.revenue, name="Mine"),
            {"kind": "text", "text": "<p>Read <b>me</b></p>"},
        ):
            tile = self._preview(**values)["tile"]
            (stored,) = self._shown(values)
            self.assertEqual({**tile, "id": stored["id"]}, stored)

    def test_nothing_is_stored_before_the_arrangement_is(self):
        values = self._tile("card", self.revenue)
        self._preview(**values)
        self.assertEqual(len(self.dashboard.tile_ids), 1)
        own = self._as(self.officer, self.dashboard)
        rows = [{"id": own.tile_ids.id, "sequence": 20}]
        own.save_layout(own.revision, rows, [{**values, "sequence": 10}])
        self.env.invalidate_all()
        self.assertEqual(own.tile_ids.mapped("kind"), ["card", "line"])

    def test_all_or_nothing_is_stored(self):
        own = self._as(self.officer, self.dashboard)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            own.save_layout(own.revision, [], [{"kind": "view", "view_model": "no"}])
        with self.assertRaisesRegex(UserError, "Invalid new tiles"):
            own.save_layout(own.revision, [], [{"dashboard_id": 1}])
        with self.assertRaisesRegex(UserError, "Invalid new tiles"):
            own.save_layout(own.revision, [], "no list")

    def test_only_who_arranges_the_dashboard_sees_previews(self):
        with self.assertRaises(AccessError):
            self._preview(self.user, **self._tile("card", self.revenue))

    def test_a_title_is_suggested(self):
        self._track(self.revenue.definition_id, self.east)
        each = {"scope_mode": "each", "scope_type": "department"}
        answer = self._preview(**self._tile("line", self.revenue, **each))
        self.assertEqual(answer["title"], "Revenue by department")
        self.assertEqual(answer["tile"]["title"], "Revenue by department")
        answer = self._preview(**self._tile("line", self.revenue))
        self.assertEqual(answer["title"], "Revenue")

    def test_only_kpis_that_one_sees_are_offered(self):
        """Tracked for somebody whose KPIs one may see, not for others or nobody."""
        self._track(self.revenue.definition_id, self.east)
        kpis = self._as(self.manager, self.env["kpi.definition"])
        self.assertIn(self.complaints.definition_id, kpis.search([]))
        views = self._as(self.manager, self.env["kpi.dashboard.tile"])
        for name in ("arrange", ""):
            suffix = f"_{name}" if name else ""
            view = self.env.ref(
                f"kpi_tracking_dashboard.kpi_dashboard_tile_view_form{suffix}"
            )
            arch = etree.fromstring(views.get_view(view.id)["arch"])
            (field,) = arch.xpath("//field[@name='definition_ids']")
            offered = kpis.name_search("", literal_eval(field.get("domain")))
            self.assertEqual([name for _id, name in offered], ["Revenue"])

    def test_a_preview_is_of_those_whom_the_dashboard_shows(self):
        """As the tile will be beside the others: not for somebody else."""
        for kpi, scope in ((self.revenue, self.sales), (self.complaints, self.east)):
            report = self._track(kpi.definition_id, scope)
            self._fill(report, {"2026-02": 5})
        self.dashboard.owner_id = self.manager
        card = self._tile("card", self.complaints)
        tile = self._preview(self.manager, **card)["tile"]
        self.assertEqual(tile["state"], "unavailable")
        self.assertIn("This KPI is not tracked for Sales.", tile["message"])
        self.dashboard.tile_ids = [Command.create({**card, "sequence": 20})]
        answer = self._data(self.dashboard, self.manager)
        self.assertEqual([tile["kind"] for tile in answer["tiles"]], ["line"])
        said = answer["left_out"]["message"]
        self.assertEqual(said, "1 tile has no data for Sales.")

    def test_a_new_tile_has_the_usual_size_unless_another_is_given(self):
        tiles = self.env["kpi.dashboard.tile"].with_context(
            default_dashboard_id=self.dashboard.id
        )
        form = Form(tiles)
        for kind, size in (("gauge", (3, 2)), ("line", (6, 2)), ("text", (12, 1))):
            form.kind = kind
            self.assertEqual((form.span, form.height), size)
        given = {"default_kind": "view", "default_span": 6, "default_height": 3}
        form = Form(tiles.with_context(**given))
        self.assertEqual((form.span, form.height), (6, 3))

    def test_texts_of_a_preview_hold_no_script(self):
        text = "<p>Hi</p><script>alert(1)</script>"
        self.assertNotIn(
            "script", self._preview(kind="text", text=text)["tile"]["html"]
        )

    def test_what_cannot_be_shown_says_why(self):
        tile = self._preview(kind="line", definition_ids=[Command.set([])])["tile"]
        self.assertEqual(tile["state"], "error")
        self.assertIn("Choose KPIs for this tile", tile["message"])
