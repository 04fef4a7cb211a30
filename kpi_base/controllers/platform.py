from datetime import datetime, timedelta, timezone

from odoo import http
from odoo.http import request

from ..rest.call import current_call
from ..rest.problem import Problem
from ..rest.route import route
from ..schemas.platform import HealthOut, TokenIn, TokenOut


class KpiPlatformApi(http.Controller):
    """For whoever watches over the server, or hands on less than a key."""

    @route(
        "/api/kpi/health",
        summary="Age of each job and length of the queues",
        response=HealthOut,
    )
    def health(self):
        """The status is “late” where a job has missed two of its times."""
        return request.env["kpi.job"]._health()

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
