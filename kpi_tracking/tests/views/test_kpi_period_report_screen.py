import io
import json
from urllib.parse import urlencode

from openpyxl import load_workbook

from odoo.tests import HttpCase, new_test_user, tagged

GROUP = "base.group_user,kpi_base.kpi_base_group_%s"
SECRET = 987_654.0


class KpiPeriodScreenCase(HttpCase):
    """A KPI of the company with a secret value, one of Una herself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search([]).active = False
        cls.una = new_test_user(cls.env, "una_table", GROUP % "user")
        cls.officer = new_test_user(cls.env, "olga_table", GROUP % "officer")
        definition = cls.env["kpi.definition"].create(
            {
                "name": "Profit",
                "code": "profit_table",
                "computation": "manual",
                "aggregation_time": "sum",
            }
        )
        cls.secret = definition._track_for("company", cls.env.company)
        cls.own = definition._track_for("user", cls.una)
        month = cls.env.cr.now().date().replace(day=1)
        rows = [(cls.secret.id, month, SECRET), (cls.own.id, month, 1234.0)]
        cls.env["kpi.measurement"]._upsert("month", rows, source="manual")


@tagged("post_install", "-at_install")
class TestKpiPeriodReportScreen(KpiPeriodScreenCase):
    def test_no_way_gives_an_employee_the_number_of_another(self):
        self.authenticate("una_table", "una_table")
        options = {"report_ids": (self.secret | self.own).ids}
        table = self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {
                "model": "kpi.period.report",
                "method": "get_matrix",
                "args": [options],
                "kwargs": {},
            },
        )
        self.assertIn("1,234", json.dumps(table))
        self.assertNotRegex(json.dumps(table), "987,?654")
        sheet = self._downloaded("xlsx", options)
        cells = load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True)
        numbers = [value for line in cells for value in line]
        self.assertIn(1234, numbers)
        self.assertNotIn(SECRET, numbers)
        self.assertTrue(self._downloaded("pdf", options).startswith(b"%PDF"))

    def _downloaded(self, file_format, options):
        query = urlencode({"options": json.dumps(options)})
        answer = self.url_open(f"/kpi_tracking/period_report/{file_format}?{query}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        return answer.content

    def test_a_stranger_and_odd_requests_are_refused(self):
        url = "/kpi_tracking/period_report/pdf"
        answer = self.url_open(url, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.authenticate("una_table", "una_table")
        self.assertEqual(self.url_open(f"{url}?options=[").status_code, 400)
        self.assertEqual(self.url_open(f"{url}?options=[1]").status_code, 422)
        for levels in (200, 3_000):
            deep = self.url_open(f"{url}?options={'[' * levels}{']' * levels}")
            self.assertEqual(deep.status_code, 400)
            self.assertIn("nested too deeply", deep.text)
        for options, said in (
            ({"report_ids": [2**40]}, "Invalid value for"),
            ({"period_count": 1e400}, "Infinity is not a valid JSON number."),
        ):
            odd = self.url_open(f"{url}?{urlencode({'options': json.dumps(options)})}")
            self.assertIn(said, odd.text)
        gone = self.url_open("/kpi_tracking/period_report/exe")
        self.assertEqual(gone.status_code, 404)

    def test_what_is_chosen_stands_in_the_address_and_is_found_there(self):
        wait = """
            const until = async (test) => {
                for (let tries = 0; tries < 100; tries++) {
                    const found = test();
                    if (found) return found;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                throw new Error(`never: ${test}`);
            };
        """
        code = f"""(async () => {{
            {wait}
            const one = (css) => document.querySelector(css);
            // three significant digits, the exact value on hover
            const value = one(".o_kpi_period_running .o_kpi_period_cell");
            if (value.textContent.trim() !== "988") throw new Error(value.textContent);
            if (!value.dataset.tooltip.includes("987,654")) throw new Error("inexact");
            if (one(".o_kpi_period_unit").textContent !== "k") throw new Error("unit");
            const bar = one(".o_kpi_period_bar");
            const [grain, range] = bar.querySelectorAll("select");
            if (grain.value !== "quarter") throw new Error(grain.value);
            range.value = "3";
            range.dispatchEvent(new Event("change"));
            await until(() => location.search.includes("last=3"));
            // name and trend, three quarters, target, status and change
            await until(() => document.querySelectorAll("thead th").length === 8);
            one(".o_kpi_period_cell").click();
            await until(() => one(".modal .o_form_view"));
            console.log("test successful");
        }})()"""
        self.browser_js(
            "/odoo/kpi-by-period?grain=quarter",
            code,
            ready="!!document.querySelector('.o_kpi_period_cell')",
            login="olga_table",
        )

    def test_figures_are_columns_of_the_last_period_or_lines_of_each(self):
        code = """(async () => {
            const until = async (test) => {
                for (let tries = 0; tries < 100; tries++) {
                    const found = test();
                    if (found) return found;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                throw new Error(`never: ${test}`);
            };
            const one = (css) => document.querySelector(css);
            const choose = async (text) => {
                const items = () => [...document.querySelectorAll(".dropdown-item")];
                const named = (item) => item.textContent.trim() === text;
                (await until(() => items().find(named))).click();
            };
            const heads = () =>
                [...document.querySelectorAll("thead th")].map((th) => th.textContent);
            one(".o_kpi_period_bar .fa-columns").parentElement.click();
            await choose("Year to Date");
            await until(() => heads().at(-1) === "Year to Date");
            await choose("For each period");
            await until(() => one(".o_kpi_period_other"));
            if (heads().at(-1) === "Year to Date") throw new Error("it is there twice");
            one(".o_kpi_period_bar .fa-filter").parentElement.click();
            await until(() => one(".o_kpi_period_filters"));
            one(".o_control_panel_navigation .btn-primary").click();
            await until(() => one(".modal .o_form_view [name=schedule_ids]"));
            console.log("test successful");
        })()"""
        self.browser_js(
            "/odoo/kpi-by-period",
            code,
            ready="!!document.querySelector('.o_kpi_period_cell')",
            login="olga_table",
        )

    def test_an_error_is_shown_where_the_table_would_be(self):
        self.browser_js(
            "/odoo/kpi-by-period?last=99",
            """
            const said = document.querySelector(".alert-danger").textContent;
            if (!said.includes("1 to 60 periods")) throw new Error(said);
            console.log("test successful");
            """,
            ready="!!document.querySelector('.o_kpi_period_report .alert-danger')",
            login="olga_table",
        )


@tagged("post_install", "-at_install")
class TestKpiPeriodReportPhone(KpiPeriodScreenCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_the_table_scrolls_and_the_page_does_not(self):
        self.browser_js(
            "/odoo/kpi-by-period?last=12",
            """
            const page = document.documentElement;
            const table = document.querySelector(".o_kpi_period_scroller");
            const name = document.querySelector("tbody .o_kpi_period_name");
            if (page.scrollWidth > page.clientWidth) throw new Error("page scrolls");
            if (table.scrollWidth <= table.clientWidth) throw new Error("all fits?");
            const box = (css) => document.querySelector(css).getBoundingClientRect();
            const names = box("thead .o_kpi_period_name").right;
            const latest = box("thead .o_kpi_period_running").left;
            if (latest < names - 1) throw new Error("the name covers the latest");
            const left = () => name.getBoundingClientRect().left;
            const before = left();
            table.scrollLeft = 0;
            if (Math.abs(left() - before) > 1) throw new Error("the name moves");
            console.log("test successful");
            """,
            ready="!!document.querySelector('.o_kpi_period_cell')",
            login="olga_table",
        )
