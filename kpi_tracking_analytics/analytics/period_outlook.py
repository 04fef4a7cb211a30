"""How a running period will probably end, and when that counts as a miss."""

from dataclasses import dataclass

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_tracking.engine.verdict import MISSED

LIKELY_MISS = 50.0  # percent: with a smaller chance a target will probably be missed


@dataclass(frozen=True)
class PeriodOutlook:
    """What a running period will probably come to.

    :param label: the period as people call it
    :param value: the most probable one at its end
    :param low, high: limits within which it lies with 80%; None = unknown
    :param chance: percent, that the target of the whole period is reached; None where
        there is none
    :param status: of ``value`` by that target
    """

    period: Period
    label: str
    value: float
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    status: str = ""

    @property
    def is_miss(self) -> bool:
        """Whether the target will probably be missed."""
        is_unlikely = self.chance is not None and self.chance < LIKELY_MISS
        return is_unlikely and self.status in MISSED

    @property
    def is_reach(self) -> bool:
        """Whether the target will probably be reached."""
        is_likely = self.chance is not None and self.chance >= LIKELY_MISS
        return is_likely and self.status == "on_target"
