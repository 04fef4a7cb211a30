"""Addresses that Excel, Power BI and Tableau read, in OData 4."""

import gzip
import json
from http import HTTPStatus
from urllib.parse import quote, urlencode

from werkzeug.http import parse_accept_header

from odoo import http
from odoo.http import Response, request

from odoo.addons.kpi_base.rest.dispatcher import KpiRestDispatcher, unknown_path
from odoo.addons.kpi_base.rest.problem import Problem

from ..engine.odata.entities import write_csdl
from ..engine.odata.fault import ODataFault
from ..engine.odata.options import read_key, read_options
from ..models.kpi_bi_feed import SETS

PREFIX = "/odata/kpi"
REALM = 'Basic realm="KPI", charset="UTF-8"'
OF_ROWS = ("$select", "$format", "$expand")
COUNTED_ANYWAY = ("$count", "$top", "$skip", "$orderby", "$select", "$expand")
OF_ONE_PAGE = ("$count", "$skip", "$skiptoken", "$deltatoken")
SAFE = "$,'()"  # in addresses, so that people can read them
JSON = "application/json;odata.metadata=minimal"
HEADERS = {
    "OData-Version": "4.0",
    "Cache-Control": "private, no-store",
    "Vary": "Authorization, X-API-Key, Accept, Accept-Encoding",
}
XML = "application/xml"
TEXT = "text/plain"
ZIPPED_BYTES = 1024  # from which on compressing is worth it
ZIP_LEVEL = 3  # twice as fast as the default, for some more bytes


class KpiODataDispatcher(KpiRestDispatcher):
    """The dispatcher of REST, whose errors are those of OData."""

    routing_type = "kpi_odata"

    def post_dispatch(self, response):
        """Compress what is long, where the program can read it."""
        accepted = self.request.httprequest.headers.get("Accept-Encoding", "")
        is_new = "Content-Encoding" not in response.headers
        if is_new and parse_accept_header(accepted).quality("gzip") > 0:
            content = response.get_data()
            if len(content) >= ZIPPED_BYTES:
                response.set_data(gzip.compress(content, ZIP_LEVEL, mtime=0))
                response.headers["Content-Encoding"] = "gzip"
        return super().post_dispatch(response)

    def handle_error(self, exc):
        problem = Problem.of_exception(exc)
        status, message = problem.code, problem.description
        if isinstance(exc, ODataFault):
            status, message = exc.status, str(exc)
        elif problem.kind.slug == "invalid":
            status = HTTPStatus.BAD_REQUEST
        headers = {**HEADERS, **dict(problem.headers)}
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = REALM
        self._record(status)
        error = {"error": {"code": str(int(status)), "message": message}}
        response = request.make_json_response(error, headers=headers, status=status)
        response.headers["Content-Type"] = JSON
        return response


def _odata(*paths, auth="kpi_odata", methods=("GET",), **options):
    return http.route(
        [f"{PREFIX}{path}" for path in paths],
        type=KpiODataDispatcher.routing_type,
        auth=auth,
        methods=methods and list(methods),
        readonly=True,
        save_session=False,
        **options,
    )


