"""Calls of our public methods: what their signatures say holds for all clients.

A client may send anything. The types of a signature are read by pydantic, strictly, and
whoever sends something else is told which argument it is::

    @api.model
    def get_history(self, report_id: Id, grain: Grain | Nothing = None):
"""

import inspect
from collections.abc import Mapping
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from pydantic import ValidationError as SchemaError

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.service import model as service
from odoo.tools import frozendict

from odoo.addons.rpc.controllers import json2
from odoo.addons.web.controllers import dataset

from ..engine.nesting import is_too_deep
from ..failure import known_reason
from ..models.record.base import list_choices
from ..repeat import LockedTooLong
from ..rest.call import OUTSIDE, limit_lock_wait
from ..rights import remember_rights
from ..schemas.base import Id, Nothing

FRESH = "kpi_fresh"  # in the context: static/src/eager/fresh
NOT_ONE = "Expected singleton"  # how Odoo says it
OURS = "odoo.addons.kpi_"
Values = dict[str, Any]
NO_CONTEXT = frozendict()
# Of Odoo's methods those that need no table, which forms without records use.
OF_FORMS = {
    "default_get",
    "fields_get",
    "get_view",
    "get_views",
    "onchange",
}
# Of Odoo's methods, those that ours and our fields look into first.
ORM = {
    "create": (Values | list[Values],),
    "write": (Values,),
    "default_get": (list[str],),
    "onchange": (Values,),
    "copy": (Values | Nothing,),
    "web_save": (Values,),
}
ids_adapter = TypeAdapter(Id | list[Id] | tuple[Id, ...] | Nothing)
context_adapter = TypeAdapter(Values | Nothing)
# What Odoo makes records of, of any model.
browsable_adapter = TypeAdapter(int | list[Any] | Nothing)


def _check_call(model, method, ids, args, kwargs):
    """Refuse what the method does not take, naming the argument."""
    # A form that shows a key, once, is of a model that has no records.
    is_own = not hasattr(model.pool["base"], method.__name__)
    is_of_model = is_own and getattr(method, "_api_model", False)
    if model._abstract and not (is_of_model or method.__name__ in OF_FORMS):
        raise UserError(model.env._("%s has no records.", model._name))
    if is_too_deep([args, kwargs]):
        raise UserError(model.env._("What was sent is nested too deeply."))
    _check_value(model.env, "ids", ids_adapter, ids)
    given = {name: value for name, value in kwargs.items() if name != "context"}
    try:
        bound = inspect.signature(method).bind(model, *args, **given)
    except TypeError as error:
        raise UserError(
            model.env._(
                "%(method)s was called with other arguments than it takes: %(reason)s.",
                method=method.__name__,
                reason=error,
            )
        ) from error
    for name, adapter in _adapters(method).items():
        if name in bound.arguments:
            _check_value(model.env, name, adapter, bound.arguments[name])
    if method.__name__ in ORM:
        # Models look into what they are given before fields read it.
        given = [*bound.arguments.values()][1:2]
        for values in given[0] if given and isinstance(given[0], list) else given:
            if isinstance(values, dict):
                list(list_choices(model, values, method.__name__ == "onchange"))


def _check_value(env, name, adapter, value):
    try:
        adapter.validate_python(value, strict=True)
    except SchemaError as error:
        first = error.errors(include_url=False)[0]
        raise UserError(
            env._(
                "“%(argument)s” is not what is expected there: %(reason)s.",
                argument=name,
                reason=first["msg"],
            )
        ) from error


@cache
def _adapters(method):
    """Argument → what checks it, as far as the signature says types."""
    hints = {}
    if method.__module__.startswith(OURS):
        hints = get_type_hints(method, include_extras=True)
        hints.pop("return", None)
    if method.__name__ in ORM:
        names = list(inspect.signature(method).parameters)[1:]
        hints |= dict(zip(names, ORM[method.__name__], strict=False))
    return {name: TypeAdapter(hint) for name, hint in hints.items()}


@contextmanager
def _calling(model, method):
    """Leave workers to others, and refuse in words what asks for one record.

    :raises LockedTooLong: somebody else holds what the request needs
    """
    try:
        is_reading = getattr(method, "_readonly", False)
        with limit_lock_wait(model.env.cr), remember_rights(model.env, is_reading):
            yield
    except LockedTooLong as error:
        if request:
            raise
        raise UserError(known_reason(model.env, error)) from error
    except ValueError as error:
        if not str(error).startswith(NOT_ONE):
            raise
        raise UserError(model.env._("This is done with one record: choose it.")) from (
            error
        )


def _is_ours(model, method):
    return model._name.startswith("kpi.") or method.__module__.startswith(OURS)


def _checking_call(call_kw):
    """``call_kw`` of Odoo: what the web client and XML-RPC call methods by."""

    @wraps(call_kw)
    def call_checked(model, name, args, kwargs):
        method = service.get_public_method(model, name)
        if _is_ours(model, method):
            if not isinstance(args, list | tuple) or not isinstance(kwargs, Mapping):
                raise UserError(
                    model.env._("Arguments are a list, and those with names an object.")
                )
            ids, rest = None, args
            if not getattr(method, "_api_model", False):
                args = args or [()]
                ids, rest = args[0], args[1:]
            context = kwargs.get("context") or None
            _check_value(model.env, "context", context_adapter, context)
            _check_call(model, method, ids, rest, kwargs)
            kwargs = {**kwargs, "context": {**(context or {}), OUTSIDE: True}}
            with _calling(model, method):
                return call_kw(model, name, args, kwargs)
        return call_kw(model, name, args, kwargs)

    return call_checked


def _checking_method(get_public_method):
    """``get_public_method`` of Odoo, where JSON-2 calls what it returns."""

    @wraps(get_public_method)
    def get_checked_method(model, name):
        method = get_public_method(model, name)
        if not _is_ours(model, method):
            return method

        @wraps(method)
        def call_checked(records, *args, **kwargs):
            _check_call(records, method, list(records._ids), args, kwargs)
            with _calling(records, method):
                return method(records.with_context(**{OUTSIDE: True}), *args, **kwargs)

        return call_checked

    return get_checked_method


class KpiJson2(json2.WebJson2Controller):
    """JSON-2: what names the records is read before Odoo makes records of it."""

    @http.route()
    def web_json_2_rpc(
        self, __model__, __method__, ids=(), context=NO_CONTEXT, **kwargs
    ):
        _check_value(request.env, "ids", browsable_adapter, ids or None)
        _check_value(request.env, "context", context_adapter, context or None)
        return super().web_json_2_rpc(
            __model__, __method__, ids or (), context or NO_CONTEXT, **kwargs
        )


def _may_be_behind(controller, rule, args):
    """Whether a replica may answer: not whoever has just been told of a change."""
    kwargs = request.get_json_data()["params"].get("kwargs")
    context = kwargs.get("context") if isinstance(kwargs, dict) else None
    is_fresh = isinstance(context, dict) and context.get(FRESH)
    return not is_fresh and controller._call_kw_readonly(rule, args)


class KpiDataSet(dataset.DataSet):
    """Calls of the web client, which asks for what is so now where it has to."""

    @http.route(readonly=_may_be_behind)
    def call_kw(self, model, method, args, kwargs, path=None):
        if isinstance(kwargs, dict) and isinstance(kwargs.get("context"), dict):
            kwargs["context"].pop(FRESH, None)
        return super().call_kw(model, method, args, kwargs, path)


service.call_kw = dataset.call_kw = _checking_call(service.call_kw)
json2.get_public_method = _checking_method(json2.get_public_method)
