"""Confidence scores of benefits."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Moment,
    Number,
    Reference,
    Row,
    RowQuery,
    Text,
)

Probability = Annotated[Number, Field(ge=0, le=1)]


class ConfidenceOut(Row):
    benefit: Reference
    initiative: Reference
    probability: float = Field(
        description="That at least 90 % of the plan is realised, as it was given"
    )
    reason: str
    date: date
    user: Reference = Field(description="Who gave it")
    created_at: Moment


class ConfidenceQuery(RowQuery):
    row: ClassVar = ConfidenceOut


class ConfidencesQuery(ListQuery):
    row: ClassVar = ConfidenceOut
    sortable: ClassVar = ("date",)

    user_id: Annotated[Id | None, Filter("user_id")] = None


class ConfidenceIn(Body):
    benefit_id: Id
    probability: Probability
    reason: Annotated[Text, Field(min_length=1, pattern=r"\S")]
    date: Day | None = Field(
        None, description="Default: today; KPI officers enter earlier ones, too"
    )
