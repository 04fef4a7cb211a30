"""Answers to changes that wait for approval."""

from odoo.http import Response

from ..schemas.change import ChangeOut, ChangeQuery
from .body import adapter
from .rows import row


def answer_waiting(change):
    """The answer 202 with the address of a proposal; None if it does not wait.

    :param change: what ``_write_or_propose`` and the like return
    """
    if change.approval_state != "pending":
        return None
    text = adapter(ChangeOut).dump_json(row(change, ChangeQuery()), exclude_unset=True)
    headers = {
        "Cache-Control": "no-store",
        "Content-Type": "application/json",
        "Location": f"/api/kpi/changes/{change.id}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, status=202, headers=headers)
