"""Parts of a family of paths: the description, its page, errors in JSON."""

from functools import wraps
from importlib.resources import files

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import Response, request

from ..engine.rest import client, openapi
from ..engine.rest.problem import TYPES
from ..rest.body import read_query
from ..rest.dispatcher import KpiRestDispatcher, unknown_path
from ..rest.link_page import answer, render
from ..rest.problem import Problem, unavailable
from ..rest.route import operations_below
from ..rest.types import describe_row
from ..schemas.base import Query

PREFIXES = set()
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
VIEWER_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}


def _public(path, **options):
    return http.route(
        path,
        type=KpiRestDispatcher.routing_type,
        auth="none",
        readonly=True,
        save_session=False,
        **options,
    )


def _page(path):
    """A route that everybody may read; as all others it refuses unknown parameters."""

    def declare(serve):
        @wraps(serve)
        def read(controller, **arguments):
            read_query(request.httprequest, Query)
            return serve(controller, **arguments)

        return _public(path, methods=["GET"])(read)

    return declare


class RestPrefix:
    """A family of paths, its description, page and client, and JSON for what is not.

    ``class MyApi(RestPrefix, http.Controller, prefix="/api/v1", title="My API")``
    """

    def __init_subclass__(cls, prefix=None, title="", **options):
        super().__init_subclass__(**options)
        if prefix is None:  # Odoo's own subclass of a controller
            return
        PREFIXES.add(prefix)
        cls.prefix, cls.title = prefix, title
        cls.openapi = _page(f"{prefix}/openapi.json")(_openapi)
        cls.client = _page(f"{prefix}/client.py")(_client)
        cls.docs = _page(f"{prefix}/docs")(_docs)
        cls.docs_file = _page(f"{prefix}/docs/<string:name>")(_docs_file)
        unknown = [prefix, f"{prefix}/<kpi_any:path>"]
        cls.unknown = _public(unknown, is_unknown_path=True)(_unknown)


def _document(controller):
    operations = operations_below(request.env, controller.prefix)
    return openapi.document(operations, controller.title, describe_row)


def _openapi(self):
    """The description of the interface, in OpenAPI 3.1."""
    return request.make_json_response(_document(self))


def _client(self):
    """A client for Python, made from the description."""
    return Response(
        client.python_client(_document(self)),
        headers=[("Content-Type", "text/x-python; charset=utf-8")],
    )


def _docs(self):
    """The page that shows the description and tries requests."""
    return answer(render("kpi_base.api_viewer", {"title": self.title}), POLICY)


def _docs_file(self, name):
    """Files of the viewer, from the Python package that brings them."""
    if name not in VIEWER_FILES:
        raise Problem("not-found")
    content = files("swagger_ui").joinpath("static", name).read_bytes()
    headers = [
        ("Content-Type", VIEWER_FILES[name]),
        ("Cache-Control", "public, max-age=86400"),
    ]
    return Response(content, headers=headers)


def _unknown(self, path=""):
    """Whatever no other route knows."""
    raise unknown_path()


class KpiApi(RestPrefix, http.Controller, prefix="/api/kpi", title="KPI API"):
    """The family of paths of KPIs."""

    @_page("/api/kpi/problems/<string:slug>")
    def problem(self, slug):
        """Page that explains an error and its remedy."""
        kind = TYPES.get(slug)
        if not kind:
            raise Problem("not-found")
        return answer(render("kpi_base.api_problem", {"kind": kind}), POLICY)


def serves(path):
    """Check whether a path belongs to one of the families."""
    return any(path == p or path.startswith(f"{p}/") for p in PREFIXES)


def _answering_without_database(serve):
    """Without its database Odoo calls every path unknown: clients would give up."""

    def serve_without_database(self):
        try:
            return serve(self)
        except NotFound:
            if not serves(self.httprequest.path):
                raise
            # A database that is not served here is as a key that is none.
            named = self.httprequest.headers.get("X-Odoo-Database")
            if named and not http.db_filter([named]):
                return Problem("unauthorized").to_response()
            return unavailable().to_response()

    return serve_without_database


http.Request._serve_nodb = _answering_without_database(http.Request._serve_nodb)
