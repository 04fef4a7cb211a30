"""Calls of our public methods: what their signatures say holds for all clients.

A client may send anything. The types of a signature are read by pydantic, strictly, and
whoever sends something else is told which argument it is::

    @api.model
    def get_history(self, report_id: Id, grain: Grain | Nothing = None):
"""

import inspect
import logging
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from traceback import walk_tb
from typing import Annotated, Any, get_type_hints

from psycopg2 import DataError, ProgrammingError
from pydantic import Field, TypeAdapter
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
from ..schemas.base import MAX_ID, Id, Nothing

_logger = logging.getLogger(__name__)

FRESH = "kpi_fresh"  # in the context: static/src/eager/fresh
NOT_ONE = "Expected singleton"  # how Odoo says it
OURS = "odoo.addons.kpi_"
MAX_REASON = 200  # characters
Values = dict[str, Any]
Names = Sequence[str]
# Odoo looks up each; of a long text that would be each character.
ActivityTypes = Annotated[Names, Field(max_length=100)]
Filter = list[Any] | tuple[Any, ...] | Nothing
Groups = str | Names
# Some widgets of Odoo ask for a field by 1, as no part of it is to be chosen.
Spec = dict[str, Values | int]
Limit = Annotated[int, Field(ge=0, le=MAX_ID)] | Nothing
Order = str | Nothing
NO_CONTEXT = frozendict()
# Of Odoo's methods those that need no table, which forms without records use.
OF_FORMS = {
    "default_get",
    "fields_get",
    "get_view",
    "get_views",
    "onchange",
}
# What Odoo's methods take, in the order of their arguments.
ORM = {
    "activity_feedback": (ActivityTypes,),
    "activity_reschedule": (ActivityTypes,),
    "activity_search": (ActivityTypes,),
    "activity_unlink": (ActivityTypes,),
    "copy": (Values | Nothing,),
    "copy_data": (Values | Nothing,),
    "create": (Values | list[Values],),
    "default_get": (list[str],),
    "export_data": (Names,),
    "fields_get": (Names | Nothing, Names | Nothing),
    "formatted_read_group": (Filter, Groups, Names, Filter, Limit, Limit, Order),
    "formatted_read_grouping_sets": (Filter, Sequence[Names], Names),
    "get_field_translations": (str, Names | Nothing),
    "get_property_definition": (str,),
    "has_access": (str,),
    "load": (Names, Sequence[Sequence[Any]]),
    "name_create": (str,),
    "name_search": (str | Nothing, Filter, str, Limit),
    "onchange": (Values, Groups, Spec),
    "read": (Names | Nothing, Order),
    "read_group": (Filter, Names, Groups, Limit, Limit, Order),
    "read_progress_bar": (Filter, str, Values),
    "search": (Filter, Limit, Limit, Order),
    "search_count": (Filter, Limit),
    "search_panel_select_multi_range": (str,),
    "search_panel_select_range": (str,),
    "search_read": (Filter, Names | Nothing, Limit, Limit, Order),
    "update_field_translations": (str, dict[str, str | Nothing | dict[str, str]], str),
    "web_name_search": (str | Nothing, Spec, Filter, str, Limit),
    "web_read": (Spec,),
    "web_read_group": (Filter, Groups, Names, Limit, Limit, Order),
    "web_resequence": (Spec, str, Limit),
    "web_save": (Values, Spec, Id | Nothing),
    "web_save_multi": (list[Values], Spec),
    "web_search_read": (Filter, Spec, Limit, Limit, Order, Limit),
    "write": (Values,),
}
# Of these, what ours and our fields look into before fields read it.
VALUED = {
    "copy",
    "copy_data",
    "create",
    "onchange",
    "web_save",
    "web_save_multi",
    "write",
}
# What Odoo's own code raises where it cannot read what it was given.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DataError,
    LookupError,
    NotImplementedError,
    ProgrammingError,
    TypeError,
    ValueError,
)
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
        raise UserError(model.env._("The request is nested too deeply."))
    _check_value(model.env, "ids", ids_adapter, ids)
    given = {name: value for name, value in kwargs.items() if name != "context"}
    try:
        bound = inspect.signature(method).bind(model, *args, **given)
    except TypeError as error:
        raise UserError(
            model.env._(
                "%(method)s was called with invalid arguments: %(reason)s.",
                method=method.__name__,
                reason=error,
            )
        ) from error
    for name, adapter in _adapters(method).items():
        if name in bound.arguments:
            _check_value(model.env, name, adapter, bound.arguments[name])
    if method.__name__ in VALUED:
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
                "“%(argument)s” has an invalid value: %(reason)s.",
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
    except UNREADABLE as error:
        if isinstance(error, ValueError) and str(error).startswith(NOT_ONE):
            text = model.env._("Choose a single record.")
            raise UserError(text) from error
        is_sent = model._name.startswith("kpi.") and _is_odoos(model, method)
        if not is_sent or _is_raised_by_us(error):
            raise
        _logger.warning("%s of %s", method.__name__, model, exc_info=True)
        # PostgreSQL's further lines are those of the statement.
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise UserError(
            model.env._(
                "%(method)s cannot read the request: %(reason)s.",
                method=method.__name__,
                reason=reason[:MAX_REASON],
            )
        ) from error


def _is_odoos(model, method):
    """Check whether Odoo has a method of this name for the model."""
    classes = type(model).mro()
    return any(
        method.__name__ in vars(each) and not each.__module__.startswith(OURS)
        for each in classes
    )


def _is_raised_by_us(error):
    """Check whether code of ours, or what it calls of Python, gave up."""
    frames = [frame for frame, _line in walk_tb(error.__traceback__)]
    modules = [frame.f_globals.get("__name__", "") for frame in frames]
    known = [name for name in modules if name.startswith("odoo.")]
    return bool(known) and known[-1].startswith(OURS)


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
                    model.env._(
                        "Pass positional arguments as a list and named arguments "
                        "as an object."
                    )
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
