import re
from datetime import date, timedelta
from io import BytesIO

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import html2plaintext

from odoo.addons.kpi_base.tests.common import some_of
from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

try:
    from pypdf import PdfReader
except ImportError:
    from PyPDF2 import PdfReader

DIGITS_ONLY = re.compile(r"\b\d{1,2}[/.]\d{1,2}[/.]20\d\d\b")
SPACED = re.compile(r"\d[ \u00a0\u202f]%")
READERS = ("en_US", "en_GB", "de_DE")
MAX_RECORDS = 3
TEXTS = ("char", "text", "html")
# What is read as people or other systems wrote it: files, keys, payloads, logs.
NOT_WRITTEN_HERE = ("kpi.import", "kpi.audit", "kpi.api", "kpi.delivery", "kpi.hook")


class FormatsCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in READERS:
            cls.env["res.lang"]._activate_lang(code)
        cls.reader = cls.env["res.users"].search([("login", "=", "admin")])

    def _check(self, text, code, where):
        found = DIGITS_ONLY.findall(text)
        if code.startswith("en"):
            found += SPACED.findall(text)
        self.assertFalse(found, f"{code} {where}: {text[:300]}")


@tagged("post_install", "-at_install")
class TestDemoFormats(FormatsCase):
    """Days and percents on screens come from the reader's language.

    By default a sample of the models is read: what is computed of their records, and
    the terms of their forms and lists.
    """

    def test_no_text_has_a_day_of_digits_or_a_space_of_another_language(self):
        names = sorted(name for name in self.env.registry if name.startswith("kpi."))
        names = [name for name in names if not name.startswith(NOT_WRITTEN_HERE)]
        for code in READERS:
            context = {
                "allowed_company_ids": self.reader.company_ids.ids,
                "lang": code,
                "tz": "Europe/Berlin",
            }
            env = self.env(user=self.reader, context=context)
            for name in some_of(names, "formats"):
                model = env[name]
                if model._abstract or model._transient:
                    continue
                for text, where in self._read_texts(model):
                    self._check(text, code, f"{name}.{where}")

    def _read_texts(self, model):
        try:
            records = model.search([], limit=MAX_RECORDS, order="id desc")
        except (AccessError, UserError):
            return
        for name, field in model._fields.items():
            if field.type not in TEXTS or field.store or not field.compute:
                continue
            for record in records:
                try:
                    yield record[name] or "", name
                except (AccessError, UserError):
                    break

    def test_what_the_overview_and_dashboards_show_is_written_for_the_reader(self):
        for code in READERS:
            env = self.env(
                user=self.reader,
                context={
                    "allowed_company_ids": self.reader.company_ids.ids,
                    "lang": code,
                    "tz": "Europe/Berlin",
                },
            )
            boards = env["kpi.dashboard"].search([], limit=2, order="id")
            home = env["kpi.home"]
            answers = [home.get_summary(), home.get_needs()]
            texts = [text for answer in answers for text in _all_texts(answer)]
            for board in boards:
                texts += map(repr, board._drawings(board.data()))
            self.assertTrue(texts)
            for text in texts:
                self._check(text, code, "overview or dashboard")

    def test_mails_and_their_files_are_written_for_the_reader(self):
        """Dashboards with PDF, tables of KPIs, reports on requests."""
        company = self.reader.company_id
        chosen = {
            "kpi.dashboard.schedule": {
                "dashboard_id": self.env["kpi.dashboard"].search([], limit=1).id,
                "is_only_news": False,
            },
            "kpi.period.report.schedule": {
                "period_report_id": self.env["kpi.period.report"].search([], limit=1).id
            },
            "kpi.tat.report.schedule": {"company_id": company.id},
        }
        for code in READERS:
            self.reader.lang = code
            context = {"allowed_company_ids": company.ids, "lang": code}
            env = self.env(user=self.reader, context=context)
            for model, values in chosen.items():
                people = {"user_ids": self.reader.ids}
                schedule = env[model].create({**values, **people})
                # The outbox is the engine's.
                mails = schedule.sudo()._queue_now(self.reader)
                self.assertTrue(mails, model)
                for mail in mails:
                    for text in (mail.subject or "", *_texts_of_mail(mail)):
                        self._check(text, code, model)


@tagged("post_install", "-at_install")
class TestDemoSharedFormats(OwnCursorCase, FormatsCase):
    """The page behind a link, for visitors of each language."""

    def test_share_pages(self):
        board = self.env["kpi.dashboard"].search([], limit=1)
        for code in READERS:
            self.reader.lang = code
            env = self.env(user=self.reader, context={"lang": code})
            address, _share = env["kpi.dashboard.share"]._generate(
                board.with_env(env), expires_on=date.today() + timedelta(days=9)
            )
            base = self.env["ir.config_parameter"].get_base_url()
            language = {"Accept-Language": code.replace("_", "-")}
            page = self.url_open(address.removeprefix(base), headers=language)
            self.assertEqual(page.status_code, 200)
            self._check(_read_text(page.text), code, "share page")


def _read_text(html):
    """The text of a page, without gaps between numbers and their smaller units."""
    return html2plaintext(re.sub(r"(?<=\d)<span[^>]*>", "", html))


def _texts_of_mail(mail):
    yield _read_text(mail.body or "")
    for file in mail.attachment_ids:
        if file.mimetype == "application/pdf":
            for page in PdfReader(BytesIO(file.raw)).pages:
                # it separates letters of two sizes
                yield re.sub(r"(?<=\d) (?=%)", "", page.extract_text())


def _all_texts(answer):
    """The texts of an answer, but for those of records' fields in links."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        for value in answer.values():
            yield from _all_texts(value)
    elif isinstance(answer, list | tuple):
        for value in answer:
            yield from _all_texts(value)
