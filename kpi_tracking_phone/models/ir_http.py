from odoo import SUPERUSER_ID, api, models
from odoo.http import request

from .mail_push_device import get_session_identifier

COOKIE, UNSENT_COOKIE = "kpi_phone_user", "kpi_phone_unsent"
SIGNED_OUT = "-"  # in the first: nobody's data may be shown
SIGN_OUT = ("/web/session/logout", "/web/session/destroy")


def has_unsent():
    """Whether something waits in this browser to be sent; the app counts it."""
    return request.httprequest.cookies.get(UNSENT_COOKIE, "0") != "0"


class IrHttp(models.AbstractModel):
    """Signing out leaves nothing in the browser, and nothing rings there."""

    _inherit = "ir.http"

    @classmethod
    def _post_dispatch(cls, response):
        """Name the user in a cookie, so that the app never shows another's data.

        It is no secret, and nothing is decided by it on the server.
        """
        session = request.session
        if session.uid and session.can_save:
            name = f"{session.db}-{session.uid}"
            if request.httprequest.cookies.get(COOKIE) != name:
                request.future_response.set_cookie(
                    COOKIE, name, max_age=31536000, samesite="Lax"
                )
        return super()._post_dispatch(response)

    @classmethod
    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def _post_logout(cls):
        super()._post_logout()
        response = request.future_response
        response.set_cookie(COOKIE, max_age=0)
        # Where a session has run out, what a phone has not sent yet stays on it.
        is_asked = request.httprequest.path in SIGN_OUT
        if is_asked and has_unsent():
            # It stays sealed for its owner, and the app empties the rest.
            response.set_cookie(COOKIE, SIGNED_OUT, max_age=31536000, samesite="Lax")
        elif is_asked:
            headers = response.headers
            headers.set("Clear-Site-Data", '"cache", "storage"')
        # The routes by which people sign out only read, and where a session has run
        # out the request's cursor is closed already.
        registry, own = request.env.registry, get_session_identifier()
        with registry.cursor(readonly=True) as cr:
            devices = api.Environment(cr, SUPERUSER_ID, {})["mail.push.device"]
            rings = devices.search_count([("session_identifier", "=", own)], limit=1)
        if rings:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["mail.push.device"]._forget_sessions([own])
