"""Changes of a closed period after its value had settled."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

SEVERAL = "several"


@dataclass(frozen=True)
class Restatement:
    """A closed period that was changed after its value had settled.

    :ivar old: the value that it had settled at
    :ivar moments: of the changes since, in order of time, naive UTC, at least one
    :ivar values: after each; None = it was removed
    :ivar causes: of each
    :ivar rounding: share of the old value that a change is no change below
    :ivar was_empty: whether it was a 0 only as there was nothing to count yet
    """

    period_start: date
    old: float
    moments: Sequence[datetime]
    values: Sequence[float | None]
    causes: Sequence[str | None]
    rounding: float
    was_empty: bool = False

    def as_of(self, moment: datetime | None) -> "Restatement | None":
        """What had happened up to a moment, itself included; None = nothing yet."""
        if moment is None:
            return self
        count = bisect_right(self.moments, moment)
        if not count:
            return None
        return replace(
            self,
            moments=self.moments[:count],
            values=self.values[:count],
            causes=self.causes[:count],
        )

    @property
    def restated_on(self) -> datetime:
        return self.moments[-1]

    @property
    def new(self) -> float | None:
        return self.values[-1]

    @property
    def cause(self) -> str | None:
        """Why it changed; ``SEVERAL`` for more than one reason."""
        causes = {cause for cause in self.causes if cause}
        return SEVERAL if len(causes) > 1 else min(causes, default=None)

    def is_after(self, since: datetime | None, seen_until: datetime | None) -> bool:
        """Whether it changed from ``since`` on (None = never) and after it was seen."""
        if since is None or self.restated_on < since:
            return False
        return seen_until is None or self.restated_on > seen_until

    def is_beyond(self, percent: float) -> bool:
        """Whether it differs from what it was by more than a share of that."""
        if self.new is None:
            return not self.was_empty
        least = abs(self.old) * (percent / 100 + self.rounding)
        return abs(self.new - self.old) > least
