"""Changes of KPIs and their parts."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from odoo.addons.kpi_base.schemas.base import Answer, Day, OrNone, Query, Word


class _FromTo(Answer):
    """An answer with ``from``, a word that Python keeps for itself."""

    model_config = ConfigDict(serialize_by_alias=True)


class ChangeQuery(Query):
    from_: Day = Field(alias="from", description="Any day of the first period")
    to: Day = Field(description="Any day of the second period")
    split_by: Word | None = Field(
        None, description="A key of “ways”; default: the first that is known"
    )


class ChangeSide(Answer):
    period_start: date
    label: str
    value: float | None
    text: str = Field(description="The same with its unit")


class ChangeWay(Answer):
    key: str
    label: str


class ChangePart(_FromTo):
    label: str
    kind: Word = Field(
        description="key (a value of a field), scope (a department, team or person),"
        " rate (its own value), mix (its share of all), input (of a formula), other"
        " (values that are not distinguished), `beside` (in none of the scopes)"
    )
    from_: float | None = Field(alias="from", description="Of kind mix: percent of all")
    to: float | None
    part: float = Field(description="What it adds to the change")
    text: str = Field(description="The same with sign and unit")
    rest_text: str = Field(description="Of it and the smaller parts together")


class ValueChangeOut(_FromTo):
    from_: ChangeSide = Field(alias="from")
    to: ChangeSide
    change: float | None
    percent: float | None = Field(description="Of the first value")
    ratio: float | None = Field(
        description="In multiples of the usual change; null = too little is known"
    )
    is_unusual: bool = Field(description="It is more than chance")
    seam: bool = Field(
        description="The definition changed between: values computed in two ways"
    )
    is_running: bool = Field(description="The second period has not ended")
    kind: Word = Field(description="sum, mix, formula, none (not split)")
    split_by: Annotated[str | None, OrNone]
    ways: list[ChangeWay] = Field(description="In which it can be split")
    parts: list[ChangePart] = Field(description="They add up to the change")
    summary: str = Field(description="What changed, and whether that is usual")
    sentences: list[str] = Field(description="The same, and what the parts did")
