import time

from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.kpi_base.engine.nesting import JsonError
from odoo.addons.kpi_base.rest.body import read_bytes
from odoo.addons.kpi_base.rest.dispatcher import KpiRestDispatcher, unknown_path
from odoo.addons.kpi_base.rest.link_page import count_visit
from odoo.addons.kpi_base.rest.problem import Problem

from ..models.kpi_hook import PATH

MOST_BYTES = 2**20


class KpiHookIn(http.Controller):
    """The address of a hook, to which other systems send messages that they sign."""

    @http.route(
        f"{PATH}/<kpi_any:token>",
        type=KpiRestDispatcher.routing_type,
        auth="none",
        methods=["POST"],
        readonly=False,
        save_session=False,
    )
    def receive(self, token):
        # A sender has no user: the hook says whose rights count.
        hook = request.env(user=SUPERUSER_ID)["kpi.hook"]._open(token)
        if not hook:
            raise Problem("not-found")
        http_request = request.httprequest
        body = read_bytes(http_request, MOST_BYTES)
        try:
            key = hook._check_message(
                http_request.method, http_request.headers, body, time.time()
            )
        except UserError as error:
            return self._refuse(hook, str(error))
        try:
            answer = hook._receive(key, body)
        except JsonError as error:
            raise Problem("malformed-body", str(error)) from None
        return request.make_json_response(answer)

    @http.route(
        f"{PATH}/<kpi_any:token>",
        type=KpiRestDispatcher.routing_type,
        auth="none",
        methods=["GET", "PUT", "PATCH", "DELETE"],
        save_session=False,
        is_unknown_path=True,
    )
    def refuse_method(self, token):
        """Messages are posted; the answer is the same without such a hook."""
        raise unknown_path()

    def _refuse(self, hook, reason):
        """Say on the form why nothing comes, as often as nobody fills the log by it."""
        wait = count_visit(f"kpi.hook {hook.id}")
        if wait:
            headers = [("Retry-After", str(round(wait) + 1))]
            return Problem("too-many-requests", headers=headers).to_response()
        hook.last_error = reason
        return Problem("unauthorized", reason).to_response()
