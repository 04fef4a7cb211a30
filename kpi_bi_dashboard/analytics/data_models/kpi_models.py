"""KPIs by the words of reports, what they came to, and rules on that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from odoo.addons.kpi_tracking.engine.status import achievement, status

# a word of reports → code of the gallery; a KPI that has the word as its code wins
CODES = {
    "revenue": "fin_revenue",
    "gross_margin": "fin_gross_margin",
    "win_rate": "crm_win_rate",
    "pipeline_coverage": "crm_pipeline_coverage",
    "deal_size": "crm_average_deal",
}
CHOICES = {
    "condition": ("below", "above"),
    "severity": ("info", "warning", "critical", "urgent"),
    "compared": ("target", "value"),
}


@dataclass(frozen=True)
class KpiReading:
    """The latest value of a KPI, judged.

    :ivar metric: the word that it is asked for by
    :ivar value, previous, target: None = not known
    :ivar direction: ``higher`` or ``lower`` is better; ``range``
    :ivar achievement: percent of the target; None without value or target
    :ivar status: as of ``kpi_tracking.engine.status``
    :ivar code, name, unit, period_start: None = nobody tracks it
    """

    metric: str
    value: float | None = None
    previous: float | None = None
    target: float | None = None
    direction: str = "higher"
    achievement: float | None = None
    status: str = "no_data"
    code: str | None = None
    name: str | None = None
    unit: str | None = None
    period_start: str | None = None

    @classmethod
    def of(cls, metric: str, given: Mapping[str, Any] | float | None) -> "KpiReading":
        """A reading of a row, or of a number; judged where the row does not say."""
        row = dict(given) if isinstance(given, Mapping) else {"value": given}
        if "status" not in row:
            value, target = (
                float("nan") if row.get(name) is None else row[name]
                for name in ("value", "target")
            )
            aim = row.get("direction", "higher")
            percent = achievement(value, target, direction=aim)
            row["status"] = status(percent, value=value)
            row["achievement"] = None if percent != percent else percent
        return cls(**{**row, "metric": metric})


@dataclass(frozen=True)
class AlertRule:
    """When a KPI raises an alert.

    :ivar threshold: share of the target (0.9 = 90 % of it), or a value
    :ivar compared: ``target`` or ``value``
    """

    name: str
    metric: str
    condition: str
    threshold: float
    severity: str = "warning"
    compared: str = "target"

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{self.name}: {name} is one of {', '.join(known)}")

    def holds(self, reading: KpiReading) -> bool | None:
        """Whether the value breaks the rule; None = value or target is not known."""
        limit: float | None = self.threshold
        if self.compared == "target":
            limit = None if reading.target is None else self.threshold * reading.target
        if reading.value is None or limit is None:
            return None
        if self.condition == "below":
            return reading.value < limit
        return reading.value > limit
