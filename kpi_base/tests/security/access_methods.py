import json
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from inspect import Parameter, signature
from itertools import product

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tools import SQL, mute_logger

from ..common import is_in_sample, some_of
from .access_choices import AccessChoicesMixin
from .access_hidden import AccessHiddenMixin
from .access_oracle import OUTSIDERS

# see the matrix
ORM = {
    "copy_data",
    "create",
    "default_get",
    "fields_get",
    "onchange",
    "unlink",
    "web_read_group",
    "web_save",
    "web_save_multi",
    "web_search_read",
    "write",
}
WRONG = (
    None,
    True,
    0,
    -1,
    1.5,
    2**40,
    float("inf"),
    "",
    "x",
    "\x00",
    [],
    ["x"],
    [None],
    [[1]],
    [{"x": [1]}],
    {},
    {"x": 1},
    {"x": {"x": "x"}},
)
# What names no records in a many2one, and in a list of records.
WRONG_ONES = (
    True,
    -1,
    1.5,
    float("nan"),
    2**31,
    "x",
    "1",
    "\x00",
    [1],
    {"id": "x"},
    {},
)
WRONG_ONES += ([[1]], [None], {"id": {"x": 1}}, {"id": [1]})
WRONG_LINES = (*WRONG_ONES[:2], 1, *([one] for one in WRONG_ONES), [[]], [[6]], [[4]])
WRONG_LINES += tuple([[4, one]] for one in WRONG_ONES)
WRONG_LINES += tuple([[6, 0, [one]]] for one in WRONG_ONES)
WRONG_LINES += ([[6, 0, 1]], [[6, 0, {"x": 1}]], [[0, 0]], [[0, 0, 1]], [[0, 0, [1]]])
WRONG_LINES += ([[1, 1]], [[1, "x", {}]], [[1, 1, 1]], [[2, "x"]], [[3, [1]]], [[9, 0]])
# What is no id, no context and no body of a call.
WRONG_IDS = (True, 1.5, "x", {"x": 1}, [None], [[1]], [2**40])
WRONG_CONTEXTS = (True, 1.5, "x", [1])
WRONG_BODIES = ("x", 1, None, [1], [["ids", [1]]], {"x": 1})
HTTP_SHARE = 6  # one in so many wrong values is tried by HTTP
# Who has a group of ours and may not see what is asked about.
INSIDERS = ("user", "user_b")
QUIET = ("odoo.addons.base.models.ir_rule", "odoo.models")
WATCHED = (
    "ir_cron_trigger",
    "ir_ui_menu",
    "kpi_job",
    "mail_activity",
    "mail_followers",
    "mail_message",
)


def public_methods(model):
    """Names of the methods of ``model`` that a client may call."""
    for name in dir(type(model)):
        if name.startswith("_") or not callable(getattr(type(model), name)):
            continue
        try:
            get_public_method(model, name)
        except AccessError:
            continue
        yield name


