from collections import Counter

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, reference, rows
from odoo.addons.kpi_base.schemas.base import query_of

from ..schemas import scorecard as schemas
from .report import REPORTS

SCORECARDS = Resource("/api/kpi/scorecards/<kpi_id:scorecard_id>", schemas.ScorecardOut)
LineQuery = query_of(schemas.ScorecardLineOut)


class KpiScorecardApi(http.Controller):
    """Scorecards: KPIs with weights, and the figure they add up to."""

    list_scorecards = SCORECARDS.list(
        "Scorecards", "code active department_id owner_id", sortable="name"
    )
    get_scorecard = SCORECARDS.get("One scorecard")

    @SCORECARDS.post(
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


class KpiSummaryApi(http.Controller):
    """Routes on how a person or a department is doing."""

    @route(
        "/api/kpi/summary/<kpi_id:user_id>",
        summary="KPIs of a person",
        response=schemas.SummaryOut,
    )
    def summary(self, user_id):
        """Those that measure the person or that the person is responsible for, as far
        as the key's user sees them."""
        user = find_record("res.users", user_id)
        own = ["|", ("user_id", "=", user.id), ("owner_id", "=", user.id)]
        return {"user": reference(user), **_kpis(own)}

    @route(
        "/api/kpi/dashboard/<path:department>",
        summary="KPIs and scorecards of a department",
        response=schemas.DashboardOut,
    )
    def dashboard(self, department):
        """The department by its number, its full name, such as “Sales / North”, or by
        “North” where no other one has that name."""
        one = _department(department)
        within = [("department_id", "=", one.id)]
        scorecards = request.env["kpi.report.group"].search(within, order="id")
        return {
            "department": reference(one),
            **_kpis(within),
            "scorecards": rows(scorecards, SCORECARDS.query()),
        }


def _kpis(domain):
    reports = request.env["kpi.report"].search(domain, order="id")
    return {
        "by_status": Counter(reports.mapped("status")),
        "kpis": rows(reports, REPORTS.query()),
    }


def _department(text):
    """The one department that ``text`` means."""
    departments = request.env["hr.department"]
    if text.isascii() and text.isdigit() and len(text) < 10:
        return find_record(departments._name, int(text))
    if "\x00" in text:
        raise Problem("not-found")
    for field in ("complete_name", "name"):
        named = departments.search([(field, "=", text)], order="id")
        if len(named) > 1:
            found = ", ".join(f"“{one.complete_name}” ({one.id})" for one in named)
            raise Problem(
                "conflict",
                f"Several departments have this name: {found}. Use the full name or"
                " the number.",
            )
        if named:
            return named
    raise Problem("not-found")
