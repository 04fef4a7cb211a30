from contextlib import suppress
from copy import deepcopy
from inspect import Parameter, signature
from random import Random
from threading import current_thread

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import some_of
from odoo.addons.kpi_base.tests.security.access_methods import public_methods

LOGINS = ("admin", "demo.employee")
QUIET = (
    "odoo.sql_db",
    "odoo.models",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.kpi_base.controllers.rpc",
)
# Sentences for whoever called; of a violated constraint Odoo makes one.
SENTENCES = (IntegrityError, RedirectWarning, UserError)
WRONG = (
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    float("nan"),
    2**63,
    "",
    "x",
    "\x00",
    "x" * 3_000_000,
    [],
    [[]],
    ["x"],
    [None],
    [2**31 - 1],
    {},
    {"x": 1},
    {"x": {"x": "x"}},
    [{"x": [1]}],
    [["name", "=", {}]],
)
WRONG_IDS = ([], [2**31 - 1], [[]], "x", None, {"x": 1}, [2**63], [0])
# By which the other arguments of a call get past what is looked at first.
GOOD = {
    "aggregates": ["__count"],
    "allfields": ["display_name"],
    "default": {},
    "domain": [],
    "field_names": [],
    "fields": ["display_name"],
    "fields_spec": {"display_name": {}},
    "groupby": [],
    "limit": 2,
    "operator": "ilike",
    "specification": {"display_name": {}},
    "vals": {},
    "vals_list": [{}],
    "values": {},
}
OTHERS_SHARE = 9  # of the models that a method of Odoo is tried with: one in so many


@tagged("post_install", "-at_install")
class TestDemoCalls(TransactionCase):
    """Whatever is sent to a public method, an answer or a sentence comes back.

    By default a third of the models is tried; each of Odoo's own methods with some,
    also in long tests. Each argument gets one of what is wrong, chosen by its name.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        current_thread().dbname = cls.env.cr.dbname

    def test_whatever_is_sent_gets_an_answer_or_a_sentence(self):
        names = sorted(name for name in self.env.registry if name.startswith("kpi."))
        # What a call has written is taken back to here.
        self.savepoint = self.env.cr.savepoint()
        for login in LOGINS:
            user = self.env["res.users"].search([("login", "=", login)])
            context = {"allowed_company_ids": user.company_ids.ids, "lang": "en_US"}
            env = self.env(user=user, context=context)
            for name in some_of(names, "calls"):
                model = env[name]
                known = model.search([], limit=2) if _has_records(model) else model
                for method in _list_methods(model):
                    self._try_method(model, method, known.ids)

    def _try_method(self, model, name, known_ids):
        method = getattr(type(model), name)
        places = list(signature(method).parameters.values())[1:]
        given = {one.name: GOOD[one.name] for one in places if one.name in GOOD}
        label = f"{model._name}.{name}"
        if getattr(method, "_api_model", False):
            first = []
        else:
            first = [known_ids]
            self._try(model, name, [Random(label).choice(WRONG_IDS)], given)
        self._try(model, name, first)
        self._try(model, name, [*first, *[None] * len(places), 1])
        for place in places:
            if place.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                continue
            wrong = Random(f"{label} {place.name}").choice(WRONG)
            self._try(model, name, first, {**given, place.name: wrong})

    def _try(self, model, method, args, kwargs=None):
        shown = f"{args!r:.100} {kwargs!r:.100}"
        try:
            with self.subTest(
                user=model.env.uid, model=model._name, method=method, args=shown
            ):
                with suppress(*SENTENCES), mute_logger(*QUIET):
                    call_kw(model, method, args, deepcopy(kwargs or {}))
                    self.env.flush_all()
        finally:
            self.env.invalidate_all(flush=False)
            self.savepoint.rollback()


def _has_records(model):
    return not model._abstract and model.has_access("read")


def _list_methods(model):
    """Names of the methods that anybody who is signed in may call."""
    names = []
    for name in public_methods(model):
        is_odoos = hasattr(model.pool["base"], name)
        place = Random(f"{model._name}.{name}").randrange(OTHERS_SHARE)
        if not is_odoos or not place:
            names.append(name)
    return names
