"""The declaration of a route, from which everything around it follows."""

from collections.abc import Sequence

from odoo import http

from ..engine.rest.declaration import Declaration
from ..schemas.base import ListQuery, Page, RowQuery
from .dispatcher import KpiRestDispatcher

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


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
    :param declared: ``summary``, and what else of ``Declaration`` applies; a query for
        rows says by itself that the answer is one of them, or a page of a list
    """
    query = declared.get("query")
    if isinstance(query, type) and issubclass(query, RowQuery):
        is_list = issubclass(query, ListQuery)
        declared.setdefault("response", Page[query.row] if is_list else query.row)
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
        readonly=is_safe,
        save_session=False,
        declaration=declaration,
    )
