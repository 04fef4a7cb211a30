import base64
import json

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..common import FIRST, LAST, MODEL, KpiCase

WON = "[('x_is_won', '=', True)]"
OFFICER = "kpi_base.kpi_base_group_officer"


class KpiPackCase(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()
        cls.packs = cls.env["kpi.pack"]
        cls.south = cls._create_company("South")
        cls.env["hr.department"].create({"name": "Sales", "company_id": cls.south.id})

    def _read(self, *definitions, **sections):
        whole = {"format": "kpi.pack", "version": 1, "definitions": list(definitions)}
        return self.packs._read(json.dumps({**whole, **sections}))

    def _items(self, document, company=None):
        items = self.packs._preview(document, company or self.company)
        return {item.identity[0]: item for item in items}

    def _exported(self, definitions, without=()):
        return json.loads(self.packs._build_pack_text(definitions, "Mine", without))


@tagged("post_install", "-at_install")
class TestKpiPack(KpiPackCase):
    """Definitions, targets and scorecards carried to another company."""

    def _make_world(self):
        revenue = self._definition(
            "Revenue",
            measure="sum",
            measure_field="x_amount",
            unit="currency",
            domain="[('x_is_won', '=', True)]",
            category_id=self.env["kpi.definition.category"].create({"name": "Pack"}).id,
            tag_ids=[(0, 0, {"name": "Pack tag"})],
            breakdown_ids=[(0, 0, {"field_path": "x_stage_id", "top_count": 5})],
        )
        deals = self._definition("Deals")
        ratio = self._definition(
            "Ratio",
            computation="formula",
            model_name=False,
            date_field=False,
            formula="revenue / deals",
            unit="currency",
        )
        sales = self._track(revenue, self.sales)
        self.env["kpi.target"].create(
            {"report_id": sales.id, "date_from": "2026-01-01", "value": 500.0}
        )
        self.env["kpi.report.group"].create(
            {
                "name": "Pack scorecard",
                "company_id": self.company.id,
                "line_ids": [(0, 0, {"report_id": sales.id, "weight": 3.0})],
            }
        )
        return revenue | deals | ratio

    def test_a_pack_makes_the_same_in_another_company(self):
        definitions = self._make_world()
        text = self.packs._build_pack_text(definitions, "Mine")
        document = self.packs._read(text)
        imported = self.packs._import(document, self.south)
        self.assertEqual(imported["definitions"].company_id, self.south)
        target = imported["targets"]
        self.assertEqual(target.report_id.department_id.company_id, self.south)
        self.assertEqual(target.value, 500.0)
        line = imported["scorecards"].line_ids
        self.assertEqual((line.report_id, line.weight), (target.report_id, 3.0))
        # What comes out there again is what went in.
        codes = definitions.mapped("code")
        again = self.packs.with_company(self.south)._build_pack_text(
            imported["definitions"].sorted(lambda kpi: codes.index(kpi.code)),
            "Mine",
        )
        self.assertEqual(json.loads(again), json.loads(text))

    def test_importing_twice_changes_nothing(self):
        document = self.packs._read(
            self.packs._build_pack_text(self._make_world(), "Mine")
        )
        # Which apps a KPI needs is no difference, where they are installed.
        for entry in document["definitions"]:
            entry["needs"] = ["base"]
        items = self.packs._preview(document, self.company)
        self.assertEqual({item.state for item in items}, {"equal"})
        self.assertEqual(len(items), 5)

    def test_differences_are_named_field_by_field(self):
        self._definition("Deals", direction="lower")
        entry = {"code": "deals", "name": "Deals", "direction": "higher", "decimals": 1}
        item = self._items(self._read(entry))["deals"]
        self.assertEqual(item.state, "changed")
        self.assertEqual(
            [(change.key, change.old, change.new) for change in item.changes],
            [("direction", "lower", "higher"), ("decimals", 0, 1)],
        )

    def test_a_preview_changes_nothing(self):
        kpi = self._definition("Deals", direction="lower")
        new = {"code": "brand_new", "name": "New", "category": "No such one"}
        self._items(self._read({"code": "deals", "name": "D"}, new))
        self.assertEqual(kpi.name, "Deals")
        self.assertFalse(kpi.search([("code", "=", "brand_new")]))
        self.assertFalse(
            self.env["kpi.definition.category"].search([("name", "=", "No such one")])
        )

    def test_what_cannot_be_imported_says_why(self):
        target = {"kpi": "deals", "scope": "department", "date_from": "2026-01-01"}
        document = self._read(
            {"code": "deals", "name": "Deals"},
            {"code": "cars", "name": "Cars", "computation": "records",
             "model_name": "fleet.no.such", "needs": ["no_such_app"]},
            {"code": "gold", "name": "Gold", "unit": "currency", "currency": "XXQ"},
            {"code": "sums", "name": "Sums", "computation": "formula",
             "formula": "deals + nothing"},
            {"code": "wrong", "name": "Wrong", "computation": "records",
             "model_name": MODEL, "date_field": "x_no_date"},
            targets=[{**target, "for": "Sales / Moon", "value": 1.0}],
        )  # fmt: skip
        items = self._items(document)
        reasons = {key: item.reason for key, item in items.items() if item.reason}
        self.assertIn("not installed: no_such_app", reasons["cars"])
        self.assertIn("XXQ", reasons["gold"])
        self.assertIn("nothing", reasons["sums"])
        self.assertIn("x_no_date", reasons["wrong"])
        self.assertIn("Sales / Moon", reasons["deals"])

    def test_it_is_all_or_nothing(self):
        document = self._read(
            {"code": "good", "name": "Good"},
            {
                "code": "bad",
                "name": "Bad",
                "unit": "percent",
                "aggregation_time": "sum",
            },
        )
        with self.assertRaisesRegex(UserError, "^Bad: .*cannot be summed"):
            self.packs._import(document, self.company)
        self.assertFalse(self.env["kpi.definition"].search([("code", "=", "good")]))

    def test_only_what_is_chosen_is_imported(self):
        document = self._read(
            {"code": "one", "name": "1"}, {"code": "two", "name": "2"}
        )
        wanted = {("definitions", ("two",))}
        imported = self.packs._import(document, self.company, wanted)
        self.assertEqual(imported["definitions"].mapped("code"), ["two"])

    def test_formulas_may_stand_before_their_parts(self):
        formula = {"code": "double", "name": "Double", "computation": "formula"}
        document = self._read(
            {**formula, "formula": "2 * single"}, {"code": "single", "name": "Single"}
        )
        imported = self.packs._import(document, self.company)
        self.assertEqual(len(imported["definitions"]), 2)

    def test_formulas_that_need_one_another_are_refused(self):
        formula = {"name": "X", "computation": "formula"}
        document = self._read(
            {"code": "a1", "formula": "b1 + 1", **formula},
            {"code": "b1", "formula": "a1 + 1", **formula},
        )
        with self.assertRaisesRegex(UserError, "a1 → b1 → a1"):
            self.packs._preview(document, self.company)

    def test_an_unknown_selection_value_is_refused_with_its_place(self):
        with self.assertRaisesRegex(UserError, r"entry 1 \(a1\), “unit”: replace “kg”"):
            self._read({"code": "a1", "name": "A", "unit": "kg"})

    def test_every_number_of_a_target_is_carried(self):
        names = self.env["kpi.pack.targets"]._schema().keys
        for name in ("value", "baseline", "stretch", "range_low", "note"):
            self.assertIn(name, names)

    def test_a_definition_is_compiled_with_the_importers_own_rights(self):
        self.env["ir.model.access"].create(
            {
                "name": "Deals for administrators",
                "model_id": self.deal_model.id,
                "group_id": self.env.ref("base.group_system").id,
                "perm_read": True,
            }
        )
        officer = new_test_user(
            self.env, "pack_officer", groups=OFFICER, company_id=self.company.id
        )
        entry = {
            "code": "theirs",
            "name": "Theirs",
            "computation": "records",
            "model_name": MODEL,
            "date_field": "x_date",
        }
        packs = self.packs.with_user(officer).with_context(
            allowed_company_ids=self.company.ids
        )
        with self.assertRaises(UserError):
            packs._import(self._read(entry), self.company)
        self.assertTrue(self.packs._import(self._read(entry), self.company))

    def test_users_without_rights_import_nothing(self):
        user = new_test_user(
            self.env, "pack_user", groups="kpi_base.kpi_base_group_user"
        )
        entry = {"code": "theirs", "name": "Theirs"}
        with self.assertRaises(UserError):
            self.packs.with_user(user)._import(self._read(entry), self.company)


@tagged("post_install", "-at_install")
class TestKpiPackVersions(KpiPackCase):
    """How KPIs are computed since when, carried along or asked for."""

    def setUp(self):
        super().setUp()
        self.deals.create({"x_date": FIRST, "x_company_id": self.company.id})

    def _changed(self):
        deals = self._definition("Deals")
        self._track(deals, self.company)
        self._compute()
        first = deals.calendar_id._period("month", LAST).start
        deals._change({"domain": WON}, first, "Only what was won")
        return deals, first

    def test_what_is_in_force_is_exported_unless_all_versions_are_wanted(self):
        deals, first = self._changed()
        (entry,) = self._exported(deals)["definitions"]
        self.assertNotIn("versions", entry)
        self.assertEqual(entry["domain"], deals.domain)
        wizard = self.env["kpi.pack.export"].create(
            {"name": "Mine", "definition_ids": deals.ids, "with_versions": True}
        )
        wizard.action_export()
        (entry,) = json.loads(base64.b64decode(wizard.file))["definitions"]
        told = [(each["valid_from"], each["reason"]) for each in entry["versions"]]
        self.assertEqual(told[1], (first.isoformat(), "Only what was won"))
        self.assertEqual([each["domain"] for each in entry["versions"]], ["[]", WON])

    def test_versions_come_along_into_another_company(self):
        deals, first = self._changed()
        packs = self.packs.with_context(pack_all_versions=True)
        document = self.packs._read(packs._build_pack_text(deals, "Mine"))
        there = self.packs._import(document, self.south)["definitions"]
        versions = there.version_ids.sorted("valid_from")
        self.assertEqual(versions.mapped("domain"), ["[]", WON])
        self.assertEqual(versions[1].valid_from, first)
        self.assertEqual(there.domain, deals.domain)
        self.assertEqual(self._items(document, self.south)["deals"].state, "equal")
        there.with_context(kpi_valid_from="all").write({"domain": "[]"})
        self.assertEqual(self._items(document, self.south)["deals"].state, "changed")
        self.packs._import(document, self.south)
        versions = there.version_ids.sorted("valid_from")
        self.assertEqual(versions.mapped("domain"), ["[]", WON])

    def test_a_version_of_no_period_is_refused_by_name(self):
        deals, _first = self._changed()
        packs = self.packs.with_context(pack_all_versions=True)
        document = self.packs._read(packs._build_pack_text(deals, "Mine"))
        document["definitions"][0]["versions"][1]["valid_from"] = "2026-02-02"
        (item,) = self._items(document, self.south).values()
        self.assertEqual(item.state, "impossible")
        self.assertIn("Use Feb 1", item.reason)

    def _wizard(self, deals, domain):
        (entry,) = self._exported(deals)["definitions"]
        text = json.dumps(
            {
                "format": "kpi.pack",
                "version": 1,
                "definitions": [{**entry, "domain": domain}],
            }
        )
        wizard = self.env["kpi.pack.import"].create(
            {"file": base64.b64encode(text.encode()), "company_id": self.company.id}
        )
        wizard.action_preview()
        return wizard

    def test_importing_over_values_asks_from_when_on(self):
        deals = self._definition("Deals")
        self.assertFalse(self._wizard(deals, WON).asks_valid_from)
        self._track(deals, self.company)
        self._compute()
        wizard = self._wizard(deals, WON)
        self.assertTrue(wizard.asks_valid_from)
        wizard.action_import()
        self.assertEqual(deals.version_ids.mapped("domain"), [WON, "[]"])
        wizard = self._wizard(deals, "[]")
        wizard.valid_from = "all"
        wizard.action_import()
        self.assertFalse(deals.version_ids)
        self.assertEqual(deals.domain, "[]")
