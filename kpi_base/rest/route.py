"""The declaration of a route, from which everything around it follows."""

import inspect
import re
import uuid
from collections.abc import Sequence

from odoo import http
from odoo.http import request

from ..engine.rest.openapi import Declaration, Operation
from .dispatcher import KpiRestDispatcher

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
TYPES = {"kpi_id": int, "uuid": uuid.UUID}


def route(
    path: str | Sequence[str],
    *,
    methods: Sequence[str] = ("GET",),
    scope: str = "",
    is_safe: bool | None = None,
    **declared,
):
    """A route of the REST interface: ``http.route`` and all that belongs around it.

    The method gets the path's ids by name, ``query`` if the route declares one, and
    ``body`` if it declares one. It returns what ``response`` describes.

    :param path: as in ``http.route``; ids are ``<kpi_id:name>`` or ``<uuid:name>``
    :param methods: one of GET, POST, PUT, PATCH, DELETE
    :param scope: what the key must reach; default: kpi.read to read, else kpi.write
    :param is_safe: it changes nothing, so that a replica can serve it; default: GET
    :param declared: ``summary``, and what else of ``Declaration`` applies
    """
    if is_safe is None:
        is_safe = SAFE_METHODS.issuperset(methods)
    declaration = Declaration(
        scope=scope or ("kpi.read" if is_safe else "kpi.write"), **declared
    )
    return http.route(
        path,
        type=KpiRestDispatcher.routing_type,
        auth="api_key",
        methods=list(methods),
        readonly=_may_be_behind if is_safe else False,
        save_session=False,
        declaration=declaration,
    )


def _may_be_behind(_controller, _rule, _arguments):
    """Whether a replica may answer: not whoever asks for what is so now."""
    asked = request.httprequest.headers.get("Cache-Control", "")
    return "no-cache" not in (each.strip().lower() for each in asked.split(","))


def operations_below(env, prefix):
    """Operations of the routes of installed addons, sorted by path.

    :param env: of the database
    """
    found = []
    for rule in env["ir.http"].routing_map().iter_rules():
        path, endpoint = rule.rule, rule.endpoint
        if not path.startswith(f"{prefix}/") or "declaration" not in endpoint.routing:
            continue
        tag = path.removeprefix(f"{prefix}/").split("/")[0]
        # Of several paths of a method only the first has its name alone: a client
        # would lose all others.
        is_first = path == endpoint.routing["routes"][0]
        operation = Operation(
            name=endpoint.__name__ if is_first else f"{endpoint.__name__}_of_{tag}",
            path=readable(path),
            method=endpoint.routing["methods"][0].lower(),
            path_types={
                name: TYPES.get(converter, str)
                for converter, name in ARGUMENT.findall(path)
            },
            tag=tag,
            description=inspect.getdoc(endpoint) or "",
            declaration=endpoint.routing["declaration"],
            endpoint=endpoint,
        )
        found.append(operation)
    return sorted(found, key=lambda operation: (operation.path, operation.method))


def readable(path):
    """A path of Odoo as people write it: its arguments as ``{name}``."""
    return ARGUMENT.sub(r"{\2}", path)
