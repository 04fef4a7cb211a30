"""The cases of due shares, which Python, SQL and dashboards are tested with."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from odoo.addons.kpi_base.engine.periods import Period


@dataclass(frozen=True)
class DueCase:
    """:param target, share, limit, due: None = none; ``limit`` of an upper end"""

    note: str
    period: Period
    today: date
    aggregation: str
    direction: str
    target: float | None
    share: float | None
    limit: float | None
    due: float | None


def read_due_cases() -> list[DueCase]:
    rows = json.loads((Path(__file__).parent / "due_cases.json").read_text())
    return [
        DueCase(
            period=Period(
                "month",
                date.fromisoformat(row.pop("start")),
                date.fromisoformat(row.pop("stop")),
            ),
            today=date.fromisoformat(row.pop("today")),
            **row,
        )
        for row in rows
    ]
