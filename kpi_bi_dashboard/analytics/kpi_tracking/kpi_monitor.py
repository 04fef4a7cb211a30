"""KPIs watched by the rules of a configuration."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..data_models.kpi_models import AlertRule, KpiReading
from ..data_processing.data_aggregator import DataAggregator


@dataclass(frozen=True)
class Alert:
    """A rule that a KPI breaks since a moment."""

    rule: AlertRule
    reading: KpiReading
    since: datetime


class KPIMonitor:
    """Reads KPIs at intervals and says which rules they have begun to break.

    :param config: ``kpi_config`` with ``refresh_interval_minutes`` and
        ``alert_cooldown_minutes``, ``alert_rules``, and what ``DataAggregator`` reads
    :raises ValueError: a rule says what nobody knows
    """

    def __init__(self, config: dict[str, Any]) -> None:
        timing = config.get("kpi_config", {})
        self.refresh = timedelta(minutes=timing.get("refresh_interval_minutes", 60))
        self.cooldown = timedelta(minutes=timing.get("alert_cooldown_minutes", 60))
        self.rules = [AlertRule(**rule) for rule in config.get("alert_rules", ())]
        self.aggregator = DataAggregator(config)
        self.read_at: datetime | None = None
        self.open: dict[str, Alert] = {}
        self._ended: dict[str, datetime] = {}

    def read(self, now: datetime) -> dict[str, KpiReading]:
        """What the KPIs of all rules came to, read anew once the interval is over."""
        if self.read_at is None or now - self.read_at >= self.refresh:
            self.aggregator.forget()
            self.read_at = now
        return self.aggregator.read_kpis(dict.fromkeys(r.metric for r in self.rules))

    def check_alerts(self, now: datetime) -> list[Alert]:
        """Alerts that begin now; ``open`` has all.

        One ends when its rule does not hold any more; where value or target are not
        known it stays. For the cooldown after its end it does not begin again.
        """
        readings, begun = self.read(now), []
        for rule in self.rules:
            reading = readings[rule.metric]
            holds = rule.holds(reading)
            if rule.name in self.open:
                if holds is False:
                    del self.open[rule.name]
                    self._ended[rule.name] = now
            elif holds and self._is_cool(rule.name, now):
                self.open[rule.name] = Alert(rule, reading, now)
                begun.append(self.open[rule.name])
        return begun

    def _is_cool(self, name: str, now: datetime) -> bool:
        return name not in self._ended or now - self._ended[name] >= self.cooldown
