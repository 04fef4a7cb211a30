import gzip
import json
import re
from datetime import date
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.kpi_base.tests.web_server import WebServer, reply

from ...adapters import WebAddress
from ...engine.caller import MOST_BYTES, Caller, VendorFault

NOT_FOR_PEOPLE = re.compile(r"[{}\[\]<>\\]|Traceback|Error\b|Exception|NoneType")
BERLIN = ZoneInfo("Europe/Berlin")


def pull(server, path="/rows", secret="", zone=BERLIN, **settings):
    caller = Caller("Web", ["127.0.0.1"], seconds=5)
    known = {option.key: option.default for option in WebAddress.options}
    given = {"address": f"http://127.0.0.1:{server.port}{path}", **settings}
    adapter = WebAddress(caller, known | given, secret, zone=zone)
    adapter.sign_in()
    return adapter.pull(())


def serve(said, **headers):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return WebServer(reply(200, body, **headers))


def test_rows_are_objects_at_a_pointer():
    rows = [
        {"day": "2026-01-31", "amount": {"net": 12.5, "currency": "EUR"}},
        {"day": "2026-02-28", "note": "", "tags": ["a"], "more": []},
    ]
    with serve({"data": {"a/b": rows}}) as server:
        pulled = pull(server, rows="/data/a~1b")
    assert pulled.titles == [
        *("day", "amount/net", "amount/currency", "note", "tags", "more"),
    ]
    assert pulled.rows == [
        ["2026-01-31", 12.5, "EUR", None, None, None],
        ["2026-02-28", None, None, None, "…", None],
    ]
    assert pulled.periods is None


