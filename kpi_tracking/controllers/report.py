from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    reference,
    row,
    verify_unchanged,
)

from ..models.report.kpi_report import SCOPE_MODELS
from ..schemas.report import (
    ReportChange,
    ReportIn,
    ReportOut,
    ReportQuery,
    ReportsQuery,
    ValuesOut,
    ValuesQuery,
)

MODEL = "kpi.report"
PATH = "/api/kpi/reports"
ONE = f"{PATH}/<kpi_id:report_id>"


class KpiReportApi(http.Controller):
    """KPIs tracked for a company, department, team or user."""

    @route(PATH, summary="KPIs", query=ReportsQuery)
    def list_reports(self, query):
        """Those that the key's user sees, with their latest values."""
        return read_page(MODEL, query)

    @route(ONE, summary="One KPI", query=ReportQuery)
    def get_report(self, report_id, query):
        return row(find_record(MODEL, report_id), query)

    @route(
        PATH,
        methods=["POST"],
        summary="Track a KPI for a company, department, team or user",
        body=ReportIn,
        response=ReportOut,
        status=201,
        example={"definition_id": 1, "scope_type": "department", "scope_id": 4},
    )
    def create_report(self, body):
        """If it is tracked there already, the answer is what there is."""
        scope_id = body.scope_id or request.env.company.id
        scope = find_record(SCOPE_MODELS[body.scope_type], scope_id)
        definition = find_record("kpi.definition", body.definition_id)
        report = definition._track_for(body.scope_type, scope)
        return row(report[:1], ReportQuery())

    @route(
        ONE,
        methods=["PATCH"],
        summary="Change who is responsible, or archive",
        body=ReportChange,
        response=ReportOut,
        example={"owner_id": 2},
    )
    def change_report(self, report_id, body):
        """With “If-Match” only if it is as it was read."""
        report = verify_unchanged(find_record(MODEL, report_id), ReportQuery())
        report.write(body.model_dump(exclude_unset=True))
        return row(report, ReportQuery())

    @route(ONE, methods=["DELETE"], summary="Delete a KPI that has no values")
    def remove_report(self, report_id):
        """One that has values or entries stays: archive it by a change of “active”.
        With “If-Match” only if it is as it was read."""
        verify_unchanged(find_record(MODEL, report_id), ReportQuery()).unlink()

    @route(
        f"{ONE}/values",
        summary="Values of a KPI in a range of days, beside their targets",
        query=ValuesQuery,
        response=ValuesOut,
    )
    def list_values(self, report_id, query):
        """Longer periods are rolled up as the KPI declares."""
        report = find_record(MODEL, report_id)
        grain = query.grain or report.frequency
        judged = report._get_judged_values(grain, query.first, query.last)[report]
        items = [{"period_start": start, **vars(one)} for start, one in judged.items()]
        return {"report": reference(report), "grain": grain, "items": items}
