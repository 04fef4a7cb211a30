from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.call import current_call
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, reference
from odoo.addons.kpi_base.schemas.base import Filter

from ..models.report.kpi_report import SCOPE_MODELS
from ..schemas import question as questions
from ..schemas import report as schemas

REPORTS = Resource("/api/kpi/reports/<kpi_id:report_id>", schemas.ReportOut)


class KpiReportApi(http.Controller):
    """KPIs tracked for a company, department, team or user."""

    get_report = REPORTS.get("One KPI")

    @REPORTS.list(
        "KPIs",
        "active definition_id scope_type company_id department_id team_id user_id"
        " owner_id status",
        sortable="name",
        code=Filter("definition_id.code"),
        name=Filter("definition_id.name", "ilike", description="A part of the name"),
    )
    def list_reports(self, query):
        """Those that the key's user sees, with their latest values."""

    @REPORTS.post(
        "Track a KPI for a company, department, team or user",
        schemas.ReportIn,
        example={"definition_id": 1, "scope_type": "department", "scope_id": 4},
    )
    def create_report(self, reports, body):
        """If it is tracked there already, the answer is what there is."""
        scope_id = body.scope_id or request.env.company.id
        scope = find_record(SCOPE_MODELS[body.scope_type], scope_id)
        definition = find_record("kpi.definition", body.definition_id)
        return definition._track_for(body.scope_type, scope)[:1]

    @REPORTS.change(
        "Change who is responsible, or archive",
        schemas.ReportChange,
        example={"owner_id": 2},
    )
    def change_report(self, report, body):
        """With “If-Match” only if it is as it was read."""
        report.write(body.model_dump(exclude_unset=True))

    @REPORTS.remove("Delete a KPI that has no values")
    def remove_report(self, report):
        """One that has values or entries stays: archive it by a change of “active”.
        With “If-Match” only if it is as it was read."""
        report.unlink()

    @REPORTS.part(
        "values",
        "Values of a KPI in a range of days, with their targets",
        query=schemas.ValuesQuery,
        response=schemas.ValuesOut,
    )
    def list_values(self, report, query):
        """Longer periods are rolled up as the KPI declares."""
        grain = query.grain or report.frequency
        return {
            "report": reference(report),
            "unit": report.unit,
            "unit_symbol": report.unit_symbol,
            **{
                name: reference(of) if (of := report[f"{name}_id"]) else None
                for name in ("currency", "company", "department", "team", "user")
            },
            "grain": grain,
            "items": report._list_values(grain, query.first, query.last),
        }

    @REPORTS.part(
        "verdict",
        "How a KPI stands: so far, at the end of the period, and in the last one",
        response=schemas.VerdictOut,
    )
    def get_verdict(self, report):
        """Each part names its period. Screens, messages and answers show the same."""
        return {"report": reference(report), **report._read_verdict()}


class KpiExplanationApi(http.Controller):
    """Route that explains a number: its records, formula or entry."""

    @route(
        "/api/kpi/explain/<kpi_id:report_id>",
        summary="What a value was computed from",
        query=questions.ExplanationQuery,
        response=questions.ExplanationOut,
    )
    def explain(self, report_id, query):
        """Default: the latest value. Records that the key's user cannot read are
        counted, not named."""
        report = find_record("kpi.report", report_id)
        explanation = report.get_explanation(query.period_start, query.grain)
        records = explanation.get("records") or {}
        current_call().record_ids += records.get("ids", [])
        return explanation
