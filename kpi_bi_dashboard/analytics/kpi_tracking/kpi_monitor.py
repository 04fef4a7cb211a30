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

    :param config: with ``kpi_config`` and ``alert_rules``; see ``DataAggregator``
    :raises ValueError: a rule says what nobody knows
    """

    def __init__(self, config: dict[str, Any]) -> None:
        kpis = config.get("kpi_config", {})
        self.refresh = timedelta(minutes=kpis.get("refresh_interval_minutes", 60))
        self.cooldown = timedelta(minutes=kpis.get("alert_cooldown_minutes", 60))
        self.rules = [AlertRule(**rule) for rule in config.get("alert_rules", ())]
        self.aggregator = DataAggregator(config)
        self.read_at: datetime | None = None
        self.open: dict[str, Alert] = {}
        self._ended: dict[str, datetime] = {}

    def check_alerts(self, now: datetime) -> list[Alert]:
        """Alerts that begin now; ``open`` has all.

        KPIs are read anew once the interval is over. An alert ends when its rule does
        not hold any more, and begins again after the cooldown at the earliest; where
        value or target are not known it stays.
        """
        if self.read_at is None or now - self.read_at >= self.refresh:
            self.aggregator.forget()
            self.read_at = now
        readings = self.aggregator.read_kpis({rule.metric for rule in self.rules})
        begun = []
        for rule in self.rules:
            holds = rule.holds(readings[rule.metric])
            if rule.name in self.open:
                if holds is False:
                    del self.open[rule.name]
                    self._ended[rule.name] = now
            elif (
                holds
                and now - self._ended.get(rule.name, datetime.min) >= self.cooldown
            ):
                self.open[rule.name] = Alert(rule, readings[rule.metric], now)
                begun.append(self.open[rule.name])
        return begun
