"""Times in which a KPI is computed in one way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from odoo.addons.kpi_base.engine.periods import Period


@dataclass(frozen=True)
class Stretch:
    """The periods that one version of a definition is in force in.

    :param kpi: the definition
    :param method: it, with the fields that a version may change as they are there
    :param version: empty where the definition never changed
    :param first: day from which it is in force; None = from the beginning
    :param stop: first day of the next version; None = it is the last one
    """

    kpi: Any
    method: Any
    version: Any
    first: date | None = None
    stop: date | None = None

    def covers(self, period: Period) -> bool:
        """Whether it is in force in a period: on its last day."""
        return (self.first is None or period.stop > self.first) and (
            self.stop is None or period.stop <= self.stop
        )

    def find_bounds(self, grain: str) -> tuple[date, date]:
        """First days of its first period in the history, and of that after its last."""
        period_of = self.kpi.calendar_id._period
        first = max(self.first or date.min, self.kpi.history_start)
        stop = period_of(grain, self.stop).start if self.stop else date.max
        return period_of(grain, first).start, stop

    @property
    def is_current(self) -> bool:
        """Whether the definition holds what is in force here."""
        return self.method == self.kpi

    @property
    def error(self) -> str:
        """Why nothing can be computed here; empty where it can.

        The reason of a past version stays with it: its values do, too.
        """
        holder = self.kpi if self.is_current else self.version
        return holder.computation_error or ""

    def set_error(self, error: str) -> None:
        """Say why nothing can be computed here; empty clears it."""
        if self.is_current:
            self.kpi._set_computation_error(error)
        elif self.error != error:
            self.version.computation_error = error
