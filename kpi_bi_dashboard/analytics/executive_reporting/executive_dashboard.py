"""The executive dashboard: sections of KPIs, how each stands, and a score."""

from collections.abc import Iterable
from dataclasses import asdict
from statistics import mean
from typing import Any

from ..data_models.kpi_models import AlertRule, KpiReading
from ..data_processing.data_aggregator import DataAggregator


class ExecutiveDashboard:
    """The KPIs of ``config["kpi_config"]["kpi_categories"]``, a section each."""

    def __init__(
        self, config: dict[str, Any], aggregator: DataAggregator | None = None
    ) -> None:
        self.config = config
        self.aggregator = aggregator or DataAggregator(config)

    def build(self) -> dict[str, Any]:
        """Sections, the score of all, metrics off target or without value, and rules
        that are broken.

        A score is the mean achievement of the targets, each between 0 and 100; None
        where nothing has a target.
        """
        categories = self.config.get("kpi_config", {}).get("kpi_categories", {})
        rules = [AlertRule(**rule) for rule in self.config.get("alert_rules", ())]
        asked = dict.fromkeys(metric for each in categories.values() for metric in each)
        watched = dict.fromkeys(rule.metric for rule in rules)
        readings = self.aggregator.read_kpis(asked | watched)
        shown = [readings[metric] for metric in asked]
        return {
            "sections": [
                {
                    "name": name,
                    "score": score(readings[metric] for metric in metrics),
                    "kpis": [asdict(readings[metric]) for metric in metrics],
                }
                for name, metrics in categories.items()
            ],
            "score": score(shown),
            "off_target": [one.metric for one in shown if one.status == "off_target"],
            "missing": [one.metric for one in shown if one.value is None],
            "alerts": [asdict(r) for r in rules if r.holds(readings[r.metric])],
        }


def score(readings: Iterable[KpiReading]) -> float | None:
    """Mean achievement, each between 0 and 100; None = no target."""
    known = [one.achievement for one in readings if one.achievement is not None]
    return mean(min(max(one, 0), 100) for one in known) if known else None
