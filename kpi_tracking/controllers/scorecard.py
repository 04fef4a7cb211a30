from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import rows
from odoo.addons.kpi_base.schemas.base import query_of

from ..schemas import scorecard as schemas

SCORECARDS = Resource(
    "kpi.report.group",
    "/api/kpi/scorecards",
    schemas.ScorecardOut,
    "kpi_id:scorecard_id",
)
LineQuery = query_of(schemas.ScorecardLineOut)


class KpiScorecardApi(http.Controller):
    """Scorecards: KPIs with weights, and the figure they add up to."""

    list_scorecards = SCORECARDS.list(
        "Scorecards", "code active department_id owner_id", sortable="name"
    )
    get_scorecard = SCORECARDS.read("One scorecard")

    @SCORECARDS.create(
        "Create a scorecard",
        schemas.ScorecardIn,
        example={"name": "Sales", "code": "sales", "frequency": "quarter"},
    )
    def create_scorecard(self, scorecards, body):
        """For those who make scorecards in Odoo: managers and KPI officers."""
        return scorecards.create(body.model_dump(exclude_none=True))

    @SCORECARDS.change(
        "Change a scorecard, or archive it",
        schemas.ScorecardChange,
        example={"name": "Sales abroad"},
    )
    def change_scorecard(self, scorecard, body):
        """With “If-Match” only if it is as it was read."""
        scorecard.write(body.model_dump(exclude_unset=True))

    @SCORECARDS.remove("Delete a scorecard; its KPIs stay")
    def remove_scorecard(self, scorecard):
        """With “If-Match” only if it is as it was read."""
        scorecard.unlink()

    @SCORECARDS.part(
        "lines",
        "The KPIs of a scorecard",
        query=LineQuery,
        response=schemas.ScorecardLinesOut,
    )
    def list_scorecard_lines(self, scorecard, query):
        """Those that the key's user sees; the figure counts all of them."""
        return {"items": rows(scorecard.line_ids._filtered_access("read"), query)}

    @SCORECARDS.part(
        "lines",
        "Set the KPIs of a scorecard and their weights",
        method="PUT",
        is_verified=True,
        body=schemas.ScorecardLinesIn,
        response=schemas.ScorecardLinesOut,
        example={"lines": [{"report_id": 1, "weight": 2}]},
    )
    def set_scorecard_lines(self, scorecard, body):
        """In the order given. Others leave it, except those that the key's user does
        not see. With “If-Match” of the scorecard only if it is as it was read."""
        scorecard._set_lines(body.lines)
        lines = scorecard.line_ids._filtered_access("read")
        return {"items": rows(lines, LineQuery())}
