import io
import json
from unittest.mock import patch

from openpyxl import load_workbook
from PIL import Image

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.models.test_kpi_period_report import (
    NOW,
    KpiPeriodReportCase,
    PdfReader,
)

from ...models.output import kpi_dashboard_records

GROUP = "kpi_base.kpi_base_group_%s"
HOSTILE = "=HYPERLINK(1)<script>alert(1)</script>"


class KpiDashboardFilesCase(KpiPeriodReportCase):
    """A dashboard of revenue and complaints that Ann and Olga see.

    Olga, an officer, sees both KPIs; Ann sees revenue.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kpi_calendar_id = cls.calendar
        users = {"user": "ann_file", "officer": "olga_file"}
        cls.ann, cls.olga = (
            cls._create_user(login, groups=GROUP % group)
            for group, login in users.items()
        )
        cls.revenue.shared_user_ids = cls.ann
        # "card" is the number with its course
        card = cls.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend")
        tiles = [
            ("gauge", cls.revenue, {}),
            ("card", cls.revenue, {"card_id": card.id}),
            ("line", cls.revenue, {"periods": 6, "span": 6}),
            ("bar", cls.complaints, {"periods": 6, "span": 6}),
            ("table", cls.revenue, {"periods": 6}),
            ("text", cls.revenue.browse(), {"text": "<p>Read <b>me</b></p>"}),
        ]
        cls.dashboard = cls.env["kpi.dashboard"].create(
            {
                "name": "Sales",
                "company_id": cls.company.id,
                "owner_id": cls.olga.id,
                "user_ids": [Command.link(cls.ann.id)],
                "tile_ids": [
                    Command.create(
                        {
                            "kind": kind,
                            "sequence": place,
                            "height": 2,
                            "span": 3,
                            "definition_ids": [Command.set(kpi.definition_id.ids)],
                            **others,
                        }
                    )
                    for place, (kind, kpi, others) in enumerate(tiles)
                ],
            }
        )

    def _as(self, user, record=None):
        """The dashboard as the user's next request sees it."""
        self.env.invalidate_all()
        record = self.dashboard if record is None else record
        return record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz="UTC"
        )

    def _file(self, file_format, user=None, **options):
        """A file of the dashboard and the answer that it was made of."""
        own = self._as(user or self.olga)
        with self._at(NOW):
            answer = own.data(options)
            name, content = own._file(file_format, answer)
        self.assertEqual(name, f"Sales.{file_format}")
        return content, answer

    def _pdf(self, user=None, **options):
        content, _answer = self._file("pdf", user, **options)
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@tagged("post_install", "-at_install")
class TestKpiDashboardFiles(KpiDashboardFilesCase):
    def test_the_spreadsheet_holds_the_numbers_of_the_answer(self):
        content, answer = self._file("xlsx")
        book = load_workbook(io.BytesIO(content))
        self.assertEqual(len(book.sheetnames), len(answer["tiles"]))
        for sheet, tile in zip(book, answer["tiles"], strict=True):
            rows = list(sheet.iter_rows(values_only=True))
            if "chart" in tile:
                chart = tile["chart"]
                shown = [tuple(row[1:]) for row in rows[3 : 3 + len(chart["starts"])]]
                values = [series["values"] for series in chart["series"]]
                self.assertEqual(shown, list(zip(*values, strict=True)))
                self.assertEqual(len(sheet._charts), tile["kind"] != "table")
            elif "kpi" in tile:
                self.assertIn(("Value", tile["kpi"]["value"]), [r[:2] for r in rows])

    def test_the_pdf_says_what_the_answer_says(self):
        pages = self._pdf()
        text = "\n".join(pages)
        self.assertIn("Sales", text)
        for words in ("Revenue", "Complaints", "Read me", "Feb 2026"):
            self.assertIn(words, text)
        # February: 90 of 100
        self.assertIn("90", text)
        self.assertIn("At risk", text)
        # The font has no narrow space: another one stands for it.
        self.assertIn("−10% vs target", " ".join(text.split()))

    def test_pages_are_upright_unless_a_table_needs_the_width(self):
        def read():
            content, _answer = self._file("pdf")
            return PdfReader(io.BytesIO(content)).pages

        page = read()[0]
        self.assertLess(page.mediabox.width, page.mediabox.height)
        text = page.extract_text()
        self.assertIn("Confidential", text)
        self.assertRegex(text, r"Page 1 of \d")
        table = self.dashboard.tile_ids.filtered(lambda tile: tile.kind == "table")
        table.write({"kind": "heatmap", "periods": 12})
        page = read()[0]
        self.assertGreater(page.mediabox.width, page.mediabox.height)

    def test_the_picture_is_as_large_as_its_tiles(self):
        content, _answer = self._file("png")
        picture = Image.open(io.BytesIO(content))
        self.assertEqual(picture.width, 2 * kpi_dashboard_records.WIDTH)
        # three rows of tiles, two of them two rows high
        self.assertGreater(picture.height, 2 * 400)
        colors = {color for _count, color in picture.convert("RGB").getcolors(1 << 24)}
        self.assertIn((0x00, 0x72, 0xB2), colors)  # the first series

    def test_a_large_picture_does_not_fill_the_memory(self):
        with patch.object(kpi_dashboard_records, "MOST_PIXELS", 400_000):
            content, _answer = self._file("png")
        picture = Image.open(io.BytesIO(content))
        self.assertLess(picture.width * picture.height, 410_000)

    def test_what_the_reader_may_not_see_is_in_no_file(self):
        name = self.complaints.definition_id.name
        self.assertIn(name, "".join(self._pdf()))
        self.assertNotIn(name, "".join(self._pdf(self.ann)))
        content, _answer = self._file("xlsx", self.ann)
        book = load_workbook(io.BytesIO(content))
        cells = [str(c) for s in book for row in s.values for c in row if c is not None]
        self.assertNotIn("Not available", cells)
        self.assertFalse([cell for cell in (*cells, *book.sheetnames) if name in cell])

    def test_the_files_speak_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.olga.lang = "de_DE"
        big = self._entered("Big", {"2026-02": 1234567.5}, decimals=1)
        self.dashboard.tile_ids[:1].definition_ids = big.definition_id
        self.dashboard.tile_ids[4].definition_ids = big.definition_id
        text = "".join(self._pdf())
        # the unit has smaller letters, before which the text of a PDF has a space
        self.assertIn("1,23\u202fM", text.replace(" \u202f", "\u202f"))
        self.assertIn("1.234.567,5", text)

    def test_names_are_no_markup_and_no_formula(self):
        self.revenue.definition_id.name = HOSTILE
        self.assertIn(HOSTILE[:13], "".join(self._pdf()))
        own = self._as(self.olga)
        with self._at(NOW):
            answer = own.data({})
            page = own._page(answer, own._drawings(answer))
        self.assertNotIn("<script", page)
        content, _answer = self._file("xlsx")
        for sheet in load_workbook(io.BytesIO(content)):
            for row in sheet.iter_rows():
                self.assertNotIn("f", {cell.data_type for cell in row})

    def test_printing_logs_nothing(self):
        with self.assertNoLogs(level="WARNING"):
            self._pdf()

    def test_nothing_that_a_text_links_to_is_fetched(self):
        self.dashboard.tile_ids[-1].text = (
            '<p>Logo <img src="http://127.0.0.1:9/x.png"/>'
            '<img src="file:///etc/passwd"/></p>'
        )
        with self.assertNoLogs(level="WARNING"):
            text = "".join(self._pdf())
        self.assertIn("Logo", text)

    def test_without_weasyprint_it_says_so(self):
        own = self._as(self.olga)
        missing = patch.object(kpi_dashboard_records, "printer", lambda: None)
        with missing, self.assertRaisesRegex(UserError, "WeasyPrint"):
            own._file_pdf({}, [])

    def test_without_resvg_it_says_so(self):
        own = self._as(self.olga)
        missing = patch.object(kpi_dashboard_records, "painter", lambda: None)
        with missing, self.assertRaisesRegex(UserError, "resvg-py"):
            own._file_png({}, [])

    def test_a_long_table_goes_on_over_pages_with_its_heads(self):
        self.dashboard.tile_ids[:4].unlink()
        self.dashboard.tile_ids[0].periods = 60
        pages = self._pdf()
        self.assertGreater(len(pages), 1)
        self.assertEqual([("Period" in page) for page in pages], [True] * len(pages))


