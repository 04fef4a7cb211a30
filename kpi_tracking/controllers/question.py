from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.call import current_call
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record

from ..schemas import question as schemas


class KpiQuestionApi(http.Controller):
    """Questions in words."""

    @route(
        "/api/kpi/query",
        methods=["POST"],
        scope="kpi.read",
        summary="Ask for the value of a KPI in words",
        body=schemas.QuestionIn,
        response=schemas.QuestionOut,
        example={"question": "What was the won revenue of Sales in March 2026?"},
        is_stored=False,
        is_safe=True,
    )
    def ask(self, body):
        """In English: the full name or the code of a KPI, what it is tracked for
        (default: the company) and a period (default: the latest). Where a word is not
        understood, or several KPIs may be meant, there is no number but a question
        back: the candidates among what the key's user sees."""
        return request.env["kpi.report"]._answer_question(body.question)


class KpiExplanationApi(http.Controller):
    """Route that explains a number: its records, formula or entry."""

    @route(
        "/api/kpi/explain/<kpi_id:report_id>",
        summary="What a value was computed from",
        query=schemas.ExplanationQuery,
        response=schemas.ExplanationOut,
    )
    def explain(self, report_id, query):
        """Default: the latest value. Records that the key's user may not read are
        counted, not named."""
        report = find_record("kpi.report", report_id)
        explanation = report.get_explanation(query.period_start, query.grain)
        records = explanation.get("records") or {}
        current_call().record_ids += records.get("ids", [])
        return explanation
