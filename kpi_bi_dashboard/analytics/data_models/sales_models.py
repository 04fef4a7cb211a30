"""Opportunities and what happened to them, as analyses of the pipeline take them."""

from dataclasses import dataclass
from datetime import date

OPEN, WON, LOST = "open", "won", "lost"


@dataclass(frozen=True)
class Opportunity:
    """An opportunity as it stands.

    :ivar amount: expected revenue
    :ivar probability: 0 to 1, as people or Odoo set it
    :ivar stage: sequence number of its stage: higher = nearer to winning
    :ivar stage_since: since when it is there; None = not known
    :ivar deadline: expected closing; None = not set
    :ivar closed: when it was won or lost
    """

    number: int
    amount: float
    probability: float
    stage: int
    created: date
    state: str = OPEN
    stage_since: date | None = None
    deadline: date | None = None
    closed: date | None = None
    owner: str = ""


@dataclass(frozen=True)
class StageVisit:
    """One stay of an opportunity in a stage.

    :ivar left: None = it is there still
    :ivar is_forward: it went on to a later stage or was won
    """

    number: int
    stage: int
    entered: date
    left: date | None = None
    is_forward: bool = False
