"""The delay reason of a decision, as routes take it."""

from odoo.http import request

from .problem import Problem


def explain_delay(records, body, is_late):
    """``records``, to be decided on with the delay reason that a body gives.

    :raises Problem: there is no such reason, or nothing to explain
    """
    errors = []
    reasons = request.env["kpi.approval.delay.reason"]
    reason = reasons.search([("id", "=", body.delay_reason_id)])
    if body.delay_reason_id and not reason:
        errors.append(("/delay_reason_id", "this delay reason does not exist"))
    elif not is_late:
        given = {"delay_reason_id": body.delay_reason_id, "delay_note": body.delay_note}
        errors = [
            (f"/{name}", "the decision is not overdue: leave it out")
            for name, value in given.items()
            if value
        ]
    if errors:
        raise Problem("invalid", errors=errors)
    return reason._explain_delay(records, body.delay_note)
