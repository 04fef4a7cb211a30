from threading import current_thread

from odoo.tests import TransactionCase, tagged

from odoo.addons.kpi_base.tests.common import some_of

LOGINS = ("admin", "demo.employee")
MOST_RECORDS = 60  # of each model; the newest, whose names people type


@tagged("post_install", "-at_install")
class TestDemoNames(TransactionCase):
    """Whoever types or pastes the name that is shown finds the record.

    By default a third of the records is tried.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        current_thread().dbname = cls.env.cr.dbname

    def test_each_record_is_found_by_the_name_that_it_is_shown_with(self):
        for model in self._iterate_models():
            records = model.search([], order="id desc", limit=MOST_RECORDS)
            for record in some_of(records, model._name):
                if name := record.display_name:
                    self._find(record, name)

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
            login = record.env.user.login
            with self.subTest(record=record, login=login, name=name, by=operator):
                found = record.name_search(name, domain, operator)
                self.assertEqual([one for one, _name in found], record.ids)

    def test_a_name_that_nothing_has_finds_nothing(self):
        for model in self._iterate_models():
            for name in ("Zyzzyva", "Zyzzyva, Zyzzyva 0x1"):
                with self.subTest(model=model._name, name=name):
                    self.assertFalse(model.name_search(name))
                    self.assertFalse(model.name_search(name, operator="="))
