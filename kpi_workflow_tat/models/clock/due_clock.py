"""What a sweep knows of a clock that fell due, and what it says of it."""

import json
from dataclasses import dataclass
from typing import NamedTuple

from ...engine.clock import Reading
from ...engine.reminding import Reminder


class DueClock(NamedTuple):
    """Columns of a clock and its request, as ``_fetch_due`` reads them.

    :ivar start: instants, as the engine takes them; so are the thresholds
    :ivar more: JSON of percent → instant, of thresholds without a column
    """

    id: int
    request_id: int
    company_id: int
    approver_id: int
    priority: str
    calendar_id: int
    allowed: int
    elapsed_before: int
    start: int
    reminded_percent: int
    half: int | None
    three_quarters: int | None
    overdue: int | None
    more: str | None = None

    @property
    def moments(self) -> dict[int, int | None]:
        """Percent → instant of each threshold that is stored."""
        more = json.loads(self.more) if self.more else {}
        return {
            **{int(percent): moment for percent, moment in more.items()},
            50: self.half,
            75: self.three_quarters,
            100: self.overdue,
        }


@dataclass(frozen=True, slots=True)
class Announcement:
    """A reminder of a clock, and what that shows when it is sent."""

    clock: DueClock
    reminder: Reminder
    reading: Reading
