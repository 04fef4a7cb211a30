from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.call import current_call
from odoo.addons.kpi_base.rest.route import route

from ..schemas import question as schemas


class KpiQuestionApi(http.Controller):
    """Questions in words."""

    @route(
        "/api/kpi/query",
        methods=["POST"],
        scope="kpi.read",
        summary="Ask about KPIs in words",
        body=schemas.QuestionIn,
        response=schemas.QuestionOut,
        example={"question": "What was the won revenue of Sales in March 2026?"},
        is_stored=False,
        is_safe=True,
    )
    def ask(self, body):
        """In English, German, French or Spanish: a KPI, what it is tracked for
        (default: the company) and a period (default: the latest); or which KPIs are
        off target, how many, compared with what. Where a word is not understood, or
        several KPIs may be meant, there is no number but a question back: the
        candidates among what the key's user sees. “And in 2025?” is asked with
        “after” of the answer before."""
        found = request.env["kpi.nlp.processor"]._answer_question(
            body.question, body.after
        )
        lists = ("rows", "ranking", "forecast", "anomalies")
        said = [row["report"].id for name in lists for row in found[name]]
        current_call().record_ids += dict.fromkeys(said)
        return found

    @route(
        "/api/kpi/query/confirm",
        methods=["POST"],
        scope="kpi.write",
        summary="Do what a question has proposed",
        body=schemas.ConfirmationIn,
        response=schemas.ConfirmationOut,
        example={"token": "eyJ1c2VyIjo3fQ.MTc2NDE2"},
    )
    def confirm(self, body):
        """Within ten minutes, once, and as the same user: turn an alert on or off, or
        schedule a table by email."""
        return request.env["kpi.nlp.processor"].confirm_action(body.token)
