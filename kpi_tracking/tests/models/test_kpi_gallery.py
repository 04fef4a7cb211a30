import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import file_open

from ...engine import formula as formulas

SETS = ("crm", "finance", "hr", "project", "purchase", "sales", "support")
OFFICER = "kpi_base.kpi_base_group_officer"


def shipped():
    """Stem → document of the sets that ship."""
    found = {}
    for stem in SETS:
        with file_open(f"kpi_tracking/data/gallery/{stem}.json") as file:
            found[stem] = json.load(file)
    return found


@tagged("post_install", "-at_install")
class TestKpiGalleryFiles(TransactionCase):
    def test_every_set_is_a_pack_that_can_be_read(self):
        for stem in SETS:
            with file_open(f"kpi_tracking/data/gallery/{stem}.json", "rb") as file:
                self.assertTrue(self.env["kpi.pack"]._read(file.read()), stem)

    def test_there_are_at_least_sixty_kpis_with_codes_of_their_own(self):
        codes = [
            entry["code"]
            for document in shipped().values()
            for entry in document["definitions"]
        ]
        self.assertGreaterEqual(len(codes), 60)
        self.assertEqual(len(codes), len(set(codes)))

    def test_each_kpi_has_a_name_of_its_own(self):
        names = self.env["kpi.gallery.kpi"].search([]).mapped("name")
        known = [name.lower() for name in names]
        self.assertEqual(len(known), len({*known}))

    def test_every_kpi_says_what_it_is_and_how_to_read_it(self):
        for stem, document in shipped().items():
            for entry in document["definitions"]:
                with self.subTest(code=entry["code"]):
                    self.assertEqual(entry["description"].count("<p>"), 2)
                    self.assertTrue(entry["needs"], stem)
                    self.assertEqual(entry["category"], document["name"])

    def test_formulas_are_made_of_kpis_of_the_gallery(self):
        for document in shipped().values():
            codes = {entry["code"] for entry in document["definitions"]}
            for entry in document["definitions"]:
                if entry["computation"] == "formula":
                    used = formulas.parse(entry["formula"]).codes
                    self.assertLessEqual(used, codes, entry["code"])

    def test_the_gallery_holds_what_the_files_say(self):
        for stem, document in shipped().items():
            theme = self.env.ref(f"kpi_tracking.kpi_gallery_set_{stem}")
            self.assertEqual(
                theme.kpi_ids.mapped("code"),
                [entry["code"] for entry in document["definitions"]],
            )


