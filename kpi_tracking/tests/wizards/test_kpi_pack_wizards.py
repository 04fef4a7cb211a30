import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

OFFICER = "kpi_base.kpi_base_group_officer"


@tagged("post_install", "-at_install")
class TestKpiPackWizards(TransactionCase):
    """Packs as officers write and read them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, login="pack_officer", groups=OFFICER)
        cls.env = cls.env(user=cls.officer)
        cls.part, cls.whole = cls.env["kpi.definition"].create(
            [
                {"name": "Pack part", "code": "pack_part"},
                {
                    "name": "Pack whole",
                    "code": "pack_whole",
                    "computation": "formula",
                    "formula": "2 * pack_part",
                },
            ]
        )

    def _exported(self, **values):
        wizard = self.env["kpi.pack.export"].create(
            {"name": "My pack!", "definition_ids": self.whole.ids, **values}
        )
        wizard.action_export()
        self.assertEqual(wizard.file_name, "my-pack.kpi.json")
        return json.loads(base64.b64decode(wizard.file))

    def _wizard(self, *definitions):
        document = {"format": "kpi.pack", "version": 1, "definitions": definitions}
        file = base64.b64encode(json.dumps(document).encode())
        return self.env["kpi.pack.import"].create({"file": file, "file_name": "x.json"})

    def test_an_export_brings_the_parts_of_formulas(self):
        codes = [entry["code"] for entry in self._exported()["definitions"]]
        self.assertEqual(sorted(codes), ["pack_part", "pack_whole"])
        alone = self._exported(with_parts=False)["definitions"]
        self.assertEqual([entry["code"] for entry in alone], ["pack_whole"])

    def test_the_definitions_ticked_in_the_list_are_proposed(self):
        context = {"active_model": "kpi.definition", "active_ids": self.part.ids}
        form = Form(self.env["kpi.pack.export"].with_context(**context))
        self.assertEqual(form.definition_ids.ids, self.part.ids)

    def test_a_pack_is_named_by_what_is_in_it(self):
        def proposed(kpis):
            wizards = self.env["kpi.pack.export"].with_context(
                active_model="kpi.definition", active_ids=kpis.ids
            )
            return Form(wizards).name

        both = self.part + self.whole
        self.assertEqual(proposed(self.part), "Pack part")
        self.assertEqual(proposed(both), "Pack part and 1 more")
        both.category_id = self.env["kpi.definition.category"].create({"name": "Packs"})
        self.assertEqual(proposed(both), "Packs (2 KPIs)")
        self.assertEqual(proposed(self.part.browse()), self.env.company.name)

    def test_a_preview_comes_before_the_import(self):
        wizard = self._wizard(
            {"code": "pack_part", "name": "Part", "decimals": 2},
            {"code": "pack_new", "name": "New"},
            {"code": "pack_car", "name": "Car", "needs": ["no_such_app"]},
        )
        wizard.action_preview()
        lines = {line.name: line for line in wizard.line_ids}
        self.assertEqual(lines["New"].state, "new")
        self.assertIn("not installed: no_such_app", lines["Car"].differences)
        self.assertEqual(
            lines["Part"].differences,
            "Name: Pack part → Part\nDecimal Places: 0 → 2",
        )
        self.assertEqual([line.is_chosen for line in lines.values()].count(True), 2)
        self.assertEqual(self.part.name, "Pack part")
        lines["Part"].is_chosen = False
        wizard.action_import()
        self.assertEqual(self.part.name, "Pack part")
        self.assertTrue(self.part.search([("code", "=", "pack_new")]))

    def test_nothing_chosen_is_said(self):
        wizard = self._wizard({"code": "pack_part", "name": "Pack part"})
        wizard.action_preview()
        self.assertEqual(wizard.equal_count, 1)
        with self.assertRaisesRegex(UserError, "Choose at least one line"):
            wizard.action_import()

    def test_what_is_chosen_against_better_knowledge_is_refused_by_name(self):
        wizard = self._wizard({"code": "pack_car", "name": "Car", "needs": ["no_app"]})
        wizard.action_preview()
        wizard.line_ids.is_chosen = True
        with self.assertRaisesRegex(UserError, "Car: not installed: no_app"):
            wizard.action_import()

    def test_a_file_is_needed(self):
        for file in (False, "", b""):
            wizard = self.env["kpi.pack.import"].create({"file": file})
            with self.assertRaisesRegex(UserError, "Choose a file first"):
                wizard.action_preview()

    def test_a_file_that_is_no_pack_is_refused(self):
        for content in (b"", b"PK\x03\x04", b"<html></html>", b'{"version": 9}'):
            wizard = self.env["kpi.pack.import"].create(
                {"file": base64.b64encode(content) or b"IA=="}
            )
            with (
                self.subTest(content=content),
                self.assertRaisesRegex(UserError, "Not a KPI pack"),
            ):
                wizard.action_preview()

    def test_users_neither_export_nor_import(self):
        user = new_test_user(
            self.env.su and self.env or self.env(su=True),
            login="pack_user",
            groups="kpi_base.kpi_base_group_user",
        )
        for model in ("kpi.pack.export", "kpi.pack.import", "kpi.gallery.wizard"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(user).create({})


@tagged("post_install", "-at_install")
class TestKpiTrackWizardMatching(TransactionCase):
    """The dialog tracks for all that match, once or for good."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        officer = new_test_user(cls.env, login="match_officer", groups=OFFICER)
        cls.here = cls.env["hr.department"].create(
            [{"name": name} for name in ("Match A", "Match B", "Other")]
        )
        cls.env = cls.env(user=officer)
        cls.kpi = cls.env["kpi.definition"].create({"name": "Match"})

    def _wizard(self, **values):
        return self.env["kpi.track.wizard"].create(
            {
                "definition_ids": self.kpi.ids,
                "scope_type": "department",
                "choice": "matching",
                "domain": "[('name', '=like', 'Match%')]",
                **values,
            }
        )

    def test_all_that_match_are_tracked_once(self):
        self._wizard(has_rule=False).action_track()
        self.assertEqual(self.kpi.report_ids.department_id, self.here[:2])
        self.assertFalse(
            self.env["kpi.tracking.rule"].search(
                [("definition_ids", "in", self.kpi.ids)]
            )
        )

    def test_kept_up_it_becomes_a_rule(self):
        self._wizard().action_track()
        rule = self.env["kpi.tracking.rule"].search(
            [("definition_ids", "in", self.kpi.ids)]
        )
        self.assertEqual(rule.report_ids.department_id, self.here[:2])
        self.assertEqual(rule.name, "Match – Department")

    def test_a_rule_that_matches_nobody_says_so(self):
        action = self._wizard(domain="[('id', '=', 0)]").action_track()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("no matches, so no KPI is tracked", action["params"]["message"])

    def test_nothing_that_matches_is_said(self):
        with self.assertRaisesRegex(UserError, "Choose who"):
            self._wizard(has_rule=False, domain="[('id', '=', 0)]").action_track()
