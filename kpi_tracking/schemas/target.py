"""Targets, each from a day on."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Number,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)


class TargetOut(Row):
    report: Reference
    date_from: date
    value: float | None
    baseline: float | None
    stretch: float | None
    range_low: float | None
    range_high: float | None
    note: str | None


TargetQuery = query_of(TargetOut)


class TargetsQuery(ListQuery):
    row: ClassVar = TargetOut
    sortable: ClassVar = ("date_from",)

    report_id: Annotated[Id | None, Filter("report_id")] = None
    code: Annotated[Word | None, Filter("definition_id.code")] = None


class TargetChange(Body):
    value: Number | None = None
    stretch: Number | None = None
    range_low: Number | None = None
    range_high: Number | None = None
    note: Text | None = None
    reason: Text | None = Field(None, description="For who has to approve it")


class TargetIn(TargetChange):
    report_id: Id
    date_from: Day
