from odoo import http

from ..schemas.explanation import ExplanationOut, ExplanationQuery
from .rest.call import current_call
from .rest.route import route
from .rest.rows import found


class KpiExplanationApi(http.Controller):
    """Where a number comes from."""

    @route(
        "/api/kpi/explain/<kpi_id:report_id>",
        summary="What a value was computed from",
        query=ExplanationQuery,
        response=ExplanationOut,
    )
    def explain(self, report_id, query):
        """Default: the latest value. Records that the key's user may not read are
        counted, not named."""
        report = found("kpi.report", report_id)
        explanation = report.get_explanation(query.period_start, query.grain)
        records = explanation.get("records") or {}
        current_call().record_ids += records.get("ids", [])
        return explanation
