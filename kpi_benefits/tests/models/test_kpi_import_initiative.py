import csv
import os
from datetime import datetime
from pathlib import Path
from statistics import median
from unittest import skipUnless

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.misc import ReadonlyDict
from odoo.tools.translate import code_translations

from odoo.addons.kpi_base.tests.import_case import ImportCase

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
FILE = DATA / "projects" / "melbourne_water_capital_projects.csv"
CLASSES = {
    "2 Gate Major Infrastructure": 99,
    "3 Gate Major Infrastructure": 46,
    "4 Gate Major Infrastructure": 11,
}
TITLES = "id,name,programme,owner,department,ffc,planned cost,bni,bca,stage3\n"


class InitiativeImportCase(ImportCase):
    target_model = "kpi.import.initiative"

    def _find(self):
        return self.env["kpi.initiative"].search(
            [("company_id", "=", self.company.id)], order="reference"
        )


@freeze_time("2026-06-01 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiImportInitiative(InitiativeImportCase):
    """Initiatives from files."""

    def test_rows_become_initiatives_below_programmes(self):
        job = self._imported(
            TITLES
            + "P1,Pumps,Water,kpi_importer,,1000.01,900"
            + ",2026-01-31,2026-03-01,2027-01-15\n"
            + "P2,Pipes,Water,,,,,,,\n"
        )
        self.assertCounts(job, added=2)
        program, first, second = self._find().sorted("id")
        self.assertEqual(program.name, "Water")
        self.assertEqual((first | second).parent_id, program)
        self.assertEqual(first.owner_id, self.officer)
        self.assertEqual((first.planned_cost, first.forecast_cost), (900, 1000.01))
        self.assertIs(second.forecast_cost, False)
        gates = [
            (g.name, str(g.actual_date), str(g.forecast_date)) for g in first.gate_ids
        ]
        self.assertEqual(
            gates,
            [
                ("Business need identified", "2026-01-31", "False"),
                ("Business case approved", "2026-03-01", "False"),
                ("Stage 3", "False", "2027-01-15"),
            ],
        )

    def test_names_that_nothing_has_are_mapped(self):
        self.env["hr.department"].sudo().create(
            {"name": "Networks", "company_id": self.company.id}
        )
        job = self._import(
            TITLES
            + "P1,Pumps,,kpi_imprter,Netwrks,1e13,5 %,,,\n"
            + "P2,Pipes,,kpi_imprter,,,,,,\n"
        )
        job.action_check()
        unknown = [
            (each["key"], each["rows"], each["nearest"][0]["text"])
            for each in job.check_page["unknown"]
        ]
        self.assertEqual(unknown, [("owner", 1, "kpi_importer")])
        reasons = self._reasons(job)
        self.assertIn("“5 %”: “%” is not a known unit", reasons[2])
        job = self._import(
            TITLES
            + "P1,Pumps,,kpi_imprter,Netwrks,1e13,,,,\n"
            + "P2,Pipes,,kpi_imprter,,,,,,\n"
        )
        job.action_check()
        unknown = [
            (each["key"], each["rows"], each["nearest"][0]["text"])
            for each in job.check_page["unknown"]
        ]
        self.assertEqual(
            unknown, [("owner", 2, "kpi_importer"), ("department", 1, "Networks")]
        )
        self.assertEqual(
            self._reasons(job)[2],
            "Owner “kpi_imprter”: not found. Department “Netwrks”: not found. The "
            "cost 10,000,000,000,000.00 exceeds the limit of 1,000,000,000,000.",
        )
        job.action_map("owner", "kpi_imprter", "kpi_importer")
        self.assertEqual((job.accepted_count, job.refused_count), (1, 1))

    def test_the_same_file_again_changes_nothing_in_any_currency(self):
        dinar = self.env.ref("base.KWD")  # three decimals
        dinar.sudo().active = True
        self.company.sudo().currency_id = dinar
        rows = TITLES + "P1,Pumps,,,,1010.125,,,,\n"
        self.assertCounts(self._imported(rows), added=1)
        self.assertEqual(self._find().forecast_cost, 1010.125)
        self.assertCounts(self._imported(rows), equal=1)

    def test_a_programme_may_be_a_row_of_the_file(self):
        rows = (
            "P2,Pipes,Water,,,,,,,\nP3,Valves,P9,,,,,,,\n"
            "P1,Water,P9,kpi_importer,,,900,,,\nP9,All of It,,,,,,,,\n"
        )
        job = self._imported(TITLES + rows)
        self.assertCounts(job, added=4)
        water, pipes, valves, whole = self._find()
        self.assertEqual((water.name, water.planned_cost), ("Water", 900))
        self.assertEqual((pipes.parent_id, water.parent_id), (water, whole))
        self.assertEqual((valves.parent_id, whole.name), (whole, "All of It"))
        self.assertCounts(self._imported(TITLES + rows), equal=4)

    def test_the_same_file_again_changes_nothing(self):
        rows = "P1,Pumps,Water,,,1000,,2026-01-31,,2027-01-15\n"
        self._imported(TITLES + rows)
        self.assertCounts(self._imported(TITLES + rows), equal=1)
        job = self._imported(TITLES + rows.replace("1000", "1100"))
        self.assertCounts(job, changed=1)
        (pumps,) = self._find().filtered("reference")
        self.assertEqual((pumps.forecast_cost, len(pumps.cost_ids)), (1100, 1))
        self.assertEqual(len(pumps.gate_ids), 2)

    def test_one_programme_is_named_in_two_ways(self):
        rows = "P2,Pipes,Water,,,,,,,\nP3,Valves,P1,,,,,,,\nP1,Water,,,,,,,,\n"
        job = self._imported(TITLES + rows)
        self.assertCounts(job, added=3)
        water, pipes, valves = self._find()
        self.assertEqual((pipes | valves).parent_id, water)

    def test_rows_on_a_circle_are_refused_with_its_path(self):
        rows = (
            "P1,Pumps,P2,,,,,,,\nP2,Pipes,P3,,,,,,,\nP3,Valves,Pumps,,,,,,,\n"
            "P4,Fine,,,,,,,,\nP5,Own,P5,,,,,,,\n"
        )
        job = self._imported(TITLES + rows)
        self.assertCounts(job, added=1, refused=4)
        reasons = self._reasons(job)
        self.assertIn("P1 → P2 → P3 → P1", reasons[2])
        self.assertIn("P5 → P5", reasons[6])

    def test_circles_with_what_is_there_are_refused(self):
        self._imported(TITLES + "P1,Pumps,,,,,,,,\nP2,Pipes,P1,,,,,,,\n")
        job = self._imported(TITLES + "P1,Pumps,P2,,,,,,,\nP4,Fine,,,,,,,,\n")
        self.assertCounts(job, added=1, refused=1)
        self.assertIn("Circular hierarchy: P1 → P2 · Pipes → P1", self._reasons(job)[2])

    def test_costs_spread_over_time_are_not_doubled(self):
        row = "P1,Pumps,,,,1000,,,,\n"
        self._imported(TITLES + row)
        pumps = self._find()
        pumps.cost_ids.write({"period_start": "2026-01-01", "forecast": 600})
        pumps.cost_ids = [
            Command.create({"period_start": "2026-02-01", "forecast": 400})
        ]
        self.assertCounts(self._imported(TITLES + row), equal=1)
        self._imported(TITLES + row.replace("1000", "1050.5"))
        self.assertEqual(pumps.forecast_cost, 1050.5)
        self.assertEqual(sorted(pumps.cost_ids.mapped("forecast")), [50.5, 400, 600])
        self._imported(TITLES + row)
        self.assertEqual(pumps.forecast_cost, 1000)

    def test_gates_are_found_in_another_language(self):
        self.env["res.lang"].sudo()._activate_lang("de_DE")
        words = {"Business need identified": "Bedarf erkannt"}
        texts = code_translations.python_translations
        german = {("kpi_benefits", "de_DE"): ReadonlyDict(words)}
        self.patch(code_translations, "python_translations", texts | german)
        row = "P1,Pumps,,,,,,2026-01-31,,\n"
        self._imported(TITLES + row)
        gates = self._find().gate_ids
        self.officer.lang = "de_DE"
        target = self.env["kpi.import.initiative"].with_context(lang="de_DE")
        self.assertEqual(target._name_gates()["bni"], "Bedarf erkannt")
        self._imported(TITLES + row.replace("01-31", "01-30"))
        self.assertEqual(self._find().gate_ids, gates)
        self.assertEqual(str(gates.actual_date), "2026-01-30")

    def test_a_later_day_opens_a_gate_again(self):
        row = "P1,Pumps,,,,,,2026-05-31,,\n"
        self._imported(TITLES + row)
        later = row.replace("2026-05-31", "2026-07-01")
        self.assertCounts(self._imported(TITLES + later), changed=1)
        gate = self._find().gate_ids
        self.assertFalse(gate.actual_date)
        self.assertEqual(str(gate.forecast_date), "2026-07-01")
        self.assertCounts(self._imported(TITLES + later), equal=1)

    def test_a_go_live_to_come_is_refused(self):
        titles = "id,name,go-live\n"
        job = self._imported(titles + "P1,Pumps,2026-08-01\nP2,Pipes,2026-05-01\n")
        self.assertIn("planned go-live", self._reasons(job)[2])
        (pipes,) = self._find()
        self.assertEqual(str(pipes.go_live_date), "2026-05-01")

    def test_customers_with_a_login_own_nothing(self):
        new_test_user(
            self.env(su=True),
            "benefit-customer",
            "base.group_portal",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        job = self._imported(TITLES + "P1,Pumps,,benefit-customer,,,,,,\n")
        self.assertIn("not found", self._reasons(job)[2])

    def test_bad_rows_come_back_with_their_reasons(self):
        job = self._imported(
            TITLES
            + ",Pumps,,,,,,,,\n"
            + "P2,Pipes,,nobody,,,,,,\n"
            + "P3,Pipes,,,Nowhere,,,,,\n"
            + "P4,Pipes,,,,1e13,,,,\n"
            + "P5,Pipes,,,,,,,,\n"
            + "P5,Pipes,,,,,,,,\n"
            + "P6,Fine,,,,5,,,,\n"
        )
        self.assertCounts(job, added=1, refused=6)
        reasons = list(self._reasons(job).values())
        for reason, words in zip(
            reasons,
            (
                "reference",
                "Owner “nobody”: not found",
                "Department “Nowhere”: not found",
                "10,000,000,000,000.00 exceeds the limit",
                "is a duplicate",
                "is a duplicate",
            ),
            strict=True,
        ):
            self.assertIn(words, reason)

    def test_programmes_are_created_only_where_wanted(self):
        job = self._imported(
            TITLES + "P1,Pumps,Water,,,,,,,\n", creates_programmes=False
        )
        self.assertCounts(job, refused=1)
        self.assertIn("Program “Water”: not found", self._reasons(job)[2])


@freeze_time("2026-06-01 12:00:00")
@skipUnless(FILE.is_file(), f"{FILE} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestKpiImportCapitalProjects(InitiativeImportCase):
    """Capital projects of a water company, as published."""

    def test_the_file_is_imported_without_a_question(self):
        job = self._import(FILE.read_bytes(), name=FILE.name)
        self.assertFalse(job.question, job.question)
        job._run()
        self.assertCounts(job, added=156)
        found = self._find().filtered("reference")
        self.assertEqual(len(found), 156)
        self.assertAlmostEqual(sum(found.mapped("forecast_cost")), 1_304_025_095.36, 2)
        classes = {
            name: len(same) for name, same in found.grouped("gate_class").items()
        }
        self.assertEqual(classes, CLASSES)
        self.assertEqual(len(found.parent_id), 4)
        gates = self._list_gates(found)
        self.assertEqual(
            {name: 156 - len(some) for name, some in gates.items() if len(some) < 156},
            {"Preliminary business case": 88, "Tender closed": 11, "Stage 2": 1},
        )
        needs, cases = (
            gates[name]
            for name in ("Business need identified", "Business case approved")
        )
        days = [_day(cases[one]) - _day(needs[one]) for one in found]
        self.assertEqual(median(day.days for day in days), 488.5)
        one = found.filtered(lambda each: each.reference == "Q04270")
        self.assertEqual(str(needs[one].actual_date), "2014-02-11")  # day first
        self.assertEqual(cases[one].approving_body, "MD")
        self.assertEqual(one.display_name, "Q04270", "once, as it has no other name")
        self._check_dashboard(found)

    def test_rows_without_doubt_decide_for_the_others(self):
        """The 13th of a month can be no month: such days tell how a column is read."""
        job = self._imported(FILE.read_bytes(), name=FILE.name)
        self.assertCounts(job, added=156)
        found = self._find().filtered("reference")
        gates = self._list_gates(found)
        with FILE.open(encoding="utf-8-sig", newline="") as stream:
            rows = {row["ID"]: row for row in csv.DictReader(stream)}
        for column, gate, expected in (
            ("BNI", "Business need identified", (92, 64)),
            ("PBC", "Preliminary business case", (57, 11)),
        ):
            texts = {
                one: rows[one.reference][column].split(" ")[0]
                for one in found
                if rows[one.reference][column]
            }
            sure = [text for text in texts.values() if int(text.split("/")[0]) > 12]
            self.assertEqual((len(sure), len(texts) - len(sure)), expected)
            for one, text in texts.items():
                day = datetime.strptime(text, "%d/%m/%Y").date()
                self.assertEqual(_day(gates[gate][one]), day, one.reference)

    def test_tenders_before_the_business_case_are_no_error(self):
        job = self._imported(FILE.read_bytes(), name=FILE.name)
        self.assertCounts(job, added=156)
        gates = self._list_gates(self._find().filtered("reference"))
        cases = gates["Business case approved"]
        tenders = gates["Tender closed"]
        early = [one for one in tenders if _day(tenders[one]) < _day(cases[one])]
        self.assertEqual((len(early), len(tenders)), (143, 145))

    def _list_gates(self, found):
        """Name of each gate → initiative → the gate."""
        return {
            name: {gate.initiative_id: gate for gate in same}
            for name, same in found.gate_ids.grouped("name").items()
        }

    def _check_dashboard(self, found):
        """They cost something and have no benefits yet."""
        company = found.company_id
        shown = (
            self.env["kpi.benefit.portfolio"]
            .with_user(self.officer)
            .with_context(allowed_company_ids=company.ids)
            .get_portfolio({})
        )
        # nobody has approved them: what they will cost is told beside the costs
        self.assertIsNone(shown["forecast_cost"])
        self.assertAlmostEqual(shown["proposed_cost"], 1_304_025_095.36, 2)
        # And the programmes that the file names.
        self.assertEqual(shown["initiative_count"], 156 + len(found.parent_id))
        self.assertEqual((shown["months"], shown["at_risk_count"]), ([], 0))
        self.assertIsNone(shown["rate"])


def _day(gate):
    return gate.actual_date or gate.forecast_date
