import re
from threading import current_thread

from odoo.tests import TransactionCase, tagged
from odoo.tools import float_repr, html2plaintext

from odoo.addons.kpi_base.rights import remember_rights
from odoo.addons.kpi_base.tests.common import LONG, is_in_sample

LOGINS = ("demo.employee", "admin")
MOST_RECORDS = 60  # of each model; the newest, whose names people type
TEXTS = ("text", "html")
NUMBERS = ("float", "monetary")
SHORTEST = 4  # shorter texts are words that stand anywhere
# What people write, which has no other name than its first words.
TITLED = {"kpi.action.item", "kpi.lesson"}


@tagged("post_install", "-at_install")
class TestDemoNames(TransactionCase):
    """Whoever types or pastes the name that is shown finds the record.

    By default a third of the records is tried, each by the first who may read it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        current_thread().dbname = cls.env.cr.dbname

    def setUp(self):
        super().setUp()
        # as requests that read
        self.enterContext(remember_rights(self.env))

    def test_each_record_is_found_by_the_name_that_it_is_shown_with(self):
        for record in self._iterate_records():
            if name := record.display_name:
                self._find(record, name)

    def _iterate_records(self):
        tried = set()
        for model in self._iterate_models():
            for record in model.search([], order="id desc", limit=MOST_RECORDS):
                key = str(record)
                if LONG or (key not in tried and is_in_sample(key)):
                    tried.add(key)
                    yield record

    def _iterate_models(self):
        for login in LOGINS:
            user = self.env["res.users"].search([("login", "=", login)])
            context = {"allowed_company_ids": user.company_ids.ids, "lang": "en_US"}
            env = self.env(user=user, context={**context, "tz": "Asia/Kolkata"})
            for name in sorted(env.registry):
                model = env[name]
                has_records = not model._abstract and not model._transient
                if name.startswith("kpi.") and has_records:
                    if model.has_access("read"):
                        yield model

    def _find(self, record, name):
        domain = [("id", "=", record.id)]
        for operator in ("ilike", "="):
            uid = record.env.uid
            with self.subTest(record=record, user=uid, name=name, by=operator):
                found = record.name_search(name, domain, operator)
                self.assertEqual([one for one, _name in found], record.ids)

    def test_a_name_that_nothing_has_finds_nothing(self):
        for model in self._iterate_models():
            for name in ("Zyzzyva", "Zyzzyva, Zyzzyva 0x1"):
                with self.subTest(model=model._name, name=name):
                    self.assertFalse(model.name_search(name))
                    self.assertFalse(model.name_search(name, operator="="))

    def test_no_name_holds_the_texts_and_numbers_of_its_record(self):
        """Odoo stores names with activities, for people who may not see the record."""
        named = self.env["mail.activity"]
        for record in self._iterate_records():
            if record._name in TITLED:
                continue
            model_id = self.env["ir.model"]._get_id(record._name)
            values = {"res_model": record._name, "res_id": record.id}
            stored = named.new({**values, "res_model_id": model_id}).res_name or ""
            for said in self._list_said(record):
                with self.subTest(record=record, name=stored):
                    self.assertNotRegex(stored, rf"(?<!\w){re.escape(said)}(?!\w)")
                    # A name of a long text ends where there is no more room.
                    if stored.endswith("…"):
                        self.assertFalse(said.startswith(stored[:-1]))

    def _list_said(self, record):
        for field in record._fields.values():
            is_said = field.type in (*TEXTS, *NUMBERS) and not field.related
            if not is_said or not record._has_field_access(field, "read"):
                continue
            value = record[field.name]
            if field.type in TEXTS:
                text = html2plaintext(value or "").strip()
                if len(text) >= SHORTEST:
                    yield text
            elif field.type in NUMBERS and value and abs(value) >= 100:
                yield from {f"{value:,.0f}", float_repr(value, 2)}
