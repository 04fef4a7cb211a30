from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record

from ..schemas.review import InsightsIn, InsightsOut
from .initiative import MODEL as INITIATIVE
from .initiative import READ
from .review import MODEL


class KpiReviewInsightApi(http.Controller):
    """Sentences on the figures of a review."""

    @route(
        "/api/benefits/ai/generate-pir-insights",
        methods=["POST"],
        scope=READ,
        is_safe=True,
        summary="Sentences on the figures of a review",
        body=InsightsIn,
        response=InsightsOut,
        example={"pir_id": 1},
    )
    def generate_insights(self, body):
        """By rules, the same for the same figures; each names the records in which its
        numbers are found."""
        if body.pir_id:
            review = find_record(MODEL, body.pir_id)
        else:
            initiative = find_record(INITIATIVE, body.initiative_id)
            review = request.env[MODEL].new(
                {"initiative_id": initiative.id, "status": "draft"}
            )
        return {"insights": review._suggest_insights()}
