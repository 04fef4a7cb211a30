"""Filters of the addons hold as many months or days as they say."""

import re
from datetime import date, timedelta

import pytest
from freezegun import freeze_time
from lxml import etree

SHARES_DATABASE = True
PERIOD = re.compile(r"Last (\d+) (Months|Days)", re.IGNORECASE)
START = re.compile(r"'((?:today|=)[^']*)'")  # such as 'today =1d -11m'


@pytest.fixture
def filters(env):
    """(place, number, unit, text of the first day) of each filter that names them."""
    views = env["ir.ui.view"].search([("type", "=", "search")])
    return [
        (f"{view.model}: {node.get('string')}", int(said[1]), said[2].lower(), start[1])
        for view in views.filtered(lambda view: view.model.startswith("kpi."))
        for node in etree.fromstring(view.arch).iter("filter")
        if (said := PERIOD.fullmatch(node.get("string") or ""))
        and (start := START.search(f"{node.get('domain')}{node.get('context')}"))
    ]


def _find_first_day(today, number, unit):
    if unit == "days":
        return today - timedelta(days=number - 1)
    month = today.year * 12 + today.month - 1 - (number - 1)
    return date(month // 12, month % 12 + 1, 1)


@pytest.mark.parametrize("today", ["2026-03-01", "2026-03-31", "2028-02-29"])
def test_filters_hold_what_they_say(env, filters, today):
    from odoo.fields import Date
    from odoo.tools.date_utils import parse_date

    assert len(filters) >= 10
    with freeze_time(f"{today} 12:00:00"):
        wrong = [
            (place, start)
            for place, number, unit, start in filters
            if Date.to_date(parse_date(start, env))
            != _find_first_day(date.fromisoformat(today), number, unit)
        ]
    assert not wrong