def test_rows_are_lists_below_their_titles():
    with serve([["Day", "Value"], ["2026-01-31", 7], ["2026-02-28"]]) as server:
        pulled = pull(server)
    assert pulled.titles == ["Day", "Value"]
    assert pulled.rows == [["2026-01-31", 7], ["2026-02-28", None]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_rows_are_lines_of_csv(mark):
    lines = ["Day,Name,Value", "2026-01-31,Jürgen,7.5", "", "2026-02-28,,8"]
    for encoding, kind in (
        ("utf-8", "text/csv"),
        ("utf-8-sig", "text/csv; charset=utf-8"),
        ("cp1252", "text/csv; charset=ISO-8859-1"),
        ("utf-16", "text/csv"),
    ):
        body = "\r\n".join(lines).replace(",", mark).encode(encoding)
        with serve(body, Content_Type=kind) as server:
            pulled = pull(server, format="csv")
        assert pulled.titles == ["Day", "Name", "Value"]
        assert pulled.rows == [
            ["2026-01-31", "Jürgen", "7.5"],
            ["2026-02-28", None, "8"],
        ]


def test_moments_belong_to_days_of_the_company():
    for moment, day in (
        ("2026-01-31T23:30:00Z", date(2026, 2, 1)),
        ("2026-01-31 23:30:00.123456 +00:00", date(2026, 2, 1)),
        ("2026-02-01T00:30:00+0200", date(2026, 1, 31)),
        ("2026-07-01T00:30+02:00", date(2026, 7, 1)),
        ("2026-01-31T23:30:00", "2026-01-31T23:30:00"),  # of their own day
        ("2026-13-31T23:30:00Z", "2026-13-31T23:30:00Z"),  # refused by row
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ):
        with serve([{"at": moment, "value": 1}]) as server:
            assert pull(server).rows == [[day, 1]], moment


def test_the_secret_is_sent_in_its_header():
    for header, name, value in (
        ("Authorization: Bearer", "authorization", "Bearer s3cret-key"),
        ("X-Api-Key", "x-api-key", "s3cret-key"),
        ("Authorization:Token", "authorization", "Token s3cret-key"),
    ):
        with serve([{"a": 1}]) as server:
            pull(server, secret="s3cret-key", header=header)
            pull(server, header=header)
            first, second = server.received
        assert first.headers[name] == value
        assert name not in second.headers


@pytest.mark.parametrize("header", ["Host", "content-length", "A b", "X\r\nY", ""])
def test_a_header_is_a_name(header):
    with serve([{"a": 1}]) as server:
        with pytest.raises(VendorFault, match="Enter “Header” as a name"):
            pull(server, secret="s3cret-key", header=header)
        assert not server.received


def test_a_redirect_does_not_take_the_secret_to_another_server():
    with serve([{"a": 1}]) as target:
        moved = reply(302, Location=f"http://127.0.0.1:{target.port}/new")
        with WebServer(reply(301, Location="/b"), moved) as server:
            assert pull(server, secret="s3cret-key").rows == [[1]]
        assert [one.target for one in server.received] == ["/rows", "/b"]
        assert all("authorization" in one.headers for one in server.received)
        (last,) = target.received
    assert "authorization" not in last.headers


@pytest.mark.parametrize(
    "place",
    [
        "http://10.0.0.7/",
        "https://localhost/",
        "https://[::1]/",
        "file:///etc/passwd",
        "http://example.com/",
        "https://[/",
        "https://user:word@example.com/",
    ],
)
def test_no_redirect_leads_inside(place):
    with (
        WebServer(reply(302, Location=place)) as server,
        pytest.raises(VendorFault, match="redirects to an address that is not allowed"),
    ):
        pull(server)


def test_redirects_end():
    with (
        WebServer(reply(302, Location="/rows")) as server,
        pytest.raises(VendorFault, match=r"refused the request \(302\)"),
    ):
        pull(server)
    assert len(server.received) == 6


def test_an_address_inside_is_not_called():
    with serve([{"a": 1}]) as server:
        caller = Caller("Web")
        settings = {"address": f"http://127.0.0.1:{server.port}/", "header": "X"}
        with pytest.raises(VendorFault, match="must begin with https"):
            WebAddress(caller, {**settings, "format": "json"}).pull(())
        assert not server.received


BAD = {
    "not JSON": (b"Day,Value\r\n1,2", {}, "sent no valid JSON. Check “Web Address”"),
    "cut JSON": (b'[{"a": 1}', {}, "sent no valid JSON"),
    "JSON instead of CSV": (
        b'[{"a": 1}]',
        {"format": "csv"},
        "Choose JSON as “Format”",
    ),
    "web page": (
        b" <!doctype html><p>Sign in",
        {},
        "a web page or XML instead of data",
    ),
    "web page for CSV": (b"<html>", {"format": "csv"}, "a web page or XML instead"),
    "empty": (b" \n", {}, "sent an empty answer"),
    "gzip": (gzip.compress(b"[]"), {}, "sent a compressed file or a workbook"),
    "workbook": (b"PK\x03\x04", {"format": "csv"}, "a compressed file or a workbook"),
    "too big": (b" " * (MOST_BYTES + 1), {}, "over 16 MB. Request less data"),
    "nothing there": (
        {"data": {"items": [1]}, "ids": [2]},
        {"rows": "/rows"},
        "no list there. Enter one of its lists as “Rows”: /data/items, /ids.",
    ),
    "no list": (
        {"data": {"items": [1]}},
        {"rows": "/data"},
        "has no list there. Enter one of its lists as “Rows”: /data/items.",
    ),
    "no lists": ({"a": 1}, {"rows": "/a"}, "sent no list of rows"),
    "a text": (b'"text"', {}, "sent no list of rows"),
    "beyond a list": ([[1]], {"rows": "/7"}, "Enter one of its lists as “Rows”"),
    "empty list": ({"data": []}, {"rows": "/data"}, "rows of 127.0.0.1 is empty"),
    "no pointer": ({"data": [1]}, {"rows": "data"}, "begins with /, e.g. /data/items"),
    "numbers": ([1, 2], {}, "must be objects, or lists"),
    "mixed rows": ([{"a": 1}, [2]], {}, "must be objects, or lists"),
    "no titles": ([[1, 2], [3, 4]], {}, "must have the column titles"),
    "row too long": ([["a"], [1, 2]], {}, "Row 2 has a cell without a column title"),
    "too many fields": ({f"f{n}": 1 for n in range(1_001)}, {}, "no list of rows"),
    "error": (
        {"error": "gone", "data": [1]},
        {"rows": "/data"},
        "error instead of data",
    ),
    "error with status": ({"error": {"code": 403}}, {}, "denied access. Check “API"),
    "errors": ({"errors": [{"message": "x"}]}, {}, "sent an error instead of data"),
    "CSV line": (
        b"a,b\n1,2\n3\n",
        {"format": "csv"},
        "Line 3 of 127.0.0.1 has 1 cells",
    ),
    "CSV quotes": (b'a,b\n"1,2\n', {"format": "csv"}, "unclosed quotation mark"),
    "CSV twice": (b"a,a\n1,2\n", {"format": "csv"}, "have the same title"),
    "no text": (bytes(range(256)), {"format": "csv"}, "not a text file"),
}


@pytest.mark.parametrize(("said", "settings", "sentence"), BAD.values(), ids=BAD)
def test_each_cause_has_its_sentence(said, settings, sentence):
    with (
        serve(said) as server,
        pytest.raises(VendorFault, match=re.escape(sentence)) as caught,
    ):
        pull(server, **settings)
    assert not NOT_FOR_PEOPLE.search(str(caught.value))


def test_too_many_fields_are_no_table():
    rows = [{f"f{n}": 1} for n in range(1_001)]
    with (
        serve(rows) as server,
        pytest.raises(VendorFault, match=r"too many different fields \(1001\)"),
    ):
        pull(server)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "did not accept the credentials. Check “Header”"),
        (403, "denied access. Check “API Credentials”"),
        (404, "found nothing at this address. Check “Web Address”"),
        (410, "found nothing at this address"),
        (405, r"refused the request \(405\). Check “Web Address”"),
        (500, r"has a problem \(500\). The next sync retries"),
        (429, "asks to wait"),
    ],
)
def test_each_status_has_its_sentence(status, sentence):
    with (
        WebServer(reply(status, b"<p>No</p>")) as server,
        pytest.raises(VendorFault, match=sentence) as caught,
    ):
        pull(server, secret="s3cret-key")
    assert str(caught.value).startswith("127.0.0.1 ")


def test_an_answer_that_came_compressed_is_said():
    body = gzip.compress(b'[{"a": 1}]')
    with (
        serve(body, Content_Encoding="gzip") as server,
        pytest.raises(VendorFault, match="sent a compressed answer"),
    ):
        pull(server)


def test_a_server_that_is_gone_cannot_be_reached():
    with serve([]) as server:
        pass
    with pytest.raises(VendorFault, match=r"127\.0\.0\.1 cannot be reached"):
        pull(server)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "The address is missing"),
        ("example.com/rows", "must begin with https://"),
        ("https://exa mple.com/", "spaces or invalid characters"),
        ("https://[1/", "not a valid address"),
        ("https://example.com:22/", "Port 22 is not allowed"),
    ],
)
def test_an_address_is_one(address, sentence):
    adapter = WebAddress(Caller("Web"), {"address": address, "format": "json"})
    with patch("time.sleep"), pytest.raises(VendorFault, match=sentence):
        adapter.pull(())
