"""Where figures come from: Odoo, as its user sees it, or rows of a configuration."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from ..data_models.kpi_models import KpiReading


class DataAggregator:
    """Reads what a configuration leads to, each thing once.

    :param config: with an ``env`` Odoo is read, in the name of its user; without one
        these rows are: ``kpis`` (metric → value, or a dict as ``KpiReading`` has it),
        ``purchases`` (dicts of ``customer``, ``date``, ``amount``), ``opportunities``
        (as ``Opportunity`` has them; ``to_win`` is what is left of the target),
        ``acquisition`` (``spend``, ``customers`` by channel), ``funnel``
        (step → count), ``revenue_history`` (months that are over, oldest first).
        ``today`` is the last day that counts, else the last one of the rows
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.has_odoo = config.get("env") is not None
        self._readings: dict[str, KpiReading] = {}
        self._results: dict[str, Any] | None = None

    def forget(self) -> None:
        """Read anew what is asked for next."""
        self._readings, self._results = {}, None

    def read_kpis(self, metrics: Iterable[str]) -> dict[str, KpiReading]:
        """A reading of each metric; of what nobody tracks, one without a value."""
        metrics = list(metrics)
        if unread := [one for one in metrics if one not in self._readings]:
            rows = self.config.get("kpis", {})
            if self.has_odoo:
                rows = self.config["env"]["kpi.bi.analysis"]._read_metrics(unread)
            for metric in unread:
                self._readings[metric] = KpiReading.of(metric, rows.get(metric))
        return {metric: self._readings[metric] for metric in metrics}

    def read_results(self) -> dict[str, Any]:
        """Name of an analysis → figures of its newest result in Odoo."""
        if self._results is None:
            newest = self.config["env"]["kpi.bi.analysis"]._find_newest()
            self._results = {name: one._get_figures() for name, one in newest.items()}
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
        return date.fromisoformat(str(self.config.get("today") or max(map(str, days))))
