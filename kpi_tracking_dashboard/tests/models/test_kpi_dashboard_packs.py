import base64
import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .dashboard_case import DashboardCase


@tagged("post_install", "-at_install")
class TestKpiDashboardPacks(DashboardCase):
    """Dashboards as files, and those that are ready to be installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packs = cls.env["kpi.pack"].with_company(cls.company)

    def _document(self, dashboard):
        definitions = dashboard._definitions()
        return self.packs._read(self.packs._build_pack_text(definitions, "Board"))

    def _import(self, document):
        found = self.packs._import(document, self.company)
        return found["dashboards"]

    def test_a_dashboard_comes_back_as_it_was(self):
        dashboard = self._dashboard(
            self._tile("line", self.complaints, self.revenue, periods=6, span=8),
            self._tile("gauge", scope_mode="fixed", report_ids=self.revenue.ids),
            {"kind": "text", "text": "<p>Read this</p>", "span": 12},
            self._tile("card", self.revenue, scope_mode="each", scope_type="team"),
            {"kind": "view", "view_model": "res.partner", "view_type": "kanban"},
            icon="fa-line-chart",
            default_grain="month",
        )
        document = self._document(dashboard)
        (entry,) = document["dashboards"]
        dashboard.unlink()
        imported = self._import({"dashboards": [entry]})
        section = self.env["kpi.pack.dashboards"]
        self.assertEqual(section._entry_of(imported), entry)
        shown = imported.tile_ids.sorted()
        self.assertEqual(
            shown.mapped("kind"), ["line", "gauge", "text", "card", "view"]
        )
        names = shown[0]._get_ordered_definitions().mapped("name")
        self.assertEqual(names, ["Complaints", "Revenue"])
        self.assertEqual(shown[1].report_ids, self.revenue)
        self.assertEqual(imported.default_grain, "month")

    def test_an_equal_dashboard_is_left_alone(self):
        dashboard = self._dashboard(self._tile("line", self.revenue))
        document = self._document(dashboard)
        known = dashboard.revision
        (item,) = self.packs._preview(
            {"dashboards": document["dashboards"]}, self.company
        )
        self.assertEqual((item.state, item.notes), ("equal", []))
        self._import({"dashboards": document["dashboards"]})
        self.assertEqual(dashboard.revision, known)

    def test_a_dashboard_from_elsewhere_says_what_its_tiles_lose(self):
        document = {
            "format": "kpi.pack",
            "version": 1,
            "dashboards": [
                {
                    "name": "From elsewhere",
                    "tiles": [
                        {"kind": "line", "kpis": ["revenue", "no_such_kpi"]},
                        {"kind": "gauge", "name": "Odd", "kpis": ["nor_this"]},
                        {"kind": "card", "kpis": ["revenue"], "card": "No such card"},
                        {"kind": "view", "name": "Cars", "view_model": "no.such"},
                        {
                            "kind": "bar",
                            "reports": [
                                {
                                    "kpi": "revenue",
                                    "scope": "department",
                                    "for": "Nowhere",
                                }
                            ],
                        },
                    ],
                }
            ],
        }
        file = base64.b64encode(json.dumps(document).encode())
        wizard = self._as(self.officer, self.env["kpi.pack.import"]).create(
            {"file": file, "company_id": self.company.id}
        )
        wizard.action_preview()
        (line,) = wizard.line_ids
        self.assertEqual(line.state, "new")
        for said in (
            "Tile 1, no_such_kpi: KPI “no_such_kpi” not found.",
            "Tile 2, Odd: KPI “nor_this” not found.",
            "Tile 3, No such card: “No such card” does not exist.",
            "Tile 4, Cars: requires another app.",
            "Tile 5, revenue: department “Nowhere” not found.",
        ):
            self.assertIn(said, line.differences)
        self.assertFalse(
            self.env["kpi.dashboard"].search([("name", "=", "From elsewhere")])
        )
        wizard.action_import()
        made = self.env["kpi.dashboard"].search([("name", "=", "From elsewhere")])
        self.assertEqual(
            made.tile_ids.sorted().mapped("kind"), ["line", "gauge", "card", "bar"]
        )
        first = made.tile_ids.sorted()[0]
        self.assertEqual(first.definition_ids, self.revenue.definition_id)
        self.assertEqual(made.owner_id, self.officer)
        answer = self._data(made)
        self.assertEqual(answer["tiles"][1]["state"], "error")

    def test_malformed_dashboards_are_refused_with_their_place(self):
        for tile in (
            {"kind": "cake"},
            {"span": 3},
            {"kind": "line", "kpis": "revenue"},
            {"kind": "line", "colour": "red"},
        ):
            text = json.dumps(
                {
                    "format": "kpi.pack",
                    "version": 1,
                    "dashboards": [{"name": "Odd", "tiles": [tile]}],
                }
            )
            with self.subTest(tile=tile), self.assertRaisesRegex(UserError, "entry 1"):
                self.packs._read(text)

    def test_too_wide_a_tile_is_refused_by_name(self):
        entry = {"name": "Wide", "tiles": [{"kind": "text", "span": 13}]}
        (item,) = self.packs._preview({"dashboards": [entry]}, self.company)
        self.assertEqual(item.state, "impossible")
        self.assertIn("12 columns", item.reason)

    def test_an_export_starts_from_a_dashboard(self):
        dashboard = self._dashboard(self._tile("line", self.revenue))
        action = self._as(self.officer, dashboard).action_export()
        wizard = (
            self._as(self.officer, self.env["kpi.pack.export"])
            .with_context(**action["context"])
            .create({})
        )
        wizard.action_export()
        document = json.loads(base64.b64decode(wizard.file))
        self.assertEqual([each["name"] for each in document["dashboards"]], ["Board"])

    def test_a_pack_of_several_companies_can_be_read(self):
        """Each company has a target of that day: the pack has that of one of them."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        kpi = self.revenue.definition_id
        kpi.company_id = False
        there = kpi._track_for("company", other, company_id=other.id)
        self.env["kpi.target"].create(
            {"report_id": there.id, "date_from": "2020-01-01", "value": 7}
        )
        document = self._document(self._dashboard(self._tile("line", self.revenue)))
        self.assertEqual([each["value"] for each in document["targets"]], [100])
        of_other = self.packs.with_company(other)
        document = of_other._read(of_other._build_pack_text(kpi, "Elsewhere"))
        self.assertEqual([each["value"] for each in document["targets"]], [7])
        self.assertFalse(document["dashboards"])

    def test_dashboards_of_one_name_are_numbered(self):
        boards = self.env["kpi.dashboard"]
        for name in ("Board", "Board", "Board (2)", "Board"):
            boards |= self._dashboard(self._tile("line", self.revenue), name=name)
        document = self._document(boards[0])
        names = {entry["name"] for entry in document["dashboards"]}
        self.assertEqual(names, {"Board", "Board (2)", "Board (3)", "Board (4)"})

    def test_the_export_of_a_dashboard_holds_no_other(self):
        tile = self._tile("line", self.revenue)
        self._dashboard(tile, name="Of somebody else")
        action = self._as(self.officer, self._dashboard(tile)).action_export()
        wizard = (
            self._as(self.officer, self.env["kpi.pack.export"])
            .with_context(**action["context"])
            .create({})
        )
        wizard.action_export()
        document = json.loads(base64.b64decode(wizard.file))
        self.assertEqual([each["name"] for each in document["dashboards"]], ["Board"])

    def test_ready_dashboards_are_packs_that_can_be_read(self):
        everything = self.env["kpi.gallery.dashboard"].search([])
        names = everything.get_external_id()
        ready = everything.filtered(  # other addons bring theirs
            lambda each: names[each.id].startswith("kpi_tracking_dashboard.")
        )
        self.assertEqual(len(ready), 6)
        for dashboard in ready:
            codes = dashboard._codes()
            self.assertEqual(len(dashboard.kpi_ids), len(codes), dashboard.name)

    def _install(self, name, missing=()):
        """A ready dashboard, as if the apps named were missing."""
        kpis = type(self.env["kpi.gallery.kpi"])
        usual = kpis._compute_missing_apps

        def compute(records):
            usual(records)
            for kpi in records:
                if not set(missing).isdisjoint((kpi.needs or "").split(",")):
                    kpi.missing_apps = "Another app"

        ready = self.env["kpi.gallery.dashboard"].search([("name", "=", name)])
        with patch.object(kpis, "_compute_missing_apps", compute):
            admin = self.env.ref("base.user_admin")
            admin.company_ids += self.company
            own = self._as(admin, ready)
            own.env.invalidate_all()
            return own.action_install(), own

    def test_a_ready_dashboard_is_installed_with_its_kpis(self):
        action, ready = self._install("Human Resources", {"hr_recruitment"})
        made = ready.dashboard_id
        self.assertEqual(action["params"]["dashboard_id"], made.id)
        shown = made.tile_ids.definition_ids.mapped("code")
        self.assertIn("hr_headcount", shown)
        self.assertNotIn("hr_applications", shown)
        self.assertTrue(made.tile_ids.definition_ids.report_ids)
        again = ready.action_install()
        self.assertEqual(again["params"]["dashboard_id"], made.id)

    def test_an_own_kpi_takes_the_place_of_a_ready_one(self):
        values = {"name": "Own", "code": "own_headcount", "computation": "manual"}
        own = self.env["kpi.definition"].create(values)
        own._track_for("company", self.company)
        ready = self.env["kpi.gallery.dashboard"].search(
            [("name", "=", "Human Resources")]
        )
        untracked = "hr_leavers"
        ready.own_codes = {"hr_headcount": own.code, untracked: "own_leavers"}
        _action, ready = self._install(ready.name, {"hr_recruitment"})
        shown = ready.dashboard_id.tile_ids.definition_ids.mapped("code")
        self.assertIn(own.code, shown)
        self.assertIn(untracked, shown)
        self.assertNotIn("hr_headcount", shown)

    def test_a_ready_dashboard_names_the_apps_that_are_missing(self):
        with self.assertRaisesRegex(UserError, "Another app"):
            self._install("Human Resources", {"hr"})

    def test_who_turns_on_kpis_is_offered_the_dashboard_that_shows_them(self):
        self._install("Human Resources", {"hr_recruitment"})
        everything = self.env["kpi.gallery.dashboard"]
        admin = self.env.ref("base.user_admin")
        ready = (
            self._as(admin, everything)
            .search([])
            .filtered(lambda each: "off" in each.kpi_ids.mapped("state"))
            .filtered(lambda each: not each.dashboard_id)[:1]
        )
        kpis = ready.kpi_ids.filtered(lambda kpi: kpi.state in ("on", "off"))
        params = kpis.action_turn_on()["params"]
        offer = params["offer"]
        find = getattr(ready.env[offer["model"]], offer["method"])
        found = find(*offer["args"])
        self.assertEqual((found["id"], found["button"]), (ready.id, "Install"))
        self.assertIn(ready.name, found["text"])
        ready.action_install()
        ready.invalidate_recordset()
        again = ready.find_offer(kpis.ids)
        self.assertNotEqual(again.get("id"), ready.id, "it is installed")
        self.assertEqual(ready.find_offer([]), {})
        self.assertEqual(self._as(self.manager, ready).find_offer(kpis.ids), {})

    def test_only_officers_install(self):
        ready = self.env["kpi.gallery.dashboard"].search([], limit=1)
        with self.assertRaises(AccessError):
            self._as(self.manager, ready).action_install()
