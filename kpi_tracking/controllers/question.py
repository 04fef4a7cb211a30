from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route

from ..schemas.question import QuestionIn, QuestionOut


class KpiQuestionApi(http.Controller):
    """Questions in words."""

    @route(
        "/api/kpi/query",
        methods=["POST"],
        scope="kpi.read",
        summary="Ask for the value of a KPI in words",
        body=QuestionIn,
        response=QuestionOut,
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
