import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.kpi_base.tests.common import some_of

DIGITS_ONLY = re.compile(r"\b\d{1,2}[/.]\d{1,2}[/.]20\d\d\b")
SPACED = re.compile(r"\d[ \u00a0\u202f]%")
READERS = ("en_US", "en_GB", "de_DE")
MAX_RECORDS = 3
TEXTS = ("char", "text", "html")
# What is read as people or other systems wrote it: files, keys, payloads, logs.
NOT_WRITTEN_HERE = ("kpi.import", "kpi.audit", "kpi.api", "kpi.delivery", "kpi.hook")


@tagged("post_install", "-at_install")
class TestDemoFormats(TransactionCase):
    """Days and percents on screens come from the reader's language.

    By default a sample of the models is read: what is computed of their records, and
    the terms of their forms and lists.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in READERS:
            cls.env["res.lang"]._activate_lang(code)
        cls.reader = cls.env["res.users"].search([("login", "=", "admin")])

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

    def _check(self, text, code, where):
        found = DIGITS_ONLY.findall(text)
        if code.startswith("en"):
            found += SPACED.findall(text)
        self.assertFalse(found, f"{code} {where}: {text[:300]}")

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