class AccessMethodsMixin(AccessChoicesMixin, AccessHiddenMixin):
    """No method of an addon that can be called from outside lets anybody reach more.

    Whoever has a login may call them, with any ids and arguments. Goes with
    ``AccessMixin`` and ``HttpCase``.

    :cvar addon: whose methods these are
    :cvar lower: addons below it, whose mixins its models inherit
    :cvar reasons: model → public method → why it may be public
    :cvar arguments: method → what makes its arguments of the test
    :cvar watched: tables that no call may change
    :cvar secret: digits that no answer may hold
    """

    addon = ""
    lower = ()
    reasons = {}
    arguments = {}
    watched = WATCHED
    secret = ""

    def _ours(self, model):
        """Those that this addon defines, or brings to its own models from below."""
        known = model._original_module in (self.addon, *self.lower)
        if not known or not model._name.startswith("kpi."):
            return set()  # others test what they inherit
        is_own = model._original_module == self.addon
        is_inherited = model._inherit_children or model._name.endswith(".mixin")
        if is_own and model._abstract and is_inherited:
            return set()
        addons = (self.addon, *self.lower) if is_own else (self.addon,)
        roots = tuple(f"odoo.addons.{addon}." for addon in addons)
        classes = [
            each for each in type(model).mro() if each.__module__.startswith(roots)
        ]
        return {
            name
            for name in public_methods(model)
            if any(name in vars(each) for each in classes)
        }

    def test_every_public_method_has_a_reason(self):
        found = {
            (model, name)
            for model in self.env.registry
            for name in self._ours(self.env[model]) - ORM
        }
        known = {
            (model, name) for model, names in self.reasons.items() for name in names
        }
        self.assertFalse(found - known, "public, but why may it be?")
        self.assertFalse(known - found, "not public any more")

    def test_strangers_reach_nothing(self):
        """In the default run each method is called by one outsider and one insider."""
        for model, names in self.reasons.items():
            for name in names:
                method = f"{model}.{name}"
                people = [
                    *some_of(OUTSIDERS, method, len(OUTSIDERS)),
                    *some_of(INSIDERS, method, len(INSIDERS)),
                ]
                for persona, ids in product(people, (self._hidden_ids(model), [])):
                    with self.subTest(persona=persona, method=method, ids=bool(ids)):
                        self._assert_harmless(persona, model, name, ids)

    def _hidden_ids(self, model):
        records = self.records.get(model)
        if not records:  # none are made of a model without a table
            return []
        key = next(
            (each for each in ("sam", "a") if each in records), next(iter(records))
        )
        return records[key].ids

    def _good_arguments(self, name):
        return self.arguments[name](self) if name in self.arguments else []

    def _needs_arguments(self, method):
        parameters = list(signature(method).parameters.values())[1:]
        return any(
            each.default is Parameter.empty
            and each.kind
            in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
            for each in parameters
        )

    def _assert_harmless(self, persona, model, name, ids, kwargs=None):
        """The call is refused, or it reveals and changes nothing."""
        user = self.users.get(persona) if isinstance(persona, str) else persona
        own = self.env[model].with_user(user)
        method = getattr(type(own), name)
        args = self._good_arguments(name)
        if not getattr(method, "_api_model", False):
            args = [ids, *args]
        before = self._state_before
        savepoint = self.env.cr.savepoint()
        try:
            with mute_logger(*QUIET):
                answer = call_kw(own, name, args, kwargs or {})
                self.env.flush_all()
        except (UserError, ValueError, TypeError, AssertionError, NotImplementedError):
            return
        else:
            if self.secret:
                self.assertNotIn(self.secret, repr(answer))
            self.assertEqual(self._state(), before)
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def test_wrong_arguments_are_refused_in_a_sentence(self):
        """Whatever a client sends, an answer or a sentence comes back.

        In the default run each argument is tried with a third of what is wrong.
        """
        for model, names in self.reasons.items():
            for name in names:
                method = getattr(type(self.env[model]), name)
                is_of_model = getattr(method, "_api_model", False)
                good = self._good_arguments(name)
                own = [] if is_of_model else [self._hidden_ids(model)]
                places = list(signature(method).parameters)[1:]
                good = [*own, *good, *[None] * (len(places) - len(good))]
                for place in range(len(good)):
                    for wrong in some_of(WRONG, f"{model}.{name} {place}"):
                        args = [*good[:place], wrong, *good[place + 1 :]]
                        self._assert_told(model, name, args)
                self._assert_told(model, name, [*good, *good, 1])
                self._assert_told(model, name, good[:1], {"x": 1})
                for wrong in some_of(WRONG_CONTEXTS, f"{model}.{name}"):
                    self._assert_told(model, name, good, {"context": wrong})

    def _assert_told(self, model, name, args, kwargs=None):
        savepoint = self.env.cr.savepoint()
        with self.subTest(model=model, method=name, args=repr(args)[:200]):
            quiet = mute_logger(*QUIET)
            try:
                with suppress(UserError), quiet:
                    call_kw(self.env[model], name, args, kwargs or {})
                    self.env.flush_all()
            finally:
                self.env.invalidate_all(flush=False)
                savepoint.close(rollback=True)

    def test_wrong_records_are_refused_in_a_sentence(self):
        """What names no records, in each field of ours that holds some.

        In the default run each field is tried with a third of what is wrong.
        """
        for model in self.env.registry:
            own = self.env[model].with_user(self.users["admin"])
            if own._original_module != self.addon or not model.startswith("kpi."):
                continue
            for field in own._fields.values() if own.has_access("create") else ():
                is_list = field.type.endswith("2many")
                if field.relational or field.type == "many2one_reference":
                    wrongs = WRONG_LINES if is_list else WRONG_ONES
                    for wrong in some_of(wrongs, str(field)):
                        self._assert_refused(own, field.name, wrong)

    def _assert_refused(self, own, name, wrong):
        values = {name: wrong}
        with_default = {"context": {f"default_{name}": wrong}}
        for method, args, kwargs in (
            ("create", [values], {}),
            ("write", [[], values], {}),
            ("web_save", [[], values, {}], {}),
            ("onchange", [[], values, [name], {name: {}}], {}),
            ("default_get", [[name]], with_default),
        ):
            try:
                call_kw(own, method, args, kwargs)
            except UserError:
                continue
            except Exception as error:
                self.fail(f"{own._name}.{method}({values}): {error!r}")
            is_form = isinstance(wrong, dict) and method == "onchange"
            if not is_form and args != [[name]]:  # which leaves out what is read-only
                self.fail(f"{own._name}.{method}({values}) took it")

    def test_json_2_refuses_wrong_arguments_in_a_sentence(self):
        """Each argument, by HTTP, with a few of what is wrong; what precedes the
        method, which is the same for all, for one of a model.

        In the default run a third of the methods is called, of each model at least one.
        """
        keys = self.env["res.users.apikeys"].with_user(self.users["admin"])
        expires_at = datetime.now() + timedelta(days=1)
        # The user's own key; making one asks for the password first.
        key = keys.sudo()._generate(None, "Access", expires_at)
        self.opener.headers["Authorization"] = f"Bearer {key}"
        for model, names in self.reasons.items():
            for number, name in enumerate(names):
                if number and not is_in_sample(f"{model}.{name}"):
                    continue
                method = getattr(type(self.env[model]), name)
                for body in self._wrong_bodies(model, method, is_first=not number):
                    self._assert_told_by_json_2(model, name, body)

    def _wrong_bodies(self, model, method, is_first):
        names = list(signature(method).parameters)[1:]
        good = dict(zip(names, self._good_arguments(method.__name__), strict=False))
        if not getattr(method, "_api_model", False):
            good["ids"] = self._hidden_ids(model)
        if is_first:
            yield from some_of(WRONG_BODIES, model)
            yield from ({**good, "ids": wrong} for wrong in some_of(WRONG_IDS, model))
            wrongs = some_of(WRONG_CONTEXTS, model)
            yield from ({**good, "context": wrong} for wrong in wrongs)
        for name in names:
            argument = f"{model}.{method.__name__} {name}"
            for wrong in some_of(WRONG, argument, HTTP_SHARE):
                yield {**good, name: wrong}

    def _assert_told_by_json_2(self, model, name, body):
        savepoint = self.env.cr.savepoint()
        text = json.dumps(body)
        try:
            with self.subTest(model=model, method=name, body=text[:200]):
                with mute_logger(*QUIET, "odoo.http"):
                    answer = self.url_open(
                        f"/json/2/{model}/{name}",
                        text,
                        headers={"Content-Type": "application/json"},
                    )
                self.assertLess(answer.status_code, 500, answer.text)
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    @cached_property
    def _state_before(self):
        """As it is before each call, since what that does is taken back."""
        return self._state()

    def _state(self):
        """A digest of each table that a call may not change."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT %s",
                SQL(", ").join(
                    SQL(
                        "(SELECT md5(string_agg(each::text, '|' ORDER BY each::text))"
                        " FROM %s AS each)",
                        SQL.identifier(table),
                    )
                    for table in self.watched
                ),
            )
        )
