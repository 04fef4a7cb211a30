from contextlib import contextmanager
from unittest.mock import patch

import pytest

from odoo.addons.kpi_base.tests.web_server import reply

from ...adapters import PowerBi, Slack, Tableau
from ...engine.caller import Caller, VendorFault
from ..stand_ins import GUID, TOKEN, PowerBiStandIn, SlackStandIn, TableauStandIn

DATASET = {
    name: GUID % number
    for number, name in enumerate(("tenant", "client", "workspace", "dataset"), 1)
}


@contextmanager
def _power_bi():
    with (
        PowerBiStandIn() as server,
        patch.multiple(PowerBi, origin=server.origin, login=server.origin),
    ):
        yield server


def _sign_in(adapter, settings, secret=TOKEN):
    caller = Caller(adapter.name, ["127.0.0.1"], secrets=[secret])
    vendor = adapter(caller, settings, secret)
    vendor.sign_in()
    return vendor


def _source(server, **values):
    settings = {"server": server.origin, "site": "nordwind", "token": "kpi"}
    return {**settings, "source": GUID % 6, **values}


def test_a_dataset_is_named_and_refreshed():
    with _power_bi() as server:
        assert _sign_in(PowerBi, DATASET).test() == "Nordwind KPIs"
        assert server.refreshes == 0
        _sign_in(PowerBi, DATASET).push()
        assert server.refreshes == 1
    sent = [one.headers.get("authorization", "") for one in server.received]
    assert not any(TOKEN in text for text in sent)


def test_an_extract_is_named_and_refreshed():
    with TableauStandIn() as server:
        assert _sign_in(Tableau, _source(server)).test() == "KPIs"
        assert server.refreshes == 0
        _sign_in(Tableau, _source(server)).push()
        assert server.refreshes == 1
    sent = [one.headers.get("authorization", "") for one in server.received]
    assert not any(sent)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dataset": "x"}, "Enter IDs as Power BI shows them"),
        ({"workspace": "../../x"}, "Enter IDs as"),
        ({"dataset": GUID % 9}, "found nothing there. Check the names and IDs"),
    ],
)
def test_a_dataset_that_is_none_is_said(change, said):
    with _power_bi() as server, pytest.raises(VendorFault, match=said):
        _sign_in(PowerBi, {**DATASET, **change}).push()
    assert server.refreshes == 0


def test_a_source_that_is_none_is_said():
    with TableauStandIn() as server:
        with pytest.raises(VendorFault, match="Enter IDs as Tableau shows them"):
            _sign_in(Tableau, _source(server, source="KPIs")).push()
        assert server.received == []
        with pytest.raises(VendorFault, match="found nothing there"):
            _sign_in(Tableau, _source(server, source=GUID % 9)).push()


def test_a_secret_that_is_none_is_said_without_it():
    secret = "wrong-secret"
    with _power_bi(), pytest.raises(VendorFault) as power_bi:
        _sign_in(PowerBi, DATASET, secret).push()
    assert str(power_bi.value) == (
        "Power BI rejected your app. Check its ID and secret."
    )
    with TableauStandIn() as server, pytest.raises(VendorFault) as tableau:
        _sign_in(Tableau, _source(server), secret).push()
    assert str(tableau.value) == ("Tableau no longer grants access. Connect again.")


def test_a_refresh_too_many_is_waited_for():
    with TableauStandIn() as server:
        server.next_answers = [reply(429, Retry_After="3600")]
        with pytest.raises(VendorFault) as caught:
            _sign_in(Tableau, _source(server)).push()
    assert caught.value.seconds == 3600


def test_slack_refuses_with_200():
    with SlackStandIn() as server, patch.object(Slack, "origin", server.origin):
        slack = _sign_in(Slack, {})
        assert slack.test() == "Nordwind"
        with pytest.raises(VendorFault, match="Slack refused: unknown_method."):
            slack.call("chat.delete", {})
        server.next_answers = [reply(200, b'{"ok": 1}')]
        with pytest.raises(VendorFault, match="returned no “ok”"):
            slack.call("auth.test", {})
