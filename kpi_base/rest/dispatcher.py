"""Dispatcher by which Odoo serves a route of the REST interface."""

import hashlib
import logging
from calendar import timegm
from http import HTTPStatus

from werkzeug.exceptions import MethodNotAllowed, NotFound

from odoo.exceptions import UserError
from odoo.http import Dispatcher, Response, request

from ..repeat import LockedTooLong
from ..rights import remember_rights
from ..schemas.base import MAX_ID, Row
from .body import adapter, read_body, read_bytes, read_query
from .call import current_call, limit_lock_wait
from .problem import Problem, unavailable

_logger = logging.getLogger(__name__)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LOCKED = "Somebody else is changing the same data."
ANSWER_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, X-API-Key",
}


class KpiRestDispatcher(Dispatcher):
    """JSON in, JSON out, errors included; OPTIONS never reaches a handler."""

    routing_type = "kpi_rest"
    mimetypes = ("application/json",)

    @classmethod
    def is_compatible_with(cls, request):
        # A body of another kind gets an answer in JSON, not Odoo's page.
        return True

    def dispatch(self, endpoint, args):
        self.request.params = {}  # other addons look into it, whatever the route
        if self.request.httprequest.method == "OPTIONS":
            if endpoint.routing.get("is_unknown_path"):
                raise unknown_path()
            allowed = ", ".join(list_allowed_methods())
            return Response(status=204, headers=[("Allow", allowed)])
        cr = self.request.env.cr
        try:
            # A constraint that does not hold is part of this call's answer.
            is_reading = bool(endpoint.routing.get("readonly"))
            with limit_lock_wait(cr), remember_rights(self.request.env, is_reading):
                response = self._answer(endpoint, args)
        except LockedTooLong as error:
            raise unavailable(LOCKED) from error
        except UserError as error:
            raise Problem.of_exception(error) from error
        status = current_call().refusal or response.status_code
        cr.postcommit.add(lambda: self._record(status))
        return response

    def _answer(self, endpoint, args):
        declaration = endpoint.routing.get("declaration")
        if not declaration:
            return endpoint(**args)
        current_call().is_confidential = declaration.is_confidential
        store = self.request.env["kpi.api.idempotency"]
        answer = self._find_stored_answer(store, endpoint, declaration)
        if answer is not None:
            return answer
        self._read(declaration, args)
        result = self.request.registry["ir.http"]._dispatch(endpoint)
        response = write_response(result, declaration)
        store._store(response.status_code, response.get_data(as_text=True))
        return response

    def _find_stored_answer(self, store, endpoint, declaration):
        """Find the answer stored for an idempotency key, None for a new request."""
        http = self.request.httprequest
        key = http.headers.get("Idempotency-Key")
        if http.method != "POST" or key is None or not declaration.is_stored:
            return None
        body = read_bytes(http, declaration.max_body_bytes)
        digest = hashlib.sha256(http.full_path.encode() + b"\n" + body).hexdigest()
        known = store._claim(endpoint.routing["routes"][0], key, digest)
        if known is None:
            return None
        status, text = known
        return _json(text, status, {"Idempotent-Replayed": "true"})

    def _read(self, declaration, args):
        """The arguments of the handler: ids of the path, query and body."""
        http = self.request.httprequest
        params = dict(args)
        ids = [value for value in args.values() if type(value) is int]
        if max(ids, default=0) > MAX_ID:
            raise Problem("not-found")
        current_call().record_ids += ids
        query = read_query(http, declaration.query)
        if declaration.query.model_fields:
            params["query"] = query
        if declaration.body:
            params["body"] = read_body(
                http, declaration.body, declaration.max_body_bytes
            )
        self.request.params = params

    def post_dispatch(self, response):
        response.headers["X-Request-ID"] = current_call().request_id
        return super().post_dispatch(response)

    def handle_error(self, exc):
        problem = Problem.of_exception(exc)
        response = problem.to_response()
        self._record(problem.code)
        return response

    def _record(self, status):
        """One line without anything that was sent, and a row of the access log."""
        call = current_call()
        _logger.info(
            "%s %s %s, %s ms, key %s, request %s",
            self.request.httprequest.method,
            call.route or "-",
            status,
            call.milliseconds,
            call.identity.key_id if call.identity else "-",
            call.request_id,
        )
        if self.request.env is not None:
            self.request.registry["kpi.api.log"]._record(self.request, call, status)


def write_response(result, declaration):
    """The response that says what a method returned, as its route declares."""
    if isinstance(result, Response):
        return result
    if declaration.response is None:
        return Response(status=204, headers=_headers(declaration))
    answer = adapter(declaration.response)
    if not isinstance(result, declaration.response):
        result = answer.validate_python(result)
    names_wanted = "fields" in declaration.query.model_fields
    text = answer.dump_json(result, exclude_unset=names_wanted)
    headers = _headers(declaration)
    http = request.httprequest
    is_read = http.method in ("GET", "HEAD")
    if is_read or issubclass(declaration.response, Row):
        # What a change leaves is what the next “If-Match” speaks of.
        etag = hashlib.sha256(text).hexdigest()[:32]
        headers["ETag"] = f'"{etag}"'
        if is_read and http.if_none_match.contains_weak(etag):
            return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return _json(text, declaration.status, headers)


def _json(text, status, headers):
    headers = {**ANSWER_HEADERS, **headers, "Content-Type": "application/json"}
    return Response(text, status, headers)


def _headers(declaration):
    headers = dict(ANSWER_HEADERS)
    if not declaration.is_stored:
        headers["Cache-Control"] = "no-store"
    if declaration.deprecated:
        seconds = timegm(declaration.deprecated.timetuple())
        headers["Deprecation"] = f"@{seconds}"  # RFC 9745
    if declaration.sunset:
        headers["Sunset"] = declaration.sunset.strftime("%a, %d %b %Y 00:00:00 GMT")
    return headers


def list_allowed_methods():
    """Methods that the path of the request knows, HEAD and OPTIONS among them."""
    router = request.env["ir.http"].routing_map()
    paths = router.bind_to_environ(request.httprequest.environ)
    known = []
    for method in METHODS:
        try:
            rule, _args = paths.match(method=method, return_rule=True)
        except (MethodNotAllowed, NotFound):
            continue
        if not rule.endpoint.routing.get("is_unknown_path"):
            known += [method, "HEAD"] if method == "GET" else [method]
    return [*known, "OPTIONS"] if known else []


def unknown_path():
    """404, or 405 where the path exists for another method."""
    methods = list_allowed_methods()
    if methods:
        return Problem("method-not-allowed", headers=[("Allow", ", ".join(methods))])
    return Problem("not-found")
