import hmac
import time

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.engine.link_token import new_token

from ..engine.caller import VendorFault
from ..engine.oauth import new_verifier
from ..models.kpi_integration_oauth import CONNECT_PATH, RETURN_PATH

PENDING = "kpi_integration_connect"  # in the session
PATIENCE = 600  # seconds that somebody may take at the vendor


class KpiIntegrationConnect(http.Controller):
    """The way to the page of a vendor and back, of one session for one integration."""

    @http.route(
        f"{CONNECT_PATH}/<int:integration_id>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def connect(self, integration_id):
        integration = self._find(integration_id)
        state, verifier = new_token(), new_verifier()
        try:
            address = integration._build_consent_address(state, verifier)
        except VendorFault as fault:
            integration._note(last_error=integration._say_why(fault))
            return self._open(integration)
        request.session[PENDING] = {
            "state": state,
            "verifier": verifier,
            "integration_id": integration.id,
            "began_at": time.time(),
        }
        return request.redirect(address, code=303, local=False)

    @http.route(RETURN_PATH, type="http", auth="user", methods=["GET"])
    def connected(self, state="", code="", error="", **_further):
        # once: a second answer with the same state is of nobody. Odoo stores nothing of
        # a request that fails, so that strangers do not end what somebody began.
        pending = request.session.pop(PENDING, None)
        if not (
            pending
            and hmac.compare_digest(state.encode(), pending["state"].encode())
            and time.time() - pending["began_at"] < PATIENCE
        ):
            raise NotFound()
        integration = self._find(pending["integration_id"])
        integration._redeem(code, pending["verifier"], error)
        return self._open(integration)

    def _find(self, integration_id):
        everything = request.env["kpi.integration"]
        if everything.has_access("write"):
            found = everything.search([("id", "=", integration_id)])
            if found and found.has_access("write"):
                return found
        raise NotFound()

    def _open(self, integration):
        return request.redirect(f"/odoo/kpi-integrations/{integration.id}", code=303)
