from odoo import http

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record

from ..schemas.change import ChangeOut, ChangeQuery


class KpiChangeApi(http.Controller):
    """Why a KPI moved."""

    @route(
        "/api/kpi/reports/<kpi_id:report_id>/change",
        summary="What a KPI's change is made of",
        query=ChangeQuery,
        response=ChangeOut,
    )
    def explain_change(self, report_id, query):
        """Between two of its periods. Parts that the key's user may not see are one
        with what is left."""
        report = find_record("kpi.report", report_id)
        return report.explain_change(query.from_, query.to, query.split_by)