@tagged("post_install", "-at_install")
class TestKpiDashboardArabic(KpiDashboardFilesCase):
    """Words in Arabic are written from the right, numbers from the left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ar_001")
        cls.olga.lang = "ar_001"

    def test_names_and_parts_of_charts_read_as_they_are_written(self):
        name = "مبيعات الربع"
        self.revenue.definition_id.with_context(lang="ar_001").name = name
        both = self.revenue.definition_id | self.complaints.definition_id
        self.dashboard.tile_ids[2].definition_ids = both
        text = "".join(self._pdf())
        # Turned round, as a printer writes it inside of an SVG, it would be another.
        self.assertGreaterEqual(text.count(name), 5)  # four titles and a legend
        self.assertNotIn("".join(reversed(name.replace(" ", ""))), text)

    def test_the_page_begins_at_the_right(self):
        own = self._as(self.olga)
        with self._at(NOW):
            answer = own.data({})
            page = own._page(answer, own._drawings(answer))
        self.assertIn('dir="rtl"', page)


@tagged("post_install", "-at_install")
class TestKpiDashboardFileRoutes(KpiDashboardFilesCase, HttpCase):
    def _get(self, file_format, options="{}", login="olga_file"):
        self.authenticate(login, login)
        url = f"/kpi/dashboard/{self.dashboard.id}/{file_format}?options={options}"
        return self.url_open(url)

    def test_each_file_is_downloaded_and_kept_by_nobody(self):
        starts = {"pdf": b"%PDF", "png": b"\x89PNG", "xlsx": b"PK"}
        for file_format, start in starts.items():
            answer = self._get(file_format)
            self.assertEqual(answer.status_code, 200)
            self.assertTrue(answer.content.startswith(start))
            self.assertIn("Sales", answer.headers["Content-Disposition"])
            self.assertEqual(answer.headers["Cache-Control"], "private, no-store")

    def test_who_may_not_see_it_does_not_learn_that_it_is_there(self):
        self._create_user("nora_file", groups=GROUP % "user")
        for file_format in ("pdf", "print"):
            answer = self._get(file_format, login="nora_file")
            self.assertEqual(answer.status_code, 404)
            self.assertNotIn("Sales", answer.text)

    def test_odd_addresses_are_refused_in_words(self):
        self.assertEqual(self._get("exe").status_code, 404)
        self.assertEqual(self._get("pdf", "{").status_code, 400)
        for levels in (200, 3_000):
            deep = self._get("pdf", "[" * levels + "]" * levels)
            self.assertEqual(deep.status_code, 400)
            self.assertIn("nested too deeply", deep.text)
        refused = self._get("pdf", json.dumps({"grain": "fortnight"}))
        self.assertEqual(refused.status_code, 422)
        self.assertIn("fortnight", refused.text)

    def test_options_choose_what_is_shown(self):
        options = json.dumps({"grain": "month", "start": "2026-01-01"})
        page = self._get("print", options).text
        self.assertIn("Jan 2026", page)
        self.assertNotIn("Feb 2026", page)

    def test_without_weasyprint_the_browser_prints(self):
        module = "odoo.addons.kpi_tracking_dashboard.controllers.dashboard"
        with patch(f"{module}.printer", lambda: None):
            answer = self._get("pdf")
        self.assertIn("text/html", answer.headers["Content-Type"])
        self.assertIn("Until it is installed, print this page to PDF", answer.text)
        self.assertIn("script-src 'self'", answer.headers["Content-Security-Policy"])
