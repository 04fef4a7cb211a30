from datetime import datetime, timedelta, timezone

from odoo import http
from odoo.http import request

from ..rest.call import current_call
from ..rest.problem import Problem
from ..rest.route import route
from ..schemas.token import TokenIn, TokenOut


class KpiTokenApi(http.Controller):
    """Tokens to hand on where a key would be too much."""

    @route(
        "/api/kpi/token",
        methods=["POST"],
        scope="kpi.read",
        summary="Exchange a key for a token that expires within an hour",
        body=TokenIn,
        response=TokenOut,
        status=201,
        example={"scopes": ["kpi.read"], "minutes": 15},
        is_stored=False,
    )
    def create_token(self, body):
        """The token reaches no further than the key, and ends with it."""
        identity = current_call().identity
        scopes = set(body.scopes or identity.scopes)
        if not (identity.may_make_tokens and scopes <= identity.scopes):
            raise Problem("insufficient-scope")
        seconds = body.minutes * 60
        return {
            "token": request.env["kpi.api.key"]._token(identity, scopes, seconds),
            "scopes": sorted(scopes),
            "expires_at": datetime.now(timezone.utc) + timedelta(seconds=seconds),
        }