@tagged("post_install", "-at_install")
class TestKpiGallery(TransactionCase):
    """Turning on, with KPIs of the tests on records that every database has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Gallery"})
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.theme = cls.env["kpi.gallery.set"].create({"name": "Partners"})
        partners = {
            "computation": "records",
            "model_name": "res.partner",
            "date_field": "create_date",
            "category": "Gallery",
        }
        cls.count = cls._kpi("ga_partners", "Partners", **partners)
        cls.people = cls._kpi(
            "ga_people", "People", **partners, domain="[('is_company', '=', False)]"
        )
        cls.share = cls._kpi(
            "ga_share",
            "Share of People",
            computation="formula",
            formula="100 * ga_people / ga_partners",
            unit="percent",
        )
        cls.foreign = cls._kpi("ga_foreign", "Foreign", needs=["no_such_app"])

    @classmethod
    def _kpi(cls, code, name, **entry):
        entry = {"code": code, "name": name, **entry}
        return cls.env["kpi.gallery.kpi"].create(
            {
                "name": name,
                "code": code,
                "set_id": cls.theme.id,
                "needs": ",".join(entry.get("needs", [])),
                "entry": entry,
                "is_formula": entry.get("computation") == "formula",
            }
        )

    def _reports(self):
        return self.theme.kpi_ids.definition_id.report_ids

    def test_a_set_is_turned_on_with_what_is_available(self):
        self.assertEqual(self.theme.available_count, 3)
        self.theme.action_turn_on()
        self.assertEqual(
            self.theme.kpi_ids.mapped("state"), ["on", "on", "on", "missing"]
        )
        self.assertEqual(self._reports().mapped("scope_type"), ["company"] * 3)
        self.assertEqual(self._reports().company_id, self.company)

    def test_names_of_the_gallery_reach_kpis_that_still_have_the_former_one(self):
        self.theme.action_turn_on()
        definition = self.people.definition_id
        self.count.definition_id.name = "Contacts We Know"
        entries = [
            {**self.count.entry, "name": "All Contacts"},
            {**self.people.entry, "name": "People We Know"},
            {**self.share.entry, "name": "CONTACTS we know"},
        ]
        shipped = (self.count | self.people | self.share).grouped("code")
        self.env["ir.model.data"].create(
            [
                {
                    "module": "kpi_tracking",
                    "name": f"kpi_gallery_kpi_{code}",
                    "model": kpi._name,
                    "res_id": kpi.id,
                }
                for code, kpi in shipped.items()
            ]
        )
        self.theme.kpi_ids._load_entries("kpi_tracking", self.theme, entries)
        self.assertEqual(definition.name, "People We Know")
        self.assertEqual(self.count.definition_id.name, "Contacts We Know")
        # the new name is taken
        self.assertEqual(self.share.definition_id.name, "Share of People")

    def test_a_formula_brings_its_parts(self):
        self.share.action_turn_on()
        self.assertEqual((self.count | self.people).mapped("state"), ["on", "on"])

    def test_a_kpi_of_an_app_that_is_missing_is_not_turned_on(self):
        self.assertEqual(self.foreign.missing_apps, "no_such_app")
        with self.assertRaisesRegex(UserError, "Install the app first: no_such_app"):
            self.foreign.action_turn_on()

    def test_apps_that_several_kpis_need_are_named_once(self):
        both = self._kpi("ga_both", "Both", needs=["no_such_app", "no_other_app"])
        with self.assertRaisesRegex(UserError, ": no_other_app, no_such_app\\.$"):
            (self.foreign | both).action_turn_on()

    def test_twelve_months_are_computed_by_the_job_that_is_shown(self):
        partner = self.company.partner_id
        self.cr.execute(
            "UPDATE res_partner SET create_date = '2020-01-01' WHERE id = %s",
            [partner.id],
        )
        action = self.theme.action_turn_on()
        self.assertEqual(action["tag"], "kpi_base.job_progress")
        job = self.env["kpi.job"].browse(action["params"]["job_id"])
        self.assertEqual(job.definition_ids, self.theme.kpi_ids.definition_id)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job.with_env(job.env(cr=cr))._run()
        self.env.invalidate_all()
        self.assertEqual(job.state, "done")
        report = self.count.definition_id.report_ids
        first = fields.Date.today().replace(day=1) - timedelta(days=330)
        self.assertGreaterEqual(
            len(report.measurement_ids.filtered(lambda fact: fact.grain == "month")), 12
        )
        self.assertTrue(report._values("month", first, first)[report])

    def test_turning_on_twice_does_nothing(self):
        self.theme.action_turn_on()
        definitions, reports = self.theme.kpi_ids.definition_id, self._reports()
        job = self.env["kpi.job"].search([], limit=1)
        action = self.theme.action_turn_on()
        self.assertEqual(self.theme.kpi_ids.definition_id, definitions)
        self.assertEqual(self._reports(), reports)
        self.assertEqual(self.env["kpi.job"].search([], limit=1), job)
        self.assertEqual(action["res_model"], "kpi.report")

    def test_turning_off_archives_and_turning_on_brings_back(self):
        self.theme.action_turn_on()
        definitions, reports = self.theme.kpi_ids.definition_id, self._reports()
        self.theme.action_turn_off()
        self.assertFalse(any(definitions.mapped("active")))
        self.assertFalse(any(reports.mapped("active")))
        self.theme.invalidate_recordset()
        self.theme.action_turn_on()
        self.assertEqual(self.theme.kpi_ids.definition_id, definitions)
        self.assertEqual(self._reports(), reports)

    def test_a_part_of_a_formula_that_is_on_cannot_be_turned_off_alone(self):
        self.theme.action_turn_on()
        with self.assertRaisesRegex(UserError, "used in the formulas of Share of"):
            self.count.action_turn_off()

    def test_departments_and_persons_are_tracked_by_choice(self):
        department = self.env["hr.department"].create({"name": "Here"})
        wizard = self.env["kpi.gallery.wizard"].create(
            {"kpi_ids": self.count.ids, "for_departments": True, "for_users": True}
        )
        wizard.action_turn_on()
        reports = self.count.definition_id.report_ids
        self.assertEqual(reports.department_id, department)

    def test_records_that_lead_to_nobody_are_tracked_for_the_company_alone(self):
        self.env["hr.department"].create({"name": "Here"})
        self.count.entry = {**self.count.entry, "user_field": None}
        self.count._turn_on(["department", "user"])
        reports = self.count.definition_id.report_ids
        self.assertEqual(reports.mapped("scope_type"), ["company"])

    def test_records_that_the_officer_may_not_read_are_not_counted(self):
        self.count.entry = {**self.count.entry, "model_name": "hr.employee"}
        officer = new_test_user(
            self.env, "ga_officer", groups=OFFICER, company_id=self.company.id
        )
        own = self.theme.with_user(officer).kpi_ids
        self.assertEqual(
            own.mapped("state"), ["forbidden", "off", "forbidden", "missing"]
        )
        own.action_turn_on()
        self.assertEqual(self.people.definition_id.company_id, self.company)
        self.assertFalse(self.count.definition_id)

    def test_a_field_that_the_officer_may_not_read_splits_nothing(self):
        split = self._kpi(
            "ga_split",
            "Split",
            computation="records",
            model_name="res.partner",
            date_field="create_date",
            breakdowns=[{"field": "country_id"}, {"field": "lang"}],
        )
        officer = new_test_user(
            self.env,
            "ga_splitter",
            groups=f"{OFFICER},base.group_partner_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        country = self.env["res.partner"]._fields["country_id"]
        with patch.object(country, "groups", "base.group_system"):
            split.with_user(officer).action_turn_on()
        breakdowns = split.definition_id.breakdown_ids
        self.assertEqual(breakdowns.mapped("field_path"), ["lang"])

    def test_each_company_turns_on_its_own(self):
        self.theme.action_turn_on()
        other = self.env["res.company"].create({"name": "Other"})
        there = self.theme.kpi_ids.with_company(other)
        self.assertEqual(there[0].state, "off")

    def test_users_without_rights_turn_on_nothing(self):
        user = new_test_user(self.env, "ga_user", groups="kpi_base.kpi_base_group_user")
        with self.assertRaises(UserError):
            self.theme.with_user(user).action_turn_on()

    def test_states_are_searched(self):
        kpis = self.env["kpi.gallery.kpi"]
        inside = [("set_id", "=", self.theme.id)]
        self.count.action_turn_on()
        self.assertEqual(kpis.search([*inside, ("state", "=", "on")]), self.count)
        self.assertEqual(
            kpis.search([*inside, ("state", "=", "missing")]), self.foreign
        )

    def test_the_statements_of_turning_on_do_not_grow_with_what_is_tracked(self):
        self.env["hr.department"].create([{"name": f"D{n}"} for n in range(300)])
        self.env.flush_all()
        self.env.invalidate_all()
        self.theme.kpi_ids.mapped("state")
        counted = self.env.cr.sql_log_count
        self.theme.kpi_ids._turn_on(["department"])
        self.env.flush_all()
        few = self.env.cr.sql_log_count - counted
        self.assertLessEqual(few, 120)
