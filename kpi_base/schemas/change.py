"""Proposed changes, which apply once they are approved."""

from typing import ClassVar

from .base import Fields, Row


class ChangeOut(Row):
    of: ClassVar = Fields(
        "kpi.approval.change",
        "operation record_name! summary reason valid_from user company approval_state"
        " approval_asked_at",
        {
            "summary": "Before and after of each field",
            "user": "Who proposed it",
        },
    )
