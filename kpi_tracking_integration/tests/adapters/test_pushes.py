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


def _caller(name, secret=TOKEN):
    # as it comes: whoever signs in with the secret sends it nowhere else
    headers = {"Authorization": f"Bearer {secret}"}
    return Caller(name, ["127.0.0.1"], headers, [secret])


def _source(server, **values):
    settings = {"server": server.origin, "site": "nordwind", "token": "kpi"}
    return {**settings, "source": GUID % 6, **values}


def test_a_dataset_is_named_and_refreshed():
    with _power_bi() as server:
        assert PowerBi.test(_caller("Power BI"), DATASET) == "Nordwind KPIs"
        assert server.refreshes == 0
        PowerBi.push(_caller("Power BI"), DATASET)
        assert server.refreshes == 1
    sent = [one.headers.get("authorization", "") for one in server.received]
    assert not any(TOKEN in text for text in sent)


def test_an_extract_is_named_and_refreshed():
    with TableauStandIn() as server:
        assert Tableau.test(_caller("Tableau"), _source(server)) == "KPIs"
        assert server.refreshes == 0
        Tableau.push(_caller("Tableau"), _source(server))
        assert server.refreshes == 1
    sent = [one.headers.get("authorization", "") for one in server.received]
    assert not any(sent)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dataset": "x"}, "Enter the IDs as Power BI shows them"),
        ({"workspace": "../../x"}, "Enter the IDs"),
        ({"dataset": GUID % 9}, r"refuses \(404\): .*PowerBIEntityNotFound"),
    ],
)
def test_a_dataset_that_is_none_is_said(change, said):
    with _power_bi() as server, pytest.raises(VendorFault, match=said):
        PowerBi.push(_caller("Power BI"), {**DATASET, **change})
    assert server.refreshes == 0


def test_a_source_that_is_none_is_said():
    with TableauStandIn() as server:
        with pytest.raises(VendorFault, match="Enter the IDs as Tableau shows them"):
            Tableau.push(_caller("Tableau"), _source(server, source="KPIs"))
        assert server.received == []
        with pytest.raises(VendorFault, match=r"refuses \(404\)"):
            Tableau.push(_caller("Tableau"), _source(server, source=GUID % 9))


def test_a_secret_that_is_none_is_said_without_it():
    secret = "wrong-secret"
    with _power_bi(), pytest.raises(VendorFault) as power_bi:
        PowerBi.push(_caller("Power BI", secret), DATASET)
    assert str(power_bi.value) == "Power BI gives no access: invalid_client."
    with TableauStandIn() as server, pytest.raises(VendorFault) as tableau:
        Tableau.push(_caller("Tableau", secret), _source(server))
    assert str(tableau.value) == (
        "Tableau does not let us in any more. Connect it again."
    )


def test_a_refresh_too_many_is_waited_for():
    with TableauStandIn() as server:
        server.next_answers = [reply(429, Retry_After="3600")]
        with pytest.raises(VendorFault) as caught:
            Tableau.push(_caller("Tableau"), _source(server))
    assert caught.value.seconds == 3600


def test_slack_refuses_with_200():
    with SlackStandIn() as server, patch.object(Slack, "origin", server.origin):
        caller = _caller("Slack")
        assert Slack.test(caller, {}) == "Nordwind"
        with pytest.raises(VendorFault, match="Slack refuses: unknown_method."):
            Slack.call(caller, "chat.delete", {})
        server.next_answers = [reply(200, b'{"ok": 1}')]
        with pytest.raises(VendorFault, match="answered without “ok”"):
            Slack.call(caller, "auth.test", {})
