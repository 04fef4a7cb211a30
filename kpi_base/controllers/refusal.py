"""Failures that are no bug, told to people: others came first, no room, too deep.

Odoo has its dispatchers answer errors; those before a route is known, too.
"""

from functools import wraps
from http import HTTPStatus
from types import SimpleNamespace

from odoo.exceptions import UserError
from odoo.http import HttpDispatcher, Json2Dispatcher, JsonRPCDispatcher

from ..engine.nesting import is_of_parser
from ..failure import known_reason
from ..rest.problem import RETRY_SECONDS, Problem
from .prefix import serves

NO_LANGUAGE = SimpleNamespace(_=lambda text: text)  # outside of any transaction


def _answer_known(handle_error):
    @wraps(handle_error)
    def handle_known_error(self, exc):
        is_page = isinstance(self, HttpDispatcher)
        if is_page and serves(self.request.httprequest.path):
            # It failed before Odoo knew the route, and is no error of a page there.
            return Problem.of_exception(exc).to_response()
        env = self.request.env or NO_LANGUAGE
        reason, status = known_reason(env, exc), HTTPStatus.SERVICE_UNAVAILABLE
        if is_of_parser(exc):
            reason = env._("The request is nested too deeply.")
            status = HTTPStatus.BAD_REQUEST
        if reason:
            exc = UserError(reason)
            exc.http_status = status  # Odoo takes it where the answer is a page
        answer = handle_error(self, exc)
        if reason and status == HTTPStatus.SERVICE_UNAVAILABLE and not is_page:
            # The web client reads the sentence all the same.
            answer.status_code = status
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer

    return handle_known_error


for _dispatcher in (HttpDispatcher, Json2Dispatcher, JsonRPCDispatcher):
    _dispatcher.handle_error = _answer_known(_dispatcher.handle_error)
