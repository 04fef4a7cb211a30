from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route

from ..schemas.probe import ProbeOut


class KpiProbeApi(http.Controller):
    @route("/api/kpi/probe", summary="Visits so far", response=ProbeOut)
    def probe(self):
        """As far as the owner of the key sees them."""
        return {"visits": request.env["kpi.probe.visit"].search_count([])}
