from contextlib import suppress
from threading import current_thread

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.rights import remember_rights
from odoo.addons.kpi_base.tests.common import LONG, is_in_sample

LOGINS = ("demo.employee", "admin")
QUIET = ("odoo.sql_db", "odoo.models", "odoo.addons.base.models.ir_rule")
# no screen has them, and their last day is that of all years
NO_LISTS = {"kpi.membership"}
UNITS = ("day", "week", "month", "quarter", "year")
# What people type or choose in filters of their own, and what programs send.
TEXTS = [("ilike", "x"), ("not ilike", "x"), ("=", "x"), ("in", ["x", False])]
CHOICES = [("=", False), ("!=", False), ("in", [False])]
NUMBERS = [("=", 0), (">", 1e308), ("<", -(2**40)), ("!=", False)]
LINKS = [("ilike", "x"), ("!=", False)]
SEARCHES = {
    "char": TEXTS,
    "text": TEXTS,
    "html": TEXTS,
    "selection": CHOICES,
    "boolean": [("=", True), ("=", False)],
    "integer": NUMBERS,
    "float": NUMBERS,
    "monetary": NUMBERS,
    "date": [(">", "9999-12-31"), ("<=", "today"), ("=", False)],
    "datetime": [(">", "9999-12-31 23:59:59"), ("<=", "-1d"), ("=", False)],
    "many2one": [*LINKS, ("in", [1, 2**31 - 1])],
    "one2many": LINKS,
    "many2many": LINKS,
}


@tagged("post_install", "-at_install")
class TestDemoLists(TransactionCase):
    """Whatever Odoo's lists offer of a field answers, or refuses in a sentence.

    By default a third of the fields is tried, each by the first who is offered it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        current_thread().dbname = cls.env.cr.dbname
        cls.tried = set()

    def test_they_are_grouped_sorted_and_searched_by_each_field(self):
        for login in LOGINS:
            user = self.env["res.users"].search([("login", "=", login)])
            context = {"allowed_company_ids": user.company_ids.ids, "lang": "en_US"}
            env = self.env(user=user, context=context)
            with remember_rights(env):  # as requests that read
                for name in sorted(env.registry):
                    model = env[name]
                    if name.startswith("kpi.") and not model._abstract:
                        if model.has_access("read") and name not in NO_LISTS:
                            self._try_all(model)

    def _try_all(self, model):
        offered = model.fields_get()
        sums = [
            f"{name}:{field['aggregator']}"
            for name, field in offered.items()
            if field.get("aggregator")
        ]
        for name, field in sorted(offered.items()):
            path = f"{model._name}.{name}"
            if not is_in_sample(path) or (path in self.tried and not LONG):
                continue
            self.tried.add(path)
            if field.get("groupable"):
                is_date = field["type"] in ("date", "datetime")
                for group in [f"{name}:{u}" for u in UNITS] if is_date else [name]:
                    columns = ["__count", *sums]
                    self._try(model, "web_read_group", [], [group], columns, limit=3)
            if field.get("sortable"):
                self._try(model, "web_search_read", [], {name: {}}, order=name, limit=3)
            if field.get("searchable"):
                for operator, value in SEARCHES.get(field["type"], ()):
                    self._try(model, "search_count", [(name, operator, value)])

    def _try(self, model, method, *args, **kwargs):
        uid = model.env.uid
        with self.subTest(user=uid, model=model._name, method=method, args=args):
            # nothing is written: what was read stays known, unless a statement fails
            with (
                suppress(UserError),
                mute_logger(*QUIET),
                self.env.cr.savepoint(flush=False),
            ):
                call_kw(model, method, args, kwargs)
