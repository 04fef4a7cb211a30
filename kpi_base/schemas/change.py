"""Proposed changes, which apply once they are approved."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from .base import Reference, Row


class ChangeOut(Row):
    operation: Literal["write", "create", "unlink"]
    record_name: str
    summary: str | None = Field(description="Before and after of each field")
    reason: str
    valid_from: date | None
    user: Reference = Field(description="Who proposed it")
    company: Reference | None
    approval_state: Literal["none", "pending", "approved", "rejected", "returned"]
    approval_asked_at: datetime | None
