import io

from openpyxl import load_workbook

from odoo.tests import Form, tagged

from .analysis_case import NOW, AnalysisCase, months, seasonal

EXPECTED = ("expected", "expected_range", "expected_status")


@tagged("post_install", "-at_install")
class TestKpiExpectedReport(AnalysisCase):
    """Tables of KPIs by period: what the running one will probably come to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._entered(
            "Orders",
            months(seasonal()),
            target=900,
            aggregation_time="sum",
            decimals=1,
        )

    def _report(self, user=None, figures=("expected",), **options):
        reports = self._as(user or self.officer, self.env["kpi.period.report"])
        chosen = {"figures": [*figures], "report_ids": self.orders.ids, **options}
        return reports._build_from_options(chosen)

    def _matrix(self, *args, now=NOW, **options):
        with self._at(now):
            return self._report(*args, **options)._matrix()

    def _cells(self, matrix):
        (section,) = matrix["sections"]
        (row,) = section["rows"]
        return row["cells"]

    def test_the_running_period_says_what_is_expected_of_it(self):
        self._fill(self.orders, {"2026-03": 60.0})
        self._analyse(self.orders)
        matrix = self._matrix()
        *closed, running = self._cells(matrix)
        point = self._latest(self.orders)[0]
        self.assertEqual(running["numbers"]["actual"], 60)
        self.assertEqual(running["numbers"]["expected"], round(point.value, 1))
        self.assertEqual(running["texts"]["expected"], f"{point.value:.1f}")
        self.assertEqual(
            running["texts"]["expected_range"],
            f"{point.low_80:.1f} – {point.high_80:.1f}",
        )
        self.assertEqual(running["texts"]["expected_status"], "Off track")
        for cell in closed:
            self.assertNotIn("expected", cell["numbers"])
            self.assertEqual([cell["texts"][key] for key in EXPECTED], [""] * 3)
        labels = {each["key"]: each["label"] for each in matrix["figures"]}
        self.assertEqual(
            [labels[key] for key in EXPECTED],
            ["Forecast at Period End", "Forecast, 80% Range", "Forecast Status"],
        )

    def test_a_period_without_any_value_has_an_expected_end_too(self):
        self._analyse(self.orders)
        running = self._cells(self._matrix())[-1]
        self.assertNotIn("actual", running["texts"])
        self.assertIn("expected", running["texts"])

    def test_a_kpi_without_target_has_no_expected_status(self):
        free = self._entered("Free", months(seasonal()))
        self._analyse(free)
        running = self._cells(self._matrix(report_ids=free.ids))[-1]
        self.assertIn("expected_range", running["texts"])
        self.assertNotIn("expected_status", running["texts"])

    def test_it_is_shown_only_where_it_is_chosen_and_known(self):
        free = self._entered("Free", months(seasonal()))
        level = self._entered("Level", months(seasonal()), aggregation_time="last")
        self._analyse(self.orders, level)
        for name, options in (
            ("not chosen", {"figures": ("target",)}),
            ("no forecast", {"report_ids": free.ids}),
            ("no sum", {"grain": "quarter", "report_ids": level.ids}),
            ("closed periods only", {"has_running": False}),
        ):
            with self.subTest(name):
                matrix = self._matrix(**options)
                (row,) = matrix["sections"][0]["rows"]
                self.assertTrue({*EXPECTED}.isdisjoint(row["figures"]))

    def test_a_quarter_is_expected_to_be_the_sum_of_its_months(self):
        april = "2026-04-02 12:00:00"
        self._fill(self.orders, {"2026-03": 120.0})
        self._analyse(self.orders, now=april)
        known = self._cells(self._matrix(now=april))[-1]
        self.assertIn("expected", known["texts"])
        quarter = self._cells(self._matrix(now=april, grain="quarter"))[-1]
        expected = sum(self._latest(self.orders)[:3].mapped("value"))
        self.assertEqual(quarter["numbers"]["expected"], round(expected, 1))
        self.assertGreater(quarter["texts"]["expected_range"], "")

    def test_what_changed_meanwhile_is_being_updated(self):
        self._analyse(self.orders)
        self._fill(self.orders, {"2025-03": 700.0})
        running = self._cells(self._matrix())[-1]
        self.assertEqual(
            running["texts"]["expected_status"], "Off track, being updated"
        )

    def test_who_does_not_see_the_kpi_sees_no_row_of_it(self):
        self._analyse(self.orders)
        self.assertFalse(self._matrix(self.user)["sections"])
        self.orders.shared_user_ids = self.user
        self.assertIn("expected", self._cells(self._matrix(self.user))[-1]["texts"])

    def test_more_kpis_take_no_more_statements(self):
        others = [self._entered(f"KPI {at}", months(seasonal())) for at in range(5)]
        self._analyse(self.orders, *others)
        ids = [self.orders.id, *(kpi.id for kpi in others)]

        def count(kpi_ids, *figures):
            self.env.flush_all()
            self.env.invalidate_all()
            report = self._report(figures=figures, report_ids=kpi_ids)
            before = self.cr.sql_log_count
            with self._at(NOW):
                report._matrix()
            return self.cr.sql_log_count - before

        count(ids, "expected")  # what Odoo keeps for all calls
        one, all_, plain = (
            count(ids[:1], "expected"), count(ids, "expected"), count(ids)
        )  # fmt: skip
        self.assertEqual((one, all_), (plain + 1, plain + 1))

    def test_files_say_it_as_the_screen_does(self):
        self._fill(self.orders, {"2026-03": 60.0})
        self._analyse(self.orders)
        report = self._report()
        with self._at(NOW):
            texts = self._cells(report._matrix())[-1]["texts"]
            pdf, xlsx = report._file("pdf")[1], report._file("xlsx")[1]
        self.assertTrue(pdf.startswith(b"%PDF"))
        rows = {
            row[2].value: row[-1].value
            for row in load_workbook(io.BytesIO(xlsx)).active
        }
        self.assertEqual(f"{rows['Forecast at Period End']:.1f}", texts["expected"])
        self.assertEqual(rows["Forecast, 80% Range"], texts["expected_range"])
        self.assertEqual(rows["Forecast Status"], "Off track")

    def test_a_saved_table_keeps_the_choice(self):
        reports = self._as(self.officer, self.env["kpi.period.report"])
        start = reports.get_start()
        self.assertIn(
            {"key": "expected", "label": "Forecast at Period End"}, start["figures"]
        )
        keys = {each["key"] for each in start["figures"]}
        self.assertTrue(keys.isdisjoint({"expected_range", "expected_status"}))
        action = reports.get_save_action({"figures": ["expected"]})
        with Form(reports.with_context(**action["context"])) as form:
            form.name = "Ends"
        saved = form.save()
        self.assertTrue(saved.show_expected)
        self.assertEqual(saved._options()["figures"], ["expected"])
