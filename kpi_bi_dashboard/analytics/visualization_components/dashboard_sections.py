"""A dashboard as the pages of the app draw it."""

from typing import Any


def build_sections(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Large figures of each section of a dashboard of ``ExecutiveDashboard``."""
    return [
        {
            "title": section["name"].capitalize(),
            "help": "",
            "kind": "numbers",
            "numbers": [_draw(kpi) for kpi in section["kpis"]],
        }
        for section in dashboard["sections"]
    ]


def _draw(kpi: dict[str, Any]) -> dict[str, str]:
    value, unit = (
        kpi["value"],
        "\N{NO-BREAK SPACE}%" if kpi["unit"] == "percent" else "",
    )
    return {
        "name": kpi["name"] or kpi["metric"].replace("_", " ").capitalize(),
        "text": "–" if value is None else f"{value:,.2f}{unit}",
        "hint": kpi["status"].replace("_", " "),
    }
