"""A table of KPIs by period, as files of it are written from."""

WORDS = {
    "kpi": "KPI",
    "unit": "Unit",
    "figure": "Figure",
    "running": "running",
    "on_target": "On track",
    "at_risk": "At risk",
    "off_target": "Off track",
}
FIGURES = [
    {"key": "actual", "label": "Actual", "is_percent": False},
    {"key": "target", "label": "Target", "is_percent": False},
    {"key": "share", "label": "Achieved", "is_percent": True, "signs": ["", "%"]},
]


def cell(status="no_target", texts=None, **numbers):
    """A cell; texts are those of its numbers unless given."""
    texts = {name: f"{value:g}" for name, value in numbers.items()} | (texts or {})
    return {"status": status, "texts": texts, "numbers": numbers}


def row(name, *cells, figures=("actual", "target", "share"), **more):
    values = {
        "unit": "",
        "digits": 0,
        "note": "",
        "badge": "",
        "figures": list(figures),
    }
    return {"name": name, "cells": list(cells), **values, **more}


def section(*rows, columns=("Jan", "Feb"), title="", running=()):
    heads = [{"label": label, "is_running": label in running} for label in columns]
    return {"title": title, "columns": heads, "rows": list(rows)}


def matrix(*sections, title="Report"):
    return {"title": title, "figures": FIGURES, "sections": list(sections)}
