"""What a plan computes with: deals that count as won, credits for them, their pay."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo import models

from ...engine.commission import ZERO, Line, Step


@dataclass(frozen=True)
class Win:
    """A deal that counts as won, because it was or for the sake of an estimate.

    :param agent: who won it; paid where the deal has no shares
    :param parts: (amount in the deal's currency, product) of what a plan is computed on
    """

    deal: models.BaseModel
    agent: models.BaseModel
    day: date
    parts: list[tuple[Decimal, str]]


@dataclass(frozen=True)
class Credit:
    """Reason to pay an agent for a deal.

    :param day: on which the deal was won
    :param line: None where the deal has no price in the plan's currency
    """

    deal: models.BaseModel
    agent: models.BaseModel
    rule: str
    day: date
    line: Line | None

    @property
    def key(self):
        return self.deal.id, self.agent.id, self.rule


@dataclass
class Entitlement:
    """Amount that a plan pays an agent for a deal, as of now.

    :param clawbacks: refund → what it takes back, 0 or below
    """

    deal: models.BaseModel
    agent: models.BaseModel
    rule: str
    day: date
    base: Decimal = ZERO
    amount: Decimal | None = None
    steps: tuple[Step, ...] = ()
    clawbacks: dict = field(default_factory=dict)

    @property
    def key(self):
        return self.deal.id, self.agent.id, self.rule

    @property
    def is_priced(self):
        """Check whether the deal's currency had a rate on its day."""
        return self.amount is not None

    @property
    def net_amount(self):
        """Amount left after what refunds take back; 0 without a price."""
        return (self.amount or ZERO) + sum(self.clawbacks.values(), ZERO)
