from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..import_case import KpiImportCase

HEAD = "kpi,department,period,value\n"


@tagged("post_install", "-at_install")
class TestKpiImportNames(KpiImportCase):
    """Names as people write them, and those that nothing has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.satisfaction = cls._kpi("customer_satisfaction", "Customer Satisfaction")
        cls.operations = cls._department("Operations")
        cls.support = cls._department("Support", parent_id=cls.operations.id)
        definition = cls.satisfaction.definition_id
        cls.of_support = definition._track_for("department", cls.support)

    @classmethod
    def _department(cls, name, **values):
        values["company_id"] = cls.company.id
        return cls.env["hr.department"].create({"name": name, **values})

    def _checked(self, content, **values):
        job = self._import(content, is_mapping_kept=False, **values)
        self.assertFalse(job.question)
        job.action_check()
        return job

    def _unknown(self, job):
        return [(each["text"], each["rows"]) for each in job.check_page["unknown"]]

    def test_departments_are_found_in_any_case_and_with_any_spaces(self):
        job = self._checked(
            HEAD
            + "Customer Satisfaction,SUPPORT,2025-10,8.1\n"
            + "customer satisfaction,Operations/Support,2025-09,8.0\n"
            + "Customer  Satisfaction,Support ,2025-08,7.9\n"
            + "customer_satisfaction,support,2025-07,7.8\n"
            + "Customer Satisfaction,Suport,2025-06,7.7\n"
            + "Customer Satisfaction,Suport,2025-05,7.6\n"
        )
        self.assertEqual((job.accepted_count, job.refused_count), (4, 2))
        name = "Customer Satisfaction – Operations / Support (customer_satisfaction)"
        self.assertEqual(
            [row["record"] for row in job.check_page["accepted"]],
            [f"{name} · {month} 2025" for month in ("Oct", "Sep", "Aug", "Jul")],
        )
        (unknown,) = job.check_page["unknown"]
        self.assertEqual(
            unknown,
            {
                "key": "department",
                "label": "Department",
                "text": "Suport",
                "rows": 2,
                "nearest": [
                    {"text": "Operations / Support", "label": "Operations / Support"}
                ],
            },
        )
        job.action_map("department", "Suport", "Operations / Support")
        self.assertEqual((job.accepted_count, job.refused_count), (6, 0))
        job.action_import_checked()
        self.assertEqual(len(self._values_of(self.of_support)), 6)

    def test_of_names_that_differ_in_case_the_exact_spelling_decides(self):
        other = self._department("SUPPORT")
        kpi = self.satisfaction.definition_id._track_for("department", other)
        job = self._imported(
            HEAD
            + "Customer Satisfaction,Support,2025-10,1\n"
            + "Customer Satisfaction,SUPPORT,2025-10,2\n"
            + "Customer Satisfaction,support,2025-10,3\n"
        )
        self.assertCounts(job, added=2, refused=1)
        self.assertEqual([*self._values_of(self.of_support).values()], [1])
        self.assertEqual([*self._values_of(kpi).values()], [2])
        reason = "Department “support”: several matches."
        self.assertEqual(self._reasons(job), {4: reason})
        job = self._checked(HEAD + "Customer Satisfaction,support,2025-10,3\n")
        (unknown,) = job.check_page["unknown"]
        texts = {each["text"] for each in unknown["nearest"]}
        self.assertEqual(texts, {"SUPPORT", "Operations / Support"})

    def test_a_code_is_taken_in_a_column_of_names_and_a_name_in_one_of_codes(self):
        for column in ("kpi", "code"):
            rows = (
                f"{column},period,value\n"
                "customer_satisfaction,2025-01,1\n"
                "Customer_Satisfaction,2025-02,2\n"
                "Customer Satisfaction,2025-03,3\n"
                "customer  satisfaction,2025-04,4\n"
            )
            with self.subTest(column=column):
                job = self._checked(rows)
                self.assertEqual((job.accepted_count, job.refused_count), (4, 0))

    def test_a_name_that_is_the_code_of_another_kpi_is_the_name(self):
        named = self._kpi("other", "sum_calls")
        coded = self._kpi("sum_calls", "Total")
        self._imported("kpi,period,value\nsum_calls,2025-01,1\n")
        self.assertTrue(self._values_of(named))
        self._imported("code,period,value\nsum_calls,2025-01,2\n")
        self.assertTrue(self._values_of(coded))

    def test_codes_in_a_column_of_names_may_have_the_prefix_or_not(self):
        rows = "satisfaction,2025-01,1\ncalls,2025-01,1\n"
        job = self._checked(f"kpi,period,value\n{rows}", code_prefix="customer_")
        self.assertEqual(job.refused_count, 0)
        job = self._checked(f"code,period,value\n{rows}", code_prefix="customer_")
        self.assertEqual(list(self._reasons(job)), [3])

    def test_people_teams_and_companies_are_found_in_any_case(self):
        team = self.env["kpi.team"].create({"name": "Field  Force"})
        definition = self.calls.definition_id
        kpis = [
            definition._track_for("team", team),
            definition._track_for("user", self.officer),
        ]
        job = self._imported(
            "code,team,person,company,period,value\n"
            "calls,field force,,IMPORTING,2025-01,1\n"
            "calls,,KPI_Importer,importing ,2025-01,2\n"
        )
        self.assertCounts(job, added=2)
        self.assertTrue(all(map(self._values_of, kpis)))

    def test_each_name_is_listed_once_most_rows_first(self):
        job = self._checked(
            "code,team,period,value\n"
            + "".join(f"calls,Nobody,2025-{n:02},1\n" for n in range(1, 4))
            + "nothing,,2025-01,1\n"
            + "calls,,2025-01,x\n"
        )
        self.assertEqual(self._unknown(job), [("Nobody", 3), ("nothing", 1)])

    def test_a_name_is_searched_by_a_part_of_it(self):
        job = self._checked(HEAD + "Customer Satisfaction,Nowhere,2025-01,1\n")
        found = job.search_names("department", "operations/s")
        self.assertEqual([each["text"] for each in found], ["Operations / Support"])
        found = job.search_names("kpi_name", "satis")
        self.assertEqual(
            found[0]["label"], "Customer Satisfaction (customer_satisfaction)"
        )
        self.assertEqual(job.search_names("nothing", "a"), [])

    def test_a_name_of_any_length_is_mapped(self):
        long = "Department of Long Distance Calls and Other Correspondence"
        department = self._department(long)
        self.satisfaction.definition_id._track_for("department", department)
        given = long.replace("Distance", "Range")
        job = self._checked(HEAD + f"Customer Satisfaction,{given},2025-01,1\n")
        (unknown,) = job.check_page["unknown"]
        (near,) = unknown["nearest"]
        job.action_map("department", unknown["text"], near["text"])
        self.assertEqual((job.accepted_count, job.refused_count), (1, 0))

    def test_mapped_names_are_remembered_until_that_is_undone(self):
        rows = HEAD + "Customer Satisfaction,Suport,2025-0{},1\n"
        job = self._import(rows.format(1))
        job.action_check()
        job.action_map("department", "Suport", "Operations / Support")
        job.action_import_checked()
        self.assertEqual(job.state, "done")
        self.assertFalse(job.check_page["mapped"])
        again = self._import(rows.format(2))
        again.action_check()
        self.assertEqual((again.accepted_count, again.refused_count), (1, 0))
        (mapped,) = again.check_page["mapped"]
        self.assertEqual(
            mapped,
            {
                "key": "department",
                "label": "Department",
                "text": "Suport",
                "other": "Operations / Support",
            },
        )
        with self.assertRaisesRegex(UserError, "Reload"):
            again.action_unmap("department", "Support")
        again.action_unmap("department", "Suport")
        self.assertEqual((again.accepted_count, again.refused_count), (0, 1))
        self.assertFalse(again.check_page["mapped"])
        later = self._import(rows.format(3))
        later.action_check()
        self.assertEqual(later.refused_count, 1)

    def test_mapped_names_of_one_import_are_not_remembered(self):
        rows = HEAD + "Customer Satisfaction,Suport,2025-01,1\n"
        job = self._checked(rows)
        job.action_map("department", "Suport", "Operations / Support")
        self.assertEqual(job.refused_count, 0)
        self.assertEqual(self._checked(rows).refused_count, 1)

    def test_only_names_of_the_page_are_mapped(self):
        job = self._checked(HEAD + "Customer Satisfaction,Nowhere,2025-01,1\n")
        with self.assertRaisesRegex(UserError, "Reload"):
            job.action_map("department", "Elsewhere", "Support")
        with self.assertRaisesRegex(UserError, "Choose a name"):
            job.action_map("department", "Nowhere", " ")
        other = new_test_user(
            self.env(su=True),
            "kpi_other_names",
            self.officer_groups,
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        for call in (
            lambda seen: seen.action_map("department", "Nowhere", "Support"),
            lambda seen: seen.search_names("department", "S"),
        ):
            with self.assertRaises(AccessError):
                call(job.with_user(other))

    def test_names_of_other_companies_are_not_offered(self):
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self.env["hr.department"].sudo().create(
            {"name": "Supports", "company_id": other.id}
        )
        job = self._checked(HEAD + "Customer Satisfaction,Suports,2025-01,1\n")
        (unknown,) = job.check_page["unknown"]
        texts = [each["text"] for each in unknown["nearest"]]
        self.assertEqual(texts, ["Operations / Support"])
        self.assertFalse(job.search_names("department", "Supports"))
