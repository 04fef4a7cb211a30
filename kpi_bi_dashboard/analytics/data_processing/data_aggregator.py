"""Where figures come from: Odoo, as its user sees it, or rows of a configuration."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from ..data_models.kpi_models import KpiReading


class DataAggregator:
    """Reads what a configuration leads to, each thing once.

    :param config: with an ``env`` what Odoo knows is read, in the name of its user;
        without one these rows are:

        * ``kpis``: metric → value, or a dict as ``KpiReading`` has it
        * ``purchases``: dicts of ``customer``, ``date``, ``amount``
        * ``opportunities``, ``visits``: dicts as ``sales_models`` has them, and
          ``to_win``: what is left of the target
        * ``acquisition``: dicts of ``spend``, ``customers`` and ``margins`` by channel
        * ``funnel``: step → count
        * ``market``: ``size``, ``revenue`` and ``competitors``: name → what
          ``threat_score`` takes
        * ``benchmarks``, ``units``: what ``PerformanceTracker`` takes
        * ``revenue_history``: of the months that are over, oldest first

        ``today`` is the last day that counts, else the last day of the rows
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self._readings: dict[str, KpiReading] = {}
        self._results: dict[str, Any] | None = None

    @property
    def has_odoo(self) -> bool:
        return self.config.get("env") is not None

    def forget(self) -> None:
        """Read anew what is asked for next."""
        self._readings, self._results = {}, None

    def read_kpis(self, metrics: Iterable[str]) -> dict[str, KpiReading]:
        """A reading of each metric; of what nobody tracks, one without a value."""
        metrics = list(metrics)
        if unread := [one for one in metrics if one not in self._readings]:
            rows = self.config.get("kpis", {})
            if self.has_odoo:
                rows = self._analyses()._read_metrics(unread)
            self._readings |= {
                metric: KpiReading.of(metric, rows.get(metric)) for metric in unread
            }
        return {metric: self._readings[metric] for metric in metrics}

    def read_results(self) -> dict[str, Any]:
        """Name of an analysis → its newest result in Odoo."""
        if self._results is None:
            self._results = self._analyses()._read_newest()
        return self._results

    def rows(self, name: str) -> Any:
        """Rows of the configuration.

        :raises ValueError: there are none
        """
        if not self.config.get(name):
            raise ValueError(f"no rows: config[{name!r}] is empty")
        return self.config[name]

    def get_today(self, days: Iterable[date | str]) -> date:
        """The last day that counts."""
        day = self.config.get("today") or max(map(str, days))
        return date.fromisoformat(str(day))

    def check_purchases(self) -> dict[str, int]:
        """How many rows of purchases equal another one, lack something, or are of days
        to come."""
        rows = self.rows("purchases")
        known = [
            (row["customer"], str(row["date"]), row["amount"])
            for row in rows
            if None not in map(row.get, ("customer", "date", "amount"))
        ]
        today = str(self.get_today(day for _customer, day, _amount in known))
        return {
            "rows": len(rows),
            "duplicates": len(known) - len({*known}),
            "incomplete": len(rows) - len(known),
            "future": sum(day > today for _customer, day, _amount in known),
        }

    def _analyses(self) -> Any:
        return self.config["env"]["kpi.bi.analysis"]
