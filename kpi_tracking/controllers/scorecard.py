from odoo import http

from ..schemas.base import Page
from ..schemas.scorecard import (
    ScorecardLineQuery,
    ScorecardLinesOut,
    ScorecardOut,
    ScorecardQuery,
    ScorecardsQuery,
)
from .rest.route import route
from .rest.rows import found, listed, row, rows

MODEL = "kpi.report.group"
PATH = "/api/kpi/scorecards"
ONE = f"{PATH}/<kpi_id:scorecard_id>"


class KpiScorecardApi(http.Controller):
    """Scorecards: KPIs with weights, and the figure they add up to."""

    @route(
        PATH, summary="Scorecards", query=ScorecardsQuery, response=Page[ScorecardOut]
    )
    def list_scorecards(self, query):
        return listed(MODEL, query)

    @route(ONE, summary="One scorecard", query=ScorecardQuery, response=ScorecardOut)
    def get_scorecard(self, scorecard_id, query):
        return row(found(MODEL, scorecard_id), query)

    @route(
        f"{ONE}/lines",
        summary="The KPIs of a scorecard",
        query=ScorecardLineQuery,
        response=ScorecardLinesOut,
    )
    def list_scorecard_lines(self, scorecard_id, query):
        """Those that the key's user sees; the figure counts all of them."""
        scorecard = found(MODEL, scorecard_id)
        lines = scorecard.line_ids._filtered_access("read")
        return {"items": rows(lines, query)}
