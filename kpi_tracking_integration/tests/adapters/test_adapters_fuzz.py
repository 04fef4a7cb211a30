"""Answers of any shape become a table, or a sentence that people understand."""

import gzip
import random
import re
from unittest.mock import patch

import pytest

from odoo.addons.kpi_base.tests.web_server import reply

from ...adapters import GoogleSheets, HubSpot, Salesforce, WebAddress
from ...adapters.adapter import Pulled
from ...engine.caller import VendorFault
from ..stand_ins import (
    HubSpotStandIn,
    SalesforceStandIn,
    SheetsStandIn,
    WebStandIn,
    moment,
)
from .test_adapters import ACTUALS, OPPORTUNITIES, _pull

RUNS = 100  # of each vendor
NOT_FOR_PEOPLE = re.compile(r"[{}\[\]<>\\]|Traceback|Error\b|Exception|NoneType")
ODD = (
    *(None, True, False, 0, -1, 1.5, 10**400, "", "7", "1e99", "1e999999", "many"),
    *([], {}, [[]], [None], {"id": 1}, {"next": []}, ["7"], "\x00", "\ud800"),
)
HTML = b"<!doctype html><title>Sign in</title>"
BODIES = (
    *(b"", HTML, b"null", b"[]", b"{}", b"7", b'"text"', b"\xff\xfe", b"[" * 5_000),
    *(b'{"error": "gone"}', b'{"error": {"code": 403, "status": "DENIED"}}'),
    *(b'{"error": {"code": "x"}, "values": 7}', b'[{"errorCode": "X"}]', b"NaN"),
    gzip.compress(b'{"values": [["A"], [1]]}'),
)


def _spoil(value, chance):
    """Another one of the same document, with one part of another shape."""
    if isinstance(value, dict) and value and chance.random() < 0.7:
        key = chance.choice(sorted(value))
        if chance.random() < 0.15:
            return {name: part for name, part in value.items() if name != key}
        return value | {key: _spoil(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], _spoil(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


def _make_spoiled(stand_in, chance):
    class Spoiled(stand_in):
        def _serve(self, handler):
            if chance.random() < 0.1:
                status = chance.choice((200, 200, 200, 400, 403, 404, 429, 500))
                handler.wfile.write(reply(status, chance.choice(BODIES)))
                return
            super()._serve(handler)

        def answer(self, method, path, query, body):
            status, said = super().answer(method, path, query, body)
            return status, _spoil(said, chance) if chance.random() < 0.5 else said

    return Spoiled


DEALS = [
    (str(key), moment("2026-01-05T10:00:00"), "1", "7", True) for key in range(250)
]
VENDORS = {
    GoogleSheets: (
        SheetsStandIn,
        {"Actuals!A1:C9": [["Day", "Value"], [46023, 1.5], ["2026-02-01", "x"]]},
        ACTUALS,
    ),
    HubSpot: (HubSpotStandIn, {"deals": DEALS, "owners": {"7": "j@x.test"}}, {}),
    Salesforce: (SalesforceStandIn, {"opportunities": OPPORTUNITIES}, {}),
    WebAddress: (
        WebStandIn,
        {"document": {"data": [{"day": "2026-01-31T23:30:00Z", "n": {"net": 7}}] * 3}},
        {"rows": "/data"},
    ),
}


@pytest.mark.parametrize("adapter", VENDORS, ids=lambda adapter: adapter.name)
def test_answers_of_any_shape(adapter):
    stand_in, content, settings = VENDORS[adapter]
    outcomes = {"table": 0, "sentence": 0}
    for seed in range(RUNS):
        chance = random.Random(seed)
        server = _make_spoiled(stand_in, chance)(**content)
        with server, patch("time.sleep"):
            try:
                pulled = _pull(adapter, server, **settings)
            except VendorFault as fault:
                outcomes["sentence"] += 1
                assert not NOT_FOR_PEOPLE.search(str(fault)), (seed, str(fault))
                continue
        outcomes["table"] += 1
        _check_table(pulled, seed)
    assert all(outcomes.values()), outcomes


def _check_table(pulled, seed):
    assert isinstance(pulled, Pulled), seed
    assert all(isinstance(title, str) for title in pulled.titles), seed
    for row in pulled.rows:
        assert len(row) == len(pulled.titles), seed
        assert not any(isinstance(cell, dict | list) for cell in row), seed
