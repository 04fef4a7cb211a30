"""XES read and written: equal both ways, in little memory, and nothing fetched."""

import datetime as dt
import gzip
import resource
import tracemalloc
from pathlib import Path

import pytest

from ...engine.xes import (
    TITLES,
    Trace,
    XesError,
    count_events,
    is_xes,
    open_xes,
    read_xes,
    write_xes,
)

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
MOMENT = dt.datetime(2026, 3, 31, 14, 5, tzinfo=dt.timezone.utc)


def log(body, head=HEAD):
    return head + b'<log xmlns="http://www.xes-standard.org/">' + body + b"</log>"


def event(name, moment="2026-03-31T14:05:00.000+02:00"):
    return (
        f'<event><string key="concept:name" value="{name}"/>'
        f'<date key="time:timestamp" value="{moment}"/></event>'
    ).encode()


def case(name, *events):
    mark = f'<string key="concept:name" value="{name}"/>'.encode()
    return b"<trace>" + mark + b"".join(events) + b"</trace>"


BOMB = (
    HEAD
    + b'<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">'.encode()
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + b']><log><trace><string key="concept:name" value="&i;"/></trace></log>'
)
EXTERNAL = (
    HEAD
    + b'<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log>'
    + b'<trace><string key="concept:name" value="1"/>&x;</trace></log>'
)
NAMED = b'<string key="concept:name" value="x"/>'
PARAMETER = (
    HEAD + b'<!DOCTYPE log SYSTEM "http://localhost:1/log.dtd"><log><trace/></log>'
)


def test_what_is_written_is_read_back_equal():
    traces = [
        Trace(
            {"concept:name": "Case <1> & “2”", "subject": "line\nbreak\ttab"},
            [
                {
                    "concept:name": "ask",
                    "time:timestamp": MOMENT,
                    "org:resource": "Zoë",
                },
                {"concept:name": "ask", "time:timestamp": MOMENT},
            ],
        ),
        Trace(
            {"concept:name": "2", "amount": 12.5, "count": 3}, [{"concept:name": "b"}]
        ),
    ]
    moment = "2026-03-31T14:05:00.000+00:00"
    content = b"".join(write_xes(traces))
    assert is_xes(content)
    found = list(read_xes(content))
    assert [
        (name, attributes["concept:name"]) for name, attributes, _event in found
    ] == [
        ("Case <1> & “2”",) * 2,
        ("Case <1> & “2”",) * 2,
        ("2", "2"),
    ]
    assert found[0][1]["subject"] == "line\nbreak\ttab"
    assert found[0][2] == {
        "concept:name": "ask",
        "time:timestamp": moment,
        "org:resource": "Zoë",
    }
    assert found[1][2] == {"concept:name": "ask", "time:timestamp": moment}
    assert found[2][1] == {"concept:name": "2", "amount": "12.5", "count": "3"}


def test_characters_that_xml_cannot_hold_are_replaced():
    (content,) = [b"".join(write_xes([Trace({}, [{"concept:name": "a\x01b"}])]))]
    ((_case, _attributes, event_),) = read_xes(content)
    assert event_ == {"concept:name": "a\ufffdb"}


def test_a_log_is_a_table_of_events():
    body = case("x", event("a"), event("b")) + b"<trace>" + event("c") + b"</trace>"
    rows = list(open_xes(log(body)).rows())
    assert rows[0].cells == list(TITLES)
    assert [(row.number, *row.cells[:2]) for row in rows[1:]] == [
        (2, "x", "a"),
        (3, "x", "b"),
        (4, "2", "c"),  # a case without a name has its number
    ]
    assert open_xes(log(body)).row_count_estimate() == 3


def test_attributes_that_nobody_reads_take_no_memory():
    """20,000 of them of a kilobyte each, of a case and of its event."""
    many = b"".join(
        b'<string key="k%d" value="%s"/>' % (number, b"x" * 1000)
        for number in range(20_000)
    )
    content = log(
        b"<trace>" + NAMED + many + b"<event>" + NAMED + many + b"</event></trace>"
    )
    tracemalloc.start()
    try:
        _titles, row = open_xes(content).rows()
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert row.cells[:2] == ["x", "x"]
    assert most < 4_000_000


def test_definitions_and_nested_attributes_are_passed_over():
    body = (
        b'<global scope="event"><string key="concept:name" value="wrong"/></global>'
        b'<trace><string key="concept:name" value="x"><string key="org:resource" '
        b'value="inner"/></string><event><list key="l"><values><string '
        b'key="concept:name" value="wrong"/></values></list>'
        b'<string key="concept:name" value="right"/></event></trace>'
    )
    assert list(read_xes(log(body))) == [
        ("x", {"concept:name": "x"}, {"concept:name": "right"})
    ]


def test_packed_logs_and_other_encodings_are_read():
    content = log(case("x", event("a")))
    assert is_xes(gzip.compress(content))
    assert len(list(read_xes(gzip.compress(content)))) == 1
    wide = content.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert is_xes(wide)
    assert list(read_xes(wide)) == list(read_xes(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BOMB, "DOCTYPE"),
        (EXTERNAL, "DOCTYPE"),
        (PARAMETER, "DOCTYPE"),
        (gzip.compress(BOMB), "DOCTYPE"),
        (log(b"<trace><event></trace>"), "Line 2 is not valid XML"),
        (log(case("x", event("a")))[:-20], "is not valid XML"),
        (log(b"\xff\xfe"), "is not valid XML"),
        (log(b'<trace><string key="a" value="&nix;"/></trace>'), "is not valid XML"),
        (HEAD + b"<page><log/></page>", "not an event log"),
        (log(b"<list>" * 60 + b"</list>" * 60), "nested too deeply"),
        (log(b"<trace>" + event("a") + NAMED + b"</trace>"), "must precede its events"),
        (gzip.compress(log(b"<trace/>"))[:-9], "damaged"),
        (log(b'<trace><string key="a" value="' + b"a" * 3_000_000 + b'"/></trace>'),
         "too long"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(content, reason):
    with pytest.raises(XesError, match=reason):
        list(read_xes(content))


@pytest.mark.parametrize(
    "content",
    [b"", b"case,activity\n", b"<html></html>", b"\x1f\x8bbroken", b"PK\x03\x04"],
)
def test_other_files_are_no_logs(content):
    assert not is_xes(content)


@pytest.mark.parametrize("size", [1, 999, 5_000])
def test_events_are_counted_at_a_glance(size):
    content = log(case("x", *[event("a")] * size))
    assert count_events(content) == size
    assert count_events(gzip.compress(content)) == size
    assert count_events(gzip.compress(content)[:-20]) <= size


def many():
    for number in range(20_000):
        yield case(number, *[event("a")] * 10)


def test_many_events_are_read_in_little_memory():
    content = gzip.compress(log(b"".join(many())), 1)
    before = most = resident()
    count = 0
    for count, _event in enumerate(read_xes(content), 1):
        if not count % 10_000:
            most = max(most, resident())
    assert count == 200_000
    assert most - before < 10 * 2**20


def resident():
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
