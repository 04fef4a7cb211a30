import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from ...engine.asked import (
    LONGEST,
    Asked,
    find_kpis,
    list_buttons,
    read_slack,
    read_teams,
)

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
USER = {"id": "U1", "username": "jane", "team_id": "T1"}


def _form(**values):
    return urlencode(values).encode()


def _click(**values):
    payload = {"type": "block_actions", "user": USER, "team": {"id": "T1"}, **values}
    return _form(payload=json.dumps(payload))


def _event(**event):
    content = {"type": "event_callback", "team_id": "T1", "event": event}
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (
            FORM,
            _form(team_id="T1", user_id="U1", user_name="jane", text=" win &lt; 5 "),
            Asked("T1/U1", "jane", "win < 5"),
        ),
        (FORM, _form(team_id="T1", user_id="U1"), Asked("T1/U1", "", "?")),
        (
            FORM,
            _form(team_id="T1", user_id="U1", text="x" * 900),
            Asked("T1/U1", "", "x" * LONGEST),
        ),
        (
            FORM,
            _click(
                actions=[{"action_id": "ask_1", "value": "won"}],
                response_url="https://hooks.slack.com/actions/1",
            ),
            Asked("T1/U1", "jane", "won", "https://hooks.slack.com/actions/1"),
        ),
        # a button that opens a page is told as well, and asks nothing
        (
            FORM,
            _click(actions=[{"action_id": "open_0"}], response_url="https://x.test"),
            Asked("T1/U1"),
        ),
        (
            JSON,
            b'{"type": "url_verification", "challenge": "abc"}',
            Asked(challenge="abc"),
        ),
        (
            JSON,
            _event(
                type="link_shared",
                user="U1",
                channel="C1",
                links=[{"url": "https://a.test/1"}, {"url": "https://a.test/2"}],
            ),
            Asked(
                "T1/U1",
                links=("https://a.test/1", "https://a.test/2"),
                channel="C1",
            ),
        ),
        (JSON, _event(type="message", user="U1"), Asked()),
    ],
)
def test_what_slack_hands_over_is_read(kind, body, expected):
    assert read_slack(kind, body) == expected


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b""),
        (FORM, _form(team_id="T1", text="nobody")),
        (FORM, _form(payload="[]")),
        (FORM, _click(actions=[])),
        (FORM, _form(payload="{")),
        (FORM, _form(payload='{"user": []}')),
        (FORM, "team_id=T1&user_id=é".encode("latin-1")),
        (JSON, b"[" * 100_000),
        (JSON, b'{"event": 1}'),
        (JSON, _event(type="link_shared", user="U1", links=["x"])),
    ],
)
def test_nothing_else_is_read_from_slack(kind, body):
    with pytest.raises(ValueError):
        read_slack(kind, body)


def _message(text, moment=NOW):
    return json.dumps({"text": text, "timestamp": moment.isoformat()}).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<at>KPI</at> win rate", "win rate"),
        ("<p><at id='0'>KPI</at>&nbsp;win\n rate</p>", "win rate"),
        ("<at>KPI</at>", "?"),
        ("win &lt; 5", "win < 5"),
    ],
)
def test_a_message_of_teams_is_read(text, expected):
    assert read_teams(_message(text), NOW) == Asked(text=expected)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"text": "win rate", "timestamp": "2026-11-27T09:00:00"}',
        _message("win rate", NOW - timedelta(minutes=6)),
        _message("win rate", NOW + timedelta(minutes=6)),
    ],
)
def test_nothing_else_is_read_from_teams(body):
    with pytest.raises(ValueError):
        read_teams(body, NOW)


def test_links_to_kpis_of_ours_are_found():
    links = (
        "https://kpi.test/odoo/kpis/7",
        "https://KPI.test/odoo/action-3/kpi.report/8?debug=1",
        "https://kpi.test/odoo/kpis/7",
        "https://kpi.test/odoo/kpis/0",
        "https://kpi.test/odoo/kpi-dashboards/9",
        "https://kpi.test.evil.test/odoo/kpis/10",
        "https://evil.test/odoo/kpis/11",
    )
    assert find_kpis(links, "https://kpi.test") == [7, 8]


def test_five_questions_become_buttons():
    (block,) = list_buttons({f"{n} " + "x" * 90: f"question {n}" for n in range(7)})
    buttons = block["elements"]
    assert [one["value"] for one in buttons] == [f"question {n}" for n in range(5)]
    assert len({one["action_id"] for one in buttons}) == 5
    assert max(len(one["text"]["text"]) for one in buttons) == 75
    assert list_buttons({}) == []
