from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    row,
    rows,
    verify_unchanged,
)

from ..schemas.scorecard import (
    ScorecardChange,
    ScorecardIn,
    ScorecardLineQuery,
    ScorecardLinesIn,
    ScorecardLinesOut,
    ScorecardOut,
    ScorecardQuery,
    ScorecardsQuery,
)

MODEL = "kpi.report.group"
PATH = "/api/kpi/scorecards"
ONE = f"{PATH}/<kpi_id:scorecard_id>"


def _lines(scorecard, query):
    return {"items": rows(scorecard.line_ids._filtered_access("read"), query)}


class KpiScorecardApi(http.Controller):
    """Scorecards: KPIs with weights, and the figure they add up to."""

    @route(PATH, summary="Scorecards", query=ScorecardsQuery)
    def list_scorecards(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One scorecard", query=ScorecardQuery)
    def get_scorecard(self, scorecard_id, query):
        return row(find_record(MODEL, scorecard_id), query)

    @route(
        PATH,
        methods=["POST"],
        summary="Create a scorecard",
        body=ScorecardIn,
        response=ScorecardOut,
        status=201,
        example={"name": "Sales", "code": "sales", "frequency": "quarter"},
    )
    def create_scorecard(self, body):
        """For those who make scorecards in Odoo: managers and KPI officers."""
        values = body.model_dump(exclude_none=True)
        return row(request.env[MODEL].create(values), ScorecardQuery())

    @route(
        ONE,
        methods=["PATCH"],
        summary="Change a scorecard, or archive it",
        body=ScorecardChange,
        response=ScorecardOut,
        example={"name": "Sales abroad"},
    )
    def change_scorecard(self, scorecard_id, body):
        """With “If-Match” only if it is as it was read."""
        scorecard = verify_unchanged(find_record(MODEL, scorecard_id), ScorecardQuery())
        scorecard.write(body.model_dump(exclude_unset=True))
        return row(scorecard, ScorecardQuery())

    @route(ONE, methods=["DELETE"], summary="Delete a scorecard; its KPIs stay")
    def remove_scorecard(self, scorecard_id):
        """With “If-Match” only if it is as it was read."""
        verify_unchanged(find_record(MODEL, scorecard_id), ScorecardQuery()).unlink()

    @route(
        f"{ONE}/lines",
        summary="The KPIs of a scorecard",
        query=ScorecardLineQuery,
        response=ScorecardLinesOut,
    )
    def list_scorecard_lines(self, scorecard_id, query):
        """Those that the key's user sees; the figure counts all of them."""
        return _lines(find_record(MODEL, scorecard_id), query)

    @route(
        f"{ONE}/lines",
        methods=["PUT"],
        summary="Set the KPIs of a scorecard and their weights",
        body=ScorecardLinesIn,
        response=ScorecardLinesOut,
        example={"lines": [{"report_id": 1, "weight": 2}]},
    )
    def set_scorecard_lines(self, scorecard_id, body):
        """In the order given. Others leave it, except those that the key's user does
        not see. With “If-Match” of the scorecard only if it is as it was read."""
        scorecard = verify_unchanged(find_record(MODEL, scorecard_id), ScorecardQuery())
        scorecard._set_lines(body.lines)
        return _lines(scorecard, ScorecardLineQuery())
