import csv
import io
import json
import tracemalloc
from unittest.mock import patch
from urllib.parse import quote, urlsplit

from lxml import etree
from openpyxl import load_workbook

try:
    from pypdf import PdfReader
except ImportError:  # Debian's Odoo brings its former name
    from PyPDF2 import PdfReader

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.kpi_base.tests.common import LONG

from ...report import kpi_tat_view
from ...report.kpi_tat_view import FORMATS
from .report_case import ReportCase
from .test_kpi_tat_views import MODELS, find_screens


@tagged("post_install", "-at_install")
class TestKpiTatViewFiles(ReportCase, HttpCase):
    """Reports as files hold what the reader sees in the list."""

    count = 40

    def _load(self, model, file_format, **options):
        return self.url_open(
            f"/kpi_workflow_tat/report/{model}/{file_format}",
            params={"options": json.dumps(options)} if options else None,
        )

    def test_each_report_as_each_file(self):
        officer = self._make_user("files", "officer")
        self.authenticate(officer.login, officer.login)
        for model in MODELS:
            own = self.env[model].with_user(officer)
            both = officer.company_ids.ids
            count = own.with_context(allowed_company_ids=both).search_count([])
            chosen = own.with_context(allowed_company_ids=self.company.ids)
            with self.subTest(model):
                pdf = self._load(model, "pdf")
                self.assertTrue(pdf.content.startswith(b"%PDF"))
                text = self._load(model, "csv").content.decode("utf-8-sig")
                rows = list(csv.reader(io.StringIO(text)))
                self.assertEqual(len(rows), 1 + count)
                text = self._load(
                    model, "csv", allowed_company_ids=self.company.ids
                ).text
                self.assertEqual(len(text.splitlines()), 1 + chosen.search_count([]))
                book = load_workbook(io.BytesIO(self._load(model, "xlsx").content))
                self.assertEqual(book.active.max_row, 1 + count)

    def test_a_reader_gets_their_rows_of_the_period_only(self):
        ann = self.people[0]
        self.authenticate(ann.login, ann.login)
        own = self.env["kpi.tat.compliance"].with_user(ann)
        own = own.with_context(allowed_company_ids=self.company.ids)
        period = {"kpi_tat_date_from": "2026-03-10"}
        expected = own.with_context(**period).search([("outcome", "=", "met")])
        self.assertTrue(expected)
        answer = self._load(
            own._name,
            "csv",
            domain=[["outcome", "=", "met"]],
            allowed_company_ids=self.company.ids,
            **period,
        )
        self.assertEqual(len(answer.content.splitlines()), 1 + len(expected))
        refused = self._load("kpi.tat.request.volume", "csv")
        self.assertEqual(refused.status_code, 403)

    def test_each_list_downloads_what_it_shows(self):
        """By the call of the menu ⚙, with the context that the web client sends."""
        officer = self._make_user("lists", "officer")
        self.authenticate(officer.login, officer.login)
        screens = find_screens(self.env)
        self.assertEqual(
            {screen.res_model for screen in screens}, set(MODELS), "one has no list"
        )
        names = screens.mapped("name")
        self.assertLessEqual({"Delays by Reason", "Decisions"}, set(names))
        for screen in screens:
            with self.subTest(screen.name):
                self._check_files(screen, officer)

    def _check_files(self, screen, user):
        context = safe_eval(screen.context)
        rows = self.env[screen.res_model].with_user(user)
        rows = rows.with_context(
            **context,
            active_domain=safe_eval(screen.domain or "[]"),
            allowed_company_ids=user.company_ids.ids,
        )
        view_id = next(each for each, kind in screen.views if kind == "list")
        arch = etree.fromstring(rows.get_view(view_id, "list")["arch"])
        columns = [
            (node.get("string") or rows._fields[node.get("name")].string, node)
            for node in arch.findall("field")
        ]
        files = {}
        for file_format in FORMATS:
            url = getattr(rows, f"action_download_{file_format}")()["url"]
            answer = self.url_open(url)
            self.assertEqual(answer.status_code, 200)
            name = answer.headers["Content-Disposition"]
            self.assertIn(quote(f"{screen.name}.{file_format}"), name)
            files[file_format] = answer.content

        heads = [head for head, _node in columns]
        lines = csv.reader(io.StringIO(files["csv"].decode("utf-8-sig")))
        self.assertEqual(next(lines), heads)
        sheet = load_workbook(io.BytesIO(files["xlsx"])).active
        self.assertEqual([cell.value for cell in sheet[1]], heads)
        page = "".join(PdfReader(io.BytesIO(files["pdf"])).pages[0].extract_text())
        text = "".join(page.split())
        self.assertIn("".join(screen.name.split()), text)
        for head, node in columns:
            if node.get("optional") != "hide":
                self.assertIn("".join(head.split()), text)

    def test_what_is_no_report_is_not_found(self):
        self.authenticate("admin", "admin")
        for path in ("res.users/csv", "kpi.tat.compliance/exe", "no.model/pdf"):
            answer = self.url_open(f"/kpi_workflow_tat/report/{path}")
            self.assertEqual(answer.status_code, 404)
        for options in (
            [],
            {"domain": [["no_field", "=", 1]]},
            {"domain": 3},
            {"allowed_company_ids": "1"},
            {"kpi_tat_screen": ["tat-delays"]},
            {"kpi_tat_template_id": "1"},
            {"kpi_tat_department_id": [1]},
        ):
            answer = self.url_open(
                "/kpi_workflow_tat/report/kpi.tat.compliance/csv",
                params={"options": json.dumps(options)},
            )
            self.assertEqual(answer.status_code, 400)

    def test_the_button_names_the_file_of_the_list(self):
        rows = self.env["kpi.tat.engagement"].with_context(
            active_domain=[("comments_count", ">", 0)], kpi_tat_date_from="2026-03-01"
        )
        action = rows.action_download_csv()
        self.assertEqual(
            urlsplit(action["url"]).path,
            "/kpi_workflow_tat/report/kpi.tat.engagement/csv",
        )
        self.assertIn("comments_count", action["url"])
        self.assertIn("2026-03-01", action["url"])

    def test_rows_that_no_address_can_name_are_refused(self):
        rows = self.env["kpi.tat.engagement"].browse(range(10**6, 10**6 + 2000))
        with self.assertRaisesRegex(UserError, "Select fewer"):
            rows.action_download_csv()

    def test_what_excel_cannot_hold_is_refused_and_names_csv(self):
        officer = self._make_user("excel", "officer")
        rows = self.env["kpi.tat.engagement"].with_user(officer).search([])
        with patch.object(kpi_tat_view, "MOST_XLSX_ROWS", len(rows)):
            _name, content = rows._write_file("xlsx")
        book = load_workbook(io.BytesIO(content))
        self.assertEqual(book.active.max_row, 1 + len(rows))
        with (
            patch.object(kpi_tat_view, "MOST_XLSX_ROWS", len(rows) - 1),
            self.assertRaisesRegex(UserError, "Download CSV"),
        ):
            rows._write_file("xlsx")

    def test_files_are_the_same_in_parts(self):
        rows = self.env["kpi.tat.compliance"].search([])
        names, heads = rows._get_file_heads()
        expected = [heads, *rows._get_file_rows(names)]
        with patch.object(kpi_tat_view, "ROWS_AT_ONCE", 7):
            self.assertEqual(list(rows._iterate_file_lines()), expected)

    def test_a_csv_file_of_many_rows_takes_no_more_memory(self):
        count, at_once = (10_000, 1_000) if LONG else (2_000, 100)
        self.enterContext(patch.object(kpi_tat_view, "ROWS_AT_ONCE", at_once))
        self._add_requests(at_once)
        small, few = self._stream("kpi.tat.engagement")
        self._add_requests(count)
        large, many = self._stream("kpi.tat.engagement")
        self.assertEqual(many, few + count)
        # Of each further row its number is held, and not its texts.
        self.assertLess(large - small, count * 200)

    def _add_requests(self, count):
        self.env.flush_all()
        self.cr.execute(
            """
            INSERT INTO workflow_requests (number, subject, template_id, priority,
                initiator_id, company_id, status, approval_state, submitted_at)
            SELECT 'M' || n, 'Many', %s, 'standard', %s, %s, 'pending', 'pending',
                   '2026-03-01'
              FROM generate_series(1, %s) AS n
            """,
            (self.template.id, self.people[0].id, self.company.id, count),
        )
        self.env.invalidate_all()

    def _stream(self, model):
        """Bytes held at most while the file is written a part at a time; its rows."""
        with self.enter_registry_test_mode():
            parts = self.env[model]._stream_csv({})
            next(parts)  # what is loaded once
            tracemalloc.start()
            try:
                rows = sum(part.count(b"\n") for part in parts)
                _now, most = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        return most, rows
