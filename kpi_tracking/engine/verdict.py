"""How a KPI stands: so far, at the end of the period, and in the last closed one.

Forms, cards, messages and answers say what one :class:`Verdict` says, whose parts each
name their period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from odoo.addons.kpi_base.engine.periods import Period

from .status import STATUS_TONES, Direction, Judged

MISSED = ("at_risk", "off_target")


@dataclass(frozen=True)
class Standing:
    """A KPI in one period.

    :param label: the period as people call it
    :param judged: its value, what that is judged by, and the status; of a running
        period so far
    :param has_begun: whether a day of it is over, or it is a day itself
    """

    period: Period
    label: str
    is_running: bool
    direction: Direction
    judged: Judged
    has_begun: bool = True

    @property
    def is_judged(self) -> bool:
        """Whether its value stands beside a target."""
        return self.judged.status in STATUS_TONES

    @property
    def is_share(self) -> bool:
        """Whether its achievement is the share of the target that has been reached."""
        target, baseline = self.judged.target, self.judged.baseline
        if self.direction != "higher" or target is None or target <= 0:
            return False
        return baseline is None or baseline >= target


def list_standings(
    periods: Sequence[Period],
    labels: Sequence[str],
    known: Mapping[date, Judged],
    today: date,
    direction: Direction,
) -> list[Standing]:
    """How a KPI stood in some periods.

    :param labels: of these periods, in their order
    :param known: first day of a period → its value and status
    """
    return [
        Standing(
            period,
            label,
            today in period,
            direction,
            known.get(period.start, Judged()),
            has_begun=period.start < today or period.days == 1,
        )
        for period, label in zip(periods, labels, strict=True)
    ]


@dataclass(frozen=True)
class Verdict:
    """What there is to say of a KPI.

    :param running: the period that runs, whether it has a value yet or not
    :param closed: the last closed period: that of the latest value, or, where that is
        of the running one, the one before
    :param outlook: of ``running``, by the addon that forecasts; None where nothing is
    :param alert_counts: first day of a period → its open alerts that the reader sees
    """

    running: Standing
    closed: Standing | None
    outlook: Any = None
    alert_counts: Mapping[date, int] = field(default_factory=dict)

    @property
    def latest(self) -> Standing | None:
        """The period of the latest value."""
        return self.closed if self.running.judged.value is None else self.running
