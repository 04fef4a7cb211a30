import io
from datetime import date, timedelta

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, tagged
from odoo.tools.misc import get_lang

from odoo.addons.kpi_base.engine.tabular import open_table

from ..common import KpiCase

try:
    from pypdf import PdfReader
except ImportError:  # Python 3.12 and older: Odoo asks for its predecessor
    from PyPDF2 import PdfReader

NOW = "2026-03-11 12:00:00"
ALL = [
    "target",
    "variance",
    "variance_percent",
    "achievement",
    "previous",
    "previous_percent",
    "last_year",
    "last_year_percent",
    "ytd",
]


def month(text):
    return date.fromisoformat(f"{text}-01")


class KpiPeriodReportCase(KpiCase):
    """Revenue, complaints (fewer are better) and a ratio, entered by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar(tz="UTC", fiscal_month="2")
        cls.revenue = cls._entered(
            "Revenue",
            {"2025-02": 100, "2025-03": 70, "2026-01": 120, "2026-02": 90},
            target=100,
        )
        cls.complaints = cls._entered(
            "Complaints",
            {"2025-02": 4, "2026-01": 5, "2026-02": 3},
            direction="lower",
            target=4,
        )
        cls.reports = cls.env["kpi.period.report"]

    @classmethod
    def _entered(cls, name, values, target=None, **definition):
        kpi = cls._track(
            cls.env["kpi.definition"].create(
                {
                    "name": name,
                    "code": cls.env["kpi.definition"]._code_from_name(name),
                    "computation": "manual",
                    "company_id": cls.company.id,
                    "calendar_id": cls.calendar.id,
                    "aggregation_time": "sum",
                    "history_start": "2024-01-01",
                    **definition,
                }
            )
        )
        rows = [(kpi.id, month(start), value) for start, value in values.items()]
        cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
        if target:
            cls.env["kpi.target"].create(
                {"report_id": kpi.id, "date_from": "2025-01-01", "value": target}
            )
        return kpi

    def _table(self, figures=tuple(ALL), **options):
        with self._at(NOW):
            return self.reports.get_matrix(
                {
                    "figures": list(figures),
                    "range_type": "fixed",
                    "date_from": "2026-01-01",
                    "date_to": "2026-02-28",
                    "report_ids": (self.revenue | self.complaints).ids,
                    **options,
                }
            )

    def _rows(self, table):
        return {row["id"]: row for part in table["sections"] for row in part["rows"]}


@tagged("post_install", "-at_install")
class TestKpiPeriodReport(KpiPeriodReportCase):
    def test_the_widest_come_first(self):
        first = self.env["kpi.definition.category"].create(
            {"name": "A", "sequence": -1}
        )
        kpi = self.revenue.definition_id.copy(
            {"name": "Agent's revenue", "code": "agent", "category_id": first.id}
        )
        own = self._track(kpi, self._create_user("agent"))
        shown = self._rows(
            self._table(report_ids=(own | self.revenue | self.complaints).ids)
        )
        self.assertEqual([*shown][-1], own.id)

    def test_each_figure_is_what_a_person_would_work_out(self):
        january, february = self._rows(self._table())[self.revenue.id]["cells"]
        self.assertEqual(
            january["numbers"],
            {
                "actual": 120,
                "target": 100,
                "variance": 20,
                "variance_percent": 20,
                "achievement": 120,
                # December and January 2025 have no value: nothing is compared
                "ytd": 290,  # fiscal year from February 2025: 100 + 70 + 120
            },
        )
        self.assertEqual(
            february["numbers"],
            {
                "actual": 90,
                "target": 100,
                "variance": -10,
                "variance_percent": -10,
                "achievement": 90,
                "previous": 120,
                "previous_percent": -25,
                "last_year": 100,
                "last_year_percent": -10,
                "ytd": 90,
            },
        )
        self.assertEqual(january["status"], "on_target")
        self.assertEqual(february["status"], "at_risk")

    def test_more_of_what_should_be_little_is_a_variance_above_and_off_track(self):
        january, february = self._rows(self._table())[self.complaints.id]["cells"]
        self.assertEqual(january["numbers"]["variance"], 1)
        self.assertEqual(january["numbers"]["variance_percent"], 25)
        self.assertEqual(january["numbers"]["achievement"], 80)
        self.assertEqual(january["status"], "at_risk")
        self.assertEqual(february["numbers"]["last_year_percent"], -25)
        self.assertEqual(february["status"], "on_target")

    def test_a_missing_value_is_left_out_and_never_zero(self):
        table = self._table(date_from="2025-12-01", date_to="2025-12-31")
        (cell,) = self._rows(table)[self.revenue.id]["cells"]
        self.assertEqual(cell["status"], "no_data")
        self.assertEqual(cell["numbers"], {"target": 100, "ytd": 170})

    def test_a_running_period_is_set_against_the_part_of_the_target_that_is_due(self):
        rows = [(self.revenue.id, month("2026-03"), 31)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        table = self._table(range_type="last", period_count=1)
        column = table["sections"][0]["columns"][0]
        self.assertTrue(column["is_running"])
        numbers = self._rows(table)[self.revenue.id]["cells"][0]["numbers"]
        # 10 of 31 days are over: 100 × 10 / 31 = 32.26, shown without decimals
        self.assertEqual(numbers["target"], 32)
        self.assertEqual(numbers["variance_percent"], -3.9)  # 31 / 32.2581 − 1
        texts = self._rows(table)[self.revenue.id]["cells"][0]["texts"]
        self.assertEqual(texts["variance_percent"], "−3.9%")  # no hyphen
        closed = self._table(range_type="last", period_count=1, has_running=False)
        self.assertEqual(closed["sections"][0]["columns"][0]["start"], "2026-02-01")

    def test_behind_the_periods_stands_the_last_one(self):
        own = self._track(self.revenue.definition_id, self._create_user("agent"))
        ids = (self.revenue | own).ids
        table = self._table(figures=[], report_ids=ids)
        self.assertEqual(table["company_id"], self.company.id)
        (section,) = table["sections"]
        labels = [column["previous_label"] for column in section["columns"]]
        self.assertEqual(labels, ["", "Jan 2026"])
        rows = self._rows(table)
        latest = rows[self.revenue.id]["latest"]
        self.assertEqual(latest["name"], "Revenue")
        self.assertEqual(rows[own.id]["latest"]["name"], own.name)
        self.assertEqual((latest["before"], latest["after"]), (120, 90))
        self.assertEqual((latest["target"], latest["direction"]), (100, "higher"))
        self.assertEqual(latest["unit"]["kind"], "number")
        trend = latest["trend"]
        self.assertEqual(len(trend), 12)
        self.assertEqual((trend[0]["label"], trend[0]["value"]), ("Mar 2025", 70))
        self.assertEqual((trend[-1]["label"], trend[-1]["value"]), ("Feb 2026", 90))

    def test_before_periods_to_come_stands_the_running_one(self):
        table = self._table(figures=[], date_to="2026-05-31")
        (section,) = table["sections"]
        labels = [column["previous_label"] for column in section["columns"]]
        self.assertEqual(labels, ["", "", "Feb 2026", "", ""])
        latest = self._rows(table)[self.revenue.id]["latest"]
        self.assertEqual(latest["trend"][-1]["label"], "Mar 2026")

    def test_who_works_with_targets_of_others_begins_with_all(self):
        self.assertEqual(self.reports.get_start()["scope_type"], "company")
        groups = "base.group_user,kpi_base.kpi_base_group_user"
        agent = self._create_user("agent", groups=groups)
        own = self._track(self.revenue.definition_id, agent)
        visits = self._entered("Visits", {"2026-02": 7})
        visits.shared_user_ids = [Command.link(agent.id)]
        reports = self.reports.with_user(agent).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertEqual(reports.get_start()["scope_type"], "company")
        self.env["kpi.target"].create(
            {"report_id": own.id, "date_from": "2026-01-01", "value": 5}
        )
        self.assertFalse(reports.get_start()["scope_type"])

    def test_no_company_is_named_where_only_people_have_kpis(self):
        own = self._track(self.revenue.definition_id, self._create_user("agent"))
        self.assertFalse(self._table(report_ids=own.ids)["company_id"])

    def test_what_a_running_period_has_come_to_is_not_compared_with_a_whole_one(self):
        rows = [(self.revenue.id, month("2026-03"), 31)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        table = self._table(figures=[], range_type="last", period_count=2)
        latest = self._rows(table)[self.revenue.id]["latest"]
        self.assertEqual((latest["before"], latest["after"]), (None, None))
        self.assertAlmostEqual(latest["target"], 100 * 10 / 31)
        self.assertEqual(latest["note"], "Mar 2026: compared after it closes")

    def test_of_almost_nothing_there_is_no_percentage(self):
        small = self._entered("Small", {"2026-01": 2, "2026-02": 112}, target=5)
        cell = self._rows(self._table(report_ids=small.ids))[small.id]["cells"][1]
        self.assertEqual(
            cell["numbers"].keys() & {"previous_percent", "variance_percent"}, set()
        )
        self.assertEqual(cell["texts"]["previous_percent"], "from 2 to 112")
        self.assertEqual(cell["texts"]["variance_percent"], "+107")

    def test_quarters_add_up_their_months_as_does_their_target(self):
        table = self._table(grain="quarter", figures=["target", "last_year"])
        # fiscal quarters begin in February; the range touches two of them
        cells = self._rows(table)[self.revenue.id]["cells"]
        labels = [column["start"] for column in table["sections"][0]["columns"]]
        self.assertEqual(labels, ["2025-11-01", "2026-02-01"])
        self.assertEqual(cells[0]["numbers"], {"actual": 120, "target": 300})

    def test_a_range_is_shown_instead_of_a_target(self):
        noise = self._entered("Noise", {"2026-01": 9}, direction="range", decimals=1)
        self.env["kpi.target"].create(
            {
                "report_id": noise.id,
                "date_from": "2025-01-01",
                "range_low": 4,
                "range_high": 7,
            }
        )
        table = self._table(report_ids=noise.ids, date_to="2026-01-31")
        (cell,) = self._rows(table)[noise.id]["cells"]
        self.assertEqual(cell["texts"]["target"], "4.0 – 7.0")
        self.assertEqual(cell["numbers"]["variance"], 2)

    def test_a_kpi_of_longer_periods_says_so(self):
        yearly = self._entered("Yearly", {}, frequency="year")
        row = self._rows(self._table(report_ids=yearly.ids))[yearly.id]
        self.assertEqual(row["note"], "Not shown (different periods): yearly.")
        self.assertEqual(row["cells"][0]["texts"], {})

    def test_a_running_period_is_compared_with_the_same_part_of_the_other(self):
        daily = self._entered(
            "Visits", {}, frequency="day", coarsest_grain="month", target=10
        )
        share = self._entered(
            "Share",
            {"2026-02": 40, "2026-03": 50},
            unit="percent",
            aggregation_time="average",
        )
        self.env["kpi.measurement"]._upsert(
            "month", [(self.revenue.id, month("2026-03"), 45)], source="manual"
        )
        begin = month("2026-01")
        rows = [
            (daily.id, begin + timedelta(days=day), 1 + (day >= 31) + (day >= 59))
            for day in range(70)  # up to March 11: 1 a day, then 2, then 3
        ]
        self.env["kpi.measurement"]._upsert("day", rows, source="manual")

        def running(now):
            with self._at(now):
                table = self._rows(
                    self.reports.get_matrix(
                        {
                            "figures": ["previous", "previous_percent", "target"],
                            "has_running": True,
                            "period_count": 2,
                            "report_ids": (daily | share | self.revenue).ids,
                        }
                    )
                )
            return {
                kpi: (table[kpi.id]["cells"][-1]["numbers"], table[kpi.id]["note"])
                for kpi in daily | share | self.revenue
            }

        found = running(NOW)
        numbers, note = found[daily]
        # 10 days have closed: 20 in February, 30 in March
        self.assertEqual((numbers["previous"], numbers["previous_percent"]), (20, 50))
        self.assertEqual(
            note,
            "Mar 2026: compares closed days only",
        )
        numbers, note = found[self.revenue]
        self.assertEqual((numbers["actual"], numbers["target"]), (45, 32))
        self.assertEqual(numbers.keys() & {"previous", "previous_percent"}, set())
        self.assertEqual(note, "Mar 2026: compared after it closes")
        numbers, note = found[share]
        self.assertEqual((numbers["previous"], numbers["previous_percent"]), (40, 25))
        self.assertEqual(note, "")
        numbers, _note = running("2026-03-01 12:00:00")[daily]
        self.assertNotIn("previous", numbers, "no day is over")
        numbers, _note = running("2026-04-01 12:00:00")[self.revenue]
        self.assertNotIn("previous", numbers, "April has no value")

    def test_ratios_have_a_year_to_date_only_where_the_year_has_a_value(self):
        ratio = self._entered("Ratio", {}, aggregation_time="none", decimals=1)
        upsert = self.env["kpi.measurement"]._upsert
        months = [(ratio.id, month("2026-01"), 2.0), (ratio.id, month("2026-02"), 4.0)]
        upsert("month", months, source="manual")
        upsert("year", [(ratio.id, month("2025-02"), 2.5)], source="manual")
        cells = self._rows(self._table(report_ids=ratio.ids))[ratio.id]["cells"]
        self.assertEqual([cell["numbers"].get("ytd") for cell in cells], [2.5, None])

    def _formula(self, name, text):
        return self._entered(
            name, {}, computation="formula", formula=text, aggregation_time="formula"
        )

    def test_a_formula_to_date_is_that_of_what_its_parts_came_to(self):
        self._entered("Hits", {"2025-12": 1, "2026-01": 1, "2026-02": 2})
        self._entered("Shots", {"2025-12": 4, "2026-01": 6, "2026-02": 5})
        share = self._formula("Share", "100 * hits / shots")
        double = self._formula("Double", "2 * share")
        step = self._formula("Step", "hits - prev(hits)")
        kpis = share | double | step
        rows = self._rows(self._table(report_ids=kpis.ids, date_from="2025-12-01"))
        shown = [
            [cell["numbers"].get("ytd") for cell in rows[kpi.id]["cells"]]
            for kpi in kpis
        ]
        # The fiscal year begins in February: 1 / 4, then 2 / 10, then 2 / 5.
        expected = [[25, 20, 40], [50, 40, 80], [None, None, None]]
        self.assertEqual(shown, expected)

    def test_kpis_with_another_calendar_have_columns_of_their_own(self):
        weekly = self._create_calendar(pattern="4-4-5", fiscal_month="2")
        other = self._entered("Other", {}, calendar_id=weekly.id)
        ids = (self.revenue | other).ids
        sections = self._table(report_ids=ids)["sections"]
        self.assertEqual(len(sections), 2)
        starts = [section["columns"][0]["start"] for section in sections]
        self.assertEqual(len(set(starts)), 2)

    def test_scorecards_are_sections_in_their_own_order(self):
        card = self.env["kpi.report.group"].create(
            {
                "name": "Sales card",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"report_id": self.revenue.id, "sequence": 2}),
                    Command.create({"report_id": self.complaints.id, "sequence": 1}),
                ],
            }
        )
        (section,) = self._table(report_ids=[], group_ids=card.ids)["sections"]
        self.assertEqual(section["title"], "Sales card")
        ids = [row["id"] for row in section["rows"]]
        self.assertEqual(ids, [self.complaints.id, self.revenue.id])

    def test_a_saved_report_shows_what_its_options_show(self):
        with self._at(NOW):
            # as the screen calls it: without records
            asked = [{"figures": ["ytd"], "grain": "week"}, False]
            action = call_kw(self.reports, "get_save_action", asked, {})
        form = Form(self.reports.with_context(**action["context"]))
        form.name = "Weeks"
        saved = form.save()
        self.assertEqual(saved._figures(), ["actual", "ytd"])
        self.assertEqual(
            saved._build_from_options(saved._options())._options(), saved._options()
        )

    def test_what_no_table_has_is_refused_in_plain_words(self):
        for options, words in (
            ({"period_count": 61}, "1 to 60 periods, not 61"),
            ({"period_count": "many"}, "Invalid value for “Number of Periods”"),
            ({"colour": "red"}, "Unknown table option “colour”"),
            ({"department_ids": ["x"]}, "Invalid value for “Departments”"),
            ({"grain": "decade"}, "Invalid value for “Periods”"),
            ({"range_type": "fixed"}, "enter a start and an end date"),
            (
                {
                    "range_type": "fixed",
                    "date_from": "2020-01-01",
                    "date_to": "2026-01-01",
                },
                "60 periods, not 73",
            ),
        ):
            with (
                self.subTest(options=options),
                self.assertRaisesRegex(UserError, words),
            ):
                self.reports.get_matrix({**options, "report_ids": self.revenue.ids})
        with self.assertRaisesRegex(ValidationError, "before the start date"):
            self.reports.create(
                {
                    "name": "Backwards",
                    "range_type": "fixed",
                    "date_from": "2026-02-01",
                    "date_to": "2026-01-01",
                }
            )

    def test_200_kpis_and_12_periods_take_ten_statements(self):
        definitions = self.env["kpi.definition"].create(
            [
                {
                    "name": f"KPI {number}",
                    "code": f"kpi_{number}",
                    "computation": "manual",
                    "company_id": self.company.id,
                    "calendar_id": self.calendar.id,
                    "aggregation_time": "sum",
                }
                for number in range(200)
            ]
        )
        kpis = self._track(definitions)
        rows = [
            (kpi.id, date(year, at, 1), 10.0)
            for kpi in kpis
            for year in (2025, 2026)
            for at in range(1, 13)
        ]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        options = {"report_ids": kpis.ids, "period_count": 12, "figures": ALL}
        self.reports.get_matrix(options)
        self.env.flush_all()
        self.env.invalidate_all()
        # What any page has read already: the language of the person or their company.
        self.assertTrue(get_lang(self.env).code)
        with self.assertQueryCount(10):
            table = self.reports.get_matrix(options)
        self.assertEqual(len(self._rows(table)), 200)


@tagged("post_install", "-at_install")
class TestKpiPeriodReportFiles(KpiPeriodReportCase):
    def setUp(self):
        super().setUp()
        self.evil = self._entered("=HYPERLINK(1)&<b>x</b>", {"2026-01": 1234.5678})
        self.evil.definition_id.decimals = 2
        self.options = {
            "figures": ALL,
            "range_type": "fixed",
            "date_from": "2026-01-01",
            "date_to": "2026-02-28",
            "report_ids": (self.revenue | self.complaints | self.evil).ids,
        }

    def _files(self, lang="en_US"):
        reports = self.reports.with_context(lang=lang)
        with self._at(NOW):
            report = reports._build_from_options(self.options)
            return report._matrix(), report._file("pdf")[1], report._file("xlsx")[1]

    def test_pdf_and_xlsx_hold_what_the_screen_shows_to_the_digit(self):
        matrix, pdf, xlsx = self._files()
        printed = " ".join(
            " ".join(
                page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages
            ).split()
        )
        # as an import reads it: percentages are fractions in the file
        cells = {
            (line.cells[0], line.cells[2]): line.cells[3:]
            for line in open_table(xlsx).rows()
            if len(line.cells) > 3
        }
        labels = {figure["key"]: figure["label"] for figure in matrix["figures"]}
        compared = 0
        for row in matrix["sections"][0]["rows"]:
            for figure in row["figures"]:
                texts = [cell["texts"].get(figure, "–") for cell in row["cells"]]
                self.assertIn(" ".join(texts).replace("\u202f", " "), printed)
                numbers = [cell["numbers"].get(figure) for cell in row["cells"]]
                found = cells.get((row["name"], labels[figure]), [])
                missing = [None] * (len(numbers) - len(found))
                self.assertEqual(found + missing, numbers)
                compared += len(numbers)
        self.assertGreater(compared, 30)

    def test_numbers_are_numbers_with_the_decimals_of_the_kpi(self):
        _matrix, _pdf, xlsx = self._files()
        sheet = load_workbook(io.BytesIO(xlsx)).active
        cells = [cell for line in sheet.iter_rows() for cell in line]
        value = next(cell for cell in cells if cell.value == 1234.57)
        self.assertEqual(value.data_type, "n")
        self.assertEqual(value.number_format, "#,##0.00")
        self.assertEqual(sheet.freeze_panes, "D4")

    def test_what_people_typed_is_neither_formula_nor_link_nor_markup(self):
        _matrix, pdf, xlsx = self._files()
        sheet = load_workbook(io.BytesIO(xlsx)).active
        names = [cell for (cell,) in sheet.iter_rows(max_col=1)]
        typed = [cell for cell in names if "HYPERLINK" in str(cell.value)]
        self.assertTrue(typed)
        self.assertEqual({cell.data_type for cell in typed}, {"s"})
        self.assertFalse(any(cell.hyperlink for cell in typed))
        text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
        self.assertIn("<b>x</b>", text)

    def test_files_speak_the_readers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        matrix, pdf, _xlsx = self._files("de_DE")
        row = next(r for r in matrix["sections"][0]["rows"] if r["id"] == self.evil.id)
        self.assertEqual(row["cells"][0]["texts"]["actual"], "1.234,57")
        text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
        self.assertIn("1.234,57", text)
        self.assertIn("Jan. 2026", " ".join(text.split()))
