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
# of these less is better, where nobody says otherwise
LOWER = ("churn_rate",)
NAN = float("nan")


@dataclass(frozen=True)
class KpiReading:
    """The latest value of a KPI, judged; None = not known.

    :ivar metric: the word that it is asked for by
    :ivar achievement: percent of the target
    :ivar code: None = nobody tracks it
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
        row.setdefault("direction", "lower" if metric in LOWER else "higher")
        if "status" not in row:
            value, target = (
                NAN if row.get(name) is None else row[name]
                for name in ("value", "target")
            )
            percent = achievement(value, target, direction=row["direction"])
            row["status"] = status(percent, value=value)
            row["achievement"] = None if percent != percent else percent
        return cls(**{**row, "metric": metric})


@dataclass(frozen=True)
class AlertRule:
    """When a KPI raises an alert; each but the name is one of ``CHOICES``.

    :ivar threshold: share of the target (0.9 = 90% of it), or a value
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
        unit = 1.0 if self.compared == "value" else reading.target
        if reading.value is None or unit is None:
            return None
        limit = self.threshold * unit
        return (
            reading.value < limit
            if self.condition == "below"
            else reading.value > limit
        )