class KpiOData(http.Controller):
    """One service: its sets, their description, their rows."""

    @_odata("", "/")
    def service(self):
        """The sets that there are."""
        _check_accepted(JSON)
        sets = [{"name": name, "kind": "EntitySet", "url": name} for name in SETS]
        return _wrap("", {"value": sets}, b"}")

    @_odata("/$metadata")
    def metadata(self):
        """What the columns of the sets are."""
        _check_accepted(XML)
        headers = {**HEADERS, "Content-Type": XML}
        return Response(write_csdl(SETS.values()), headers=headers)

    @_odata("/$batch", methods=("POST",))
    def batch(self):
        """Several requests in one."""
        raise ODataFault("$batch is not available: send each request by itself.", 501)

    @_odata("/<string:name>/$count")
    def count(self, name):
        """How many rows a set has, as plain text."""
        _check_accepted(TEXT)
        given = [pair for pair in _given() if pair[0] not in COUNTED_ANYWAY]
        count = request.env["kpi.bi.feed"]._count_rows(_set(name), given)
        return Response(str(count), headers={**HEADERS, "Content-Type": TEXT})

    @_odata("/<string:name>")
    def rows(self, name):
        """A page of a set, of what changed in it, or the row with a key."""
        _check_accepted(JSON)
        if "(" in name:
            return self._row(name)
        of, given = _set(name), _given()
        options = read_options(given, of)
        tracks = "odata.track-changes" in request.httprequest.headers.get("Prefer", "")
        page = request.env["kpi.bi.feed"]._read_page(of, options, tracks)
        context = name + _shown(options, of)
        if page.is_delta:
            context += "/$delta"
        more = {} if page.count is None else {"@odata.count": page.count}
        others = [pair for pair in given if pair[0] not in OF_ONE_PAGE]
        for key, option, token in (
            ("@odata.nextLink", "$skiptoken", page.next),
            ("@odata.deltaLink", "$deltatoken", page.delta),
        ):
            if token:
                pairs = [*others, (option, token)]
                query = urlencode(pairs, quote_via=quote, safe=SAFE)
                more[key] = f"{_base()}{name}?{query}"
        answer = _wrap(context, more, b',"value":[' + page.rows + b"]}")
        if page.delta or (tracks and of.is_tracked and options.is_all):
            answer.headers["Preference-Applied"] = "odata.track-changes"
        return answer

    @_odata("/<string:name>/<string:link>")
    def linked(self, name, link):
        """The row of another set that a row names."""
        _check_accepted(JSON)
        of, key = _split(name)
        if link not in of.links:
            known = ", ".join(of.links) or "none"
            raise ODataFault(f"{of.name} has no {link[:50]}; there is {known}.", 404)
        column, linked = of.links[link]
        page = _read_one(of, key, [("$select", column)])
        (linked_id,) = json.loads(page.rows).values()
        if linked_id is None:
            return Response(status=HTTPStatus.NO_CONTENT, headers=HEADERS)
        return self._row(f"{linked.name}({linked_id})")

    def _row(self, address):
        of, key = _split(address)
        given = _given()
        for option, _value in given:
            if option not in OF_ROWS:
                raise ODataFault(f"{option[:50]} is not for a single row.")
        options = read_options(given, of)
        page = _read_one(of, key, given)
        columns = _shown(options, of) if options.expand else ""
        context = f"{of.name}{columns}/$entity"
        return _wrap(context, {}, b"," + page.rows.removeprefix(b"{"))

    @_odata("/<kpi_any:path>", auth="none", methods=None, is_unknown_path=True)
    def unknown(self, path=""):
        """All paths without a route."""
        raise unknown_path()


def _check_accepted(kind):
    """Refuse a request for another format than there is.

    :raises ODataFault: its “Accept” leaves this one out
    """
    http = request.httprequest
    if kind == JSON and "$format" in http.args:
        return  # which counts instead, see ``read_options``
    kind = kind.partition(";")[0]
    wanted = {kind, f"{kind.partition('/')[0]}/*", "*/*"}
    accepted = http.accept_mimetypes
    if accepted and not any(
        name.partition(";")[0].strip() in wanted and quality > 0
        for name, quality in accepted
    ):
        raise ODataFault(f"Accept: there is {kind} only.", HTTPStatus.NOT_ACCEPTABLE)


def _split(address):
    """The set and the key of the address of a row."""
    name, _bracket, key = address.partition("(")
    if not key.endswith(")"):
        raise ODataFault("A key ends in a bracket.", 404)
    return _set(name), key[:-1]


def _read_one(of, key, given):
    """A page of one row, found by its key."""
    wanted = [*given, ("$filter", read_key(key, of))]
    page = request.env["kpi.bi.feed"]._read_page(of, read_options(wanted, of))
    if not page.rows:
        raise ODataFault("There is no such row.", 404)
    return page


def _shown(options, of):
    """The columns that rows have, where not just all of the set, for the context."""
    columns = [] if options.select == tuple(of.columns) else [*options.select]
    for each in options.expand:
        is_all = each.select == tuple(each.of.columns)
        columns.append(f"{each.name}({'' if is_all else ','.join(each.select)})")
    return f"({','.join(columns)})" if columns else ""


def _set(name):
    if name not in SETS:
        raise ODataFault(
            f"There is no set {name[:50]}; there are {', '.join(SETS)}.", 404
        )
    return SETS[name]


def _given():
    return list(request.httprequest.args.items(multi=True))


def _base():
    return f"{request.httprequest.host_url.rstrip('/')}{PREFIX}/"


def _wrap(context, more, rest):
    """JSON around rows that are JSON already."""
    head = {"@odata.context": f"{_base()}$metadata{'#' * bool(context)}{context}"}
    body = request.make_json_response({**head, **more}).get_data()
    body = body.rstrip(b"}") + rest
    return Response(body, headers={**HEADERS, "Content-Type": JSON})
