"""Two browsers: what one enters the other sees, without asking."""

import json
import time
from datetime import date

import pytest

CALL = """
(async (model, method, args) => {
    const answer = await fetch(`/web/dataset/call_kw/${model}/${method}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ params: { model, method, args, kwargs: {} } }),
    });
    const { error, result } = await answer.json();
    if (error) {
        throw new Error(error.data.message);
    }
    return result;
})(...%s)
"""
CONNECTED = "odoo.__WOWL_DEBUG__.root.env.services.bus_service.workerState"
LISTENING = 2  # seconds until the server has heard of the channels
ANSWER = 90  # at most, on a busy machine


def call(browser, model, method, *args):
    """What the server answers to this browser's session."""
    expression = CALL % json.dumps([model, method, args])
    answer = browser.call(
        "Runtime.evaluate",
        expression=expression,
        awaitPromise=True,
        returnByValue=True,
    )
    assert "exceptionDetails" not in answer, answer
    return answer["result"].get("value")


def enter(browser, server, value):
    """Hand in this month's value, as the dialog does."""
    values = {
        "report_id": server.report_id,
        "day": date.today().isoformat(),
        "value_text": str(value),
        "reason": "Counted again",  # asked for where there is a value already
    }
    ids = call(browser, "kpi.value.entry", "create", [values])
    call(browser, "kpi.value.entry", "action_enter", ids)


def text(browser):
    return browser.evaluate("document.querySelector('.o_action_manager').innerText")


def wait_until(is_true, seconds=ANSWER):
    """Seconds until it was true."""
    start = time.monotonic()
    while not is_true():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.05)
    return time.monotonic() - start


def connected(browser):
    wait_until(lambda: browser.evaluate(CONNECTED) == "CONNECTED")
    time.sleep(LISTENING)


@pytest.mark.long
def test_a_value_entered_in_one_browser_is_seen_in_another(server, reader, writer):
    connected(reader)
    assert "321" not in text(reader)
    enter(writer, server, 321)
    wait_until(lambda: "321" in text(reader))
    wait_until(lambda: "321" in text(writer))
    enter(writer, server, 654)
    wait_until(lambda: "654" in text(reader))
    assert not reader.errors


def test_who_may_not_see_the_kpi_sees_nothing_of_it(server, writer):
    with server.browser("stranger") as stranger:
        connected(stranger)
        enter(writer, server, 777)
        wait_until(lambda: "777" in text(writer))
        time.sleep(LISTENING)
        seen = text(stranger)
        assert "777" not in seen
        assert "You cannot access any KPI on this dashboard" in seen
        assert "Parcels" not in seen.replace("Parcels today", "")


def test_a_line_that_is_cut_shows_and_what_was_missed_comes_with_it(
    server, line, reader, writer
):
    connected(reader)
    line.change("down")
    wait_until(lambda: "Not live" in text(reader))
    enter(writer, server, 888)
    line.change("through")
    wait_until(lambda: "Not live" not in text(reader))
    wait_until(lambda: "888" in text(reader))


@pytest.mark.long
def test_a_server_that_goes_away_shows_and_what_was_missed_comes_with_it(
    server, reader, writer
):
    connected(reader)
    server.stop()
    wait_until(lambda: "Not live" in text(reader))
    server.start()
    enter(writer, server, 999)
    wait_until(lambda: "Not live" not in text(reader))
    wait_until(lambda: "999" in text(reader))
