from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, read_values, row
from odoo.addons.kpi_base.schemas.base import Page

from ..schemas.confidence import (
    ConfidenceIn,
    ConfidenceOut,
    ConfidenceQuery,
    ConfidencesQuery,
)
from .initiative import READ, WRITE
from .realization import MODEL as BENEFIT

MODEL = "kpi.benefit.confidence"
PATH = "/api/benefits/confidence"


class KpiConfidenceApi(http.Controller):
    """How confident people were on which day that a benefit comes as planned."""

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Give a confidence score",
        body=ConfidenceIn,
        response=ConfidenceOut,
        status=201,
        example={
            "benefit_id": 1,
            "probability": 0.75,
            "reason": "Two of three sites have begun.",
        },
    )
    def create_confidence(self, body):
        """Scores are a history: another opinion is another score."""
        scores = request.env[MODEL]
        values = read_values(body, {"benefit_id": BENEFIT}, records=scores)
        return row(scores.create(values), ConfidenceQuery())

    @route(
        f"{PATH}/benefit/<kpi_id:benefit_id>",
        scope=READ,
        summary="Confidence scores of a benefit",
        query=ConfidencesQuery,
        response=Page[ConfidenceOut],
    )
    def list_confidence(self, benefit_id, query):
        """All that were given; “sort=-date” has the latest first."""
        benefit = find_record(BENEFIT, benefit_id)
        return read_page(MODEL, query, [("benefit_id", "=", benefit.id)])
