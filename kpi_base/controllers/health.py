from odoo import http
from odoo.http import request

from ..rest.route import route
from ..schemas.health import HealthOut


class KpiHealthApi(http.Controller):
    """For whoever watches over the server."""

    @route(
        "/api/kpi/health",
        summary="Age of each job and length of the queues",
        response=HealthOut,
    )
    def health(self):
        """The status is “late” where a job has missed two of its times."""
        return request.env["kpi.job"]._health()
