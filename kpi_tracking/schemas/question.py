"""What a value is made of."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import Answer, Day, Grain, Moment, OrNone, Query


class ExplanationQuery(Query):
    period_start: Day | None = None
    grain: Grain | None = None


class ExplainedRecords(Answer):
    model: str
    ids: list[int]
    readable_count: int
    count: int


class ExplainedFilter(Answer):
    model: str
    domain: Annotated[str | None, OrNone]
    numerator_domain: Annotated[str | None, OrNone] = None


class ExplainedShare(Answer):
    numerator: float
    base: float


class ExplainedPart(Answer):
    text: str
    label: Any
    name: str
    value: float | None
    report_id: Annotated[int | None, OrNone]
    is_hidden: bool


class ExplainedRevision(Answer):
    id: int
    old_value: float | None
    new_value: float | None
    replaced_at: Moment
    replaced_by: str
    cause: str = Field(
        description="records, removed (records removed or moved), people (departments"
        " or teams changed), rates, definition, target, time, manual, import, api,"
        " external, recomputed, several, or an empty text"
    )
    cause_text: str = Field(description="The same in words")
    reason: str


class ExplainedRestatement(Answer):
    """A closed period whose value has changed since it was settled."""

    settled_value: float
    settled_on: Moment
    new_value: float | None = Field(description="null = the value is gone")
    cause: str
    cause_text: str
    model: str
    ids: list[int] = Field(
        description="Records behind the value that were written since: a hint"
    )


class ExplanationOut(Answer):
    value: float | None
    method: Annotated[str | None, OrNone]
    period_start: date | None = None
    period_stop: date | None = None
    source: Annotated[str | None, OrNone] = None
    recorded_at: Annotated[Moment | None, OrNone] = None
    recorded_by: str = ""
    unpriced_count: Annotated[int | None, OrNone] = None
    filter: ExplainedFilter | None = None
    share: ExplainedShare | None = None
    records: ExplainedRecords | None = None
    parts: list[ExplainedPart] = []
    revisions: list[ExplainedRevision] = []
    restatement: ExplainedRestatement | None = None
