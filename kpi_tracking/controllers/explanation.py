from odoo import http

from odoo.addons.kpi_base.rest.call import current_call
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record

from ..schemas.explanation import ExplanationOut, ExplanationQuery


class KpiExplanationApi(http.Controller):
    """Route that explains a number: its records, formula or entry."""

    @route(
        "/api/kpi/explain/<kpi_id:report_id>",
        summary="What a value was computed from",
        query=ExplanationQuery,
        response=ExplanationOut,
    )
    def explain(self, report_id, query):
        """Default: the latest value. Records that the key's user may not read are
        counted, not named."""
        report = find_record("kpi.report", report_id)
        explanation = report.get_explanation(query.period_start, query.grain)
        records = explanation.get("records") or {}
        current_call().record_ids += records.get("ids", [])
        return explanation
