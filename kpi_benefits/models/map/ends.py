"""Ends of links on the map: items, benefits, and initiatives, which are changes."""


def get_key(record):
    return record._name, record.id


def get_kind(record):
    if record._name == "kpi.benefit.node":
        return record.kind
    return "benefit" if record._name == "kpi.benefit.realization" else "change"
