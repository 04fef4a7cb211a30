"""A dashboard as the pages of the app draw it."""

from typing import Any


def build_sections(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Large figures of each section of a dashboard of ``ExecutiveDashboard``."""
    return [
        {
            "title": section["name"].capitalize(),
            "help": "",
            "kind": "numbers",
            "numbers": [
                {
                    "name": kpi["name"] or kpi["metric"].replace("_", " ").capitalize(),
                    "text": "–" if kpi["value"] is None else f"{kpi['value']:,.2f}",
                    "hint": kpi["status"].replace("_", " "),
                }
                for kpi in section["kpis"]
            ],
        }
        for section in dashboard["sections"]
    ]
