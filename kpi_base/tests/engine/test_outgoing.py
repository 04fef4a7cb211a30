import socket
import time
import zlib
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from ...engine.outgoing import (
    Address,
    OutgoingFailed,
    OutgoingRefused,
    address_secrets,
    call,
    connect,
    meaning_of,
    parse_address,
    parse_retry_after,
    post,
    redact,
)
from ...engine.outgoing.address import is_public
from ...engine.outgoing.client import LARGEST_ANSWER, METHODS, MOST_BYTES
from ..web_server import OK, WebServer, reply, trusted_certificate

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
# The longest part is what the tests wait for; the rule is the same with 15 s.
SHORT = 0.6


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),  # the metadata of clouds
        ("172.31.255.255", False),
        ("172.32.0.0", True),  # the first one after them
        ("192.168.1.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),  # IPv4-compatible
        ("::ffff:127.0.0.1", False),  # IPv4-mapped
        ("::ffff:93.184.215.14", False),
        ("64:ff9b::7f00:1", False),  # NAT64
        ("64:ff9b:1::1", False),
        ("2002:7f00:1::", False),  # 6to4
        ("2001::1", False),  # Teredo
        ("2001:db8::1", False),
        ("3fff::1", False),
        ("fc00::1", False),
        ("fe80::1%lo", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("100::1", False),
    ],
)
def test_only_what_anybody_may_reach_is_public(address, expected):
    assert is_public(address) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hooks.example.com/x",
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://user@hooks.example.com/",
        "https://127.0.0.1@hooks.example.com/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:abc/",
        "https://2130706433/",  # 127.0.0.1
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://１２７。０。０。１/",  # in wide digits
        "https://1.2.3.4.5/",
        "https://example.0x7f/",
        "https://[fe80::1%25eth0]/",
        "https://[::1",
        "https://hooks..example.com/",
        "https://-hooks.example.com/",
        "https://hooks.exa mple.com/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/a\r\nHost: b",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com/é",
        f"https://hooks.example.com/{'x' * 2048}",
    ],
)
def test_addresses_that_mean_something_else_are_refused(text):
    with pytest.raises(OutgoingRefused):
        parse_address(text)


@pytest.mark.parametrize("port", [22, 25, 5432, 8443])
def test_other_ports_are_for_administrators_to_allow(port):
    text = f"https://hooks.example.com:{port}/x"
    with pytest.raises(OutgoingRefused, match=f"Port {port} is not allowed"):
        parse_address(text, [f"hooks.example.com:{port}0"])
    assert parse_address(text, [f"hooks.example.com:{port}"]).port == port


def test_schemes_have_their_usual_ports():
    text = "sftp://files.example.com"
    assert parse_address(text, (), ("sftp",)).origin == text
    for other in (f"{text}:443", f"{text}:2222", "https://files.example.com"):
        with pytest.raises(OutgoingRefused):
            parse_address(other, (), ("sftp",))
    with pytest.raises(OutgoingRefused, match="must begin with https"):
        parse_address(text)


def test_other_protocols_connect_by_the_same_rules():
    with WebServer() as server:
        address = parse_address(server.url, ["127.0.0.1"])
        with connect(address, ["127.0.0.1"]) as line:
            assert line.getpeername() == ("127.0.0.1", server.port)
        with pytest.raises(OutgoingRefused, match="not on the public internet"):
            connect(address)
    with pytest.raises(OutgoingFailed, match="did not answer"):
        connect(address, ["127.0.0.1"])


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        ("https://Hooks.Example.com", "https://hooks.example.com", "/"),
        (
            "https://hooks.example.com./x?a=1#part",
            "https://hooks.example.com",
            "/x?a=1",
        ),
        ("https://bücher.example/", "https://xn--bcher-kva.example", "/"),
        ("https://hooks.example.com:8443/x", "https://hooks.example.com:8443", "/x"),
        ("https://[2606:2800::1]:8443/", "https://[2606:2800::1]:8443", "/"),
    ],
)
def test_addresses_are_taken_apart(text, origin, target):
    address = parse_address(text, ["hooks.example.com:8443", "[2606:2800::1]:8443"])
    assert (address.origin, address.target) == (origin, target)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (["intranet"], True),
        (["intranet:8080"], True),
        (["intranet:80"], False),
        (["other"], False),
        ([], False),
    ],
)
def test_plain_http_goes_where_an_administrator_says(allowed, expected):
    text = "http://intranet:8080/hook"
    if expected:
        assert parse_address(text, allowed).place == "intranet:8080"
    else:
        with pytest.raises(OutgoingRefused, match="https"):
            parse_address(text, allowed)


def test_what_is_posted_arrives():
    with WebServer(reply(202, b"taken")) as server:
        answer = _post(server, b'{"a": 1}', JSON)
    assert (answer.status, answer.text) == (202, "taken")
    (request,) = server.received
    assert (request.method, request.target) == ("POST", "/hook")
    assert request.body == b'{"a": 1}'
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "places", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::ffff:7f00:1"]]
)
def test_each_address_of_a_name_must_be_public(places):
    with WebServer() as server, _resolved(*places, port=server.port):
        with pytest.raises(OutgoingRefused, match="not on the public"):
            post(Address("https", "hook.test", server.port, "/"), b"", {})
    assert not server.received


def test_the_connection_goes_to_the_address_that_was_checked():
    """A name that means another address the next time reaches nothing new."""
    with (
        trusted_certificate("hook.test") as certificate,
        WebServer(certificate=certificate) as server,
        _resolved("127.0.0.1", port=server.port) as lookup,
    ):
        allowed = [f"hook.test:{server.port}"]
        address = parse_address(f"https://{allowed[0]}/x", allowed)
        answer = post(address, b"", {}, allowed)
    assert answer.status == 200
    assert lookup.call_count == 1
    assert server.names == ["hook.test"]
    assert server.received[0].headers["host"] == f"hook.test:{server.port}"


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_certificate_of_another_name_or_maker_is_refused(is_trusted):
    names = ("other.test",) if is_trusted else ("hook.test",)
    with (
        trusted_certificate(*names) as certificate,
        WebServer(certificate=certificate) as server,
        _resolved("127.0.0.1", port=server.port),
        patch.dict("os.environ", {} if is_trusted else {"SSL_CERT_FILE": "/dev/null"}),
    ):
        address = Address("https", "hook.test", server.port, "/")
        with pytest.raises(OutgoingFailed, match="no safe connection"):
            post(address, b"secret", {}, ["hook.test"])
    assert not server.received


def test_redirects_are_answers():
    with WebServer() as inner:
        with WebServer(reply(307, Location=inner.url)) as server:
            assert _post(server).status == 307
    assert not inner.received


def test_proxies_of_the_environment_are_not_asked():
    with WebServer() as proxy, WebServer() as server:
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY")
        with patch.dict("os.environ", dict.fromkeys(names, proxy.url)):
            assert _post(server).status == 200
    assert not proxy.received
    assert len(server.received) == 1


def test_a_name_that_nobody_has_fails():
    with pytest.raises(OutgoingFailed, match=r"hook\.invalid was not found"):
        post(parse_address("https://hook.invalid/secret"), b"", {})


def test_a_silent_resolver_is_given_up():
    def sleep(*_arguments, **_names):
        time.sleep(3 * SHORT)
        raise OSError

    with patch.object(socket, "getaddrinfo", sleep):
        _assert_late(lambda: post(_address("hook.test"), b"", {}, seconds=SHORT))


def _drip(before, piece):
    """An answer that goes on for ever, a little at a time."""

    def answer(handler):
        handler.wfile.write(before)
        while not handler.server.is_over.wait(0.05):
            handler.wfile.write(piece)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: handler.server.is_over.wait(5),  # silence
        _drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        _drip(b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
        _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
        _drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        _drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_time_ends_however_the_server_passes_it(answer):
    with WebServer(answer) as server:
        _assert_late(lambda: _post(server, seconds=SHORT))


def test_a_server_that_does_not_read_is_given_up():
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        address = _address(f"127.0.0.1:{listener.getsockname()[1]}", "http")
        body = b"x" * 20_000_000
        _assert_late(lambda: post(address, body, {}, ["127.0.0.1"], seconds=SHORT))


@pytest.mark.parametrize("length", ["Content-Length: 100000000", "X-No: length"])
def test_of_a_long_answer_so_much_is_read(length):
    sent = []

    def answer(handler):
        handler.wfile.write(f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n".encode())
        for _piece in range(100_000_000 // 10_000):
            handler.wfile.write(b"x" * 10_000)
            sent.append(10_000)

    with WebServer(answer) as server:
        answered = _post(server)
    assert answered.body == b"x" * MOST_BYTES
    assert not answered.is_whole
    assert sum(sent) < 20_000_000  # the rest met a closed connection


@pytest.mark.parametrize("method", METHODS)
def test_a_call_says_what_is_wanted(method):
    body = b"" if method == "GET" else b"{}"
    with WebServer() as server:
        address = parse_address(server.url, ["127.0.0.1"])
        assert call(method, address, body, JSON, ["127.0.0.1"]).body == b"ok"
    (request,) = server.received
    assert (request.method, request.target, request.body) == (method, "/hook", body)
    assert ("content-length" in request.headers) == (method != "GET")


def test_a_call_gets_as_much_as_it_asks_for():
    large = reply(200, b"x" * LARGEST_ANSWER, X_Total="3", Link="next")
    with WebServer(large) as server:
        options = {"most_bytes": LARGEST_ANSWER, "stored_headers": ("x-total",)}
        less = _call(server, **options | {"most_bytes": LARGEST_ANSWER - 1})
        assert (len(less.body), less.is_whole) == (LARGEST_ANSWER - 1, False)
        assert not _call(server, **options).is_whole  # maybe not
    with WebServer(reply(200, b"x" * 100_000, X_Total="3", Link="next")) as server:
        answer = _call(server, **options)
    assert (len(answer.body), answer.is_whole) == (100_000, True)
    assert answer.headers == {"x-total": "3"}


@pytest.mark.parametrize(
    "options",
    [{"method": "TRACE"}, {"method": "get"}, {"most_bytes": LARGEST_ANSWER + 1}],
)
def test_other_calls_are_mistakes_of_code(options):
    with pytest.raises(ValueError, match="no such call"):
        call(address=None, body=b"", headers={}, **{"method": "GET", **options})


def test_headers_without_end_are_cut():
    def answer(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * 20 * MOST_BYTES)

    with WebServer(answer) as server, pytest.raises(OutgoingFailed):
        _post(server)


def test_nothing_is_unpacked():
    packed = zlib.compress(b"0" * 50_000_000)
    with WebServer(reply(200, packed, Content_Encoding="deflate")) as server:
        answer = _post(server)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 9999 no\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_half_an_answer_is_none(answer):
    with WebServer(answer) as server, pytest.raises(OutgoingFailed) as caught:
        _post(server)
    assert "/hook" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Name", "a\r\nX-Other: b"),
        ("X-Name", "a\nb"),
        ("X-Name", "a\0"),
        ("X-Name", "é"),
        ("X-Name\r\nX-Other", "a"),
        ("X Name", "a"),
        ("", "a"),
    ],
)
def test_a_header_stays_one(name, value):
    with WebServer() as server, pytest.raises(OutgoingRefused):
        _post(server, headers={name: value})
    assert not server.received


def test_what_is_kept_of_an_answer_is_short_and_clean():
    body = b"a\0b\xff" + 5000 * "é".encode()
    with WebServer(reply(500, body, Retry_After="7", Set_Cookie="x=1")) as server:
        answer = _post(server)
    assert answer.text.startswith("ab�é")
    assert len(answer.text) <= 1024
    assert answer.headers == {"retry-after": "7"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "sent"),
        (204, "sent"),
        (301, "later"),
        (400, "refused"),
        (401, "refused"),
        (404, "refused"),
        (408, "later"),
        (410, "gone"),
        (425, "later"),
        (429, "later"),
        (499, "refused"),
        (500, "later"),
        (503, "later"),
        (103, "later"),
    ],
)
def test_a_status_says_what_becomes_of_the_message(status, expected):
    assert meaning_of(status) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 120 ", 120),
        ("99999999999999999999", 6 * 3600),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Mon, 02 Mar 2026 12:01:30 GMT", 90),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),  # it is past
        ("Mon, 02 Mar 2026 14:00:30 +0200", 30),
        ("Monday, 02-Mar-26 12:00:10 GMT", 10),  # the form of RFC 850
        ("Mon Mar  2 12:00:20 2026", 20),  # that of C's asctime
        ("Tue, 02 Mar 2027 12:00:00 GMT", 6 * 3600),
        ("Mon, 99 Mar 2026 12:01:30 GMT", None),
        ("٣", None),  # a digit, but none of HTTP
    ],
)
def test_a_server_says_when_to_come_back(text, expected):
    assert parse_retry_after(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "secrets", "expected"),
    [
        ("no such path /T0/B0/XyZ", ["/T0/B0/XyZ"], "no such path •••"),
        ("token=a%2Fb%2Bc%3D", ["a/b+c="], "token=•••"),
        ('"a\\/bcdef"', ["a/bcdef"], '"•••"'),
        ("long-secret", ["long-secret", "secret"], "•••"),
        ("the word is a", ["a"], "the word is a"),  # too short to be one
        ("bad xoxb-12-34-ab!", [], "bad •••!"),
        ("Bearer abc.def-ghi", [], "Bearer •••"),
        ("whsec_MfKQ9r8=", [], "•••"),
        (
            "https://hooks.slack.com/services/T/B/x y",
            [],
            "https://hooks.slack.com/••• y",
        ),
    ],
)
def test_secrets_are_taken_out(text, secrets, expected):
    assert redact(text, secrets) == expected


@pytest.mark.parametrize(
    "text",
    [
        "no path /services/T0/B0/XyZ123",
        "no path services/T0/B0/XyZ123 there",
        "nothing called XyZ123",
        "sig a%2Fb%2Bcde is wrong",
        "sig a/b+cde is wrong",
        "https://example.com/services/T0/B0/XyZ123?sig=a%2Fb%2Bcde",
    ],
)
def test_no_part_of_an_address_opens_it(text):
    address = "https://example.com/services/T0/B0/XyZ123?sig=a%2Fb%2Bcde"
    text = redact(text, address_secrets(address))
    for part in ("XyZ123", "b+cde", "Bcde"):
        assert part not in text


def _address(host, scheme="https"):
    return parse_address(f"{scheme}://{host}/", [host, "127.0.0.1"])


def _post(server, body=b"", headers=None, **options):
    address = parse_address(server.url, ["127.0.0.1"])
    return post(address, body, headers or {}, ["127.0.0.1"], **options)


def _call(server, **options):
    address = parse_address(server.url, ["127.0.0.1"])
    return call("GET", address, b"", {}, ["127.0.0.1"], **options)


def _resolved(*places, port):
    """Names stand for these addresses; each is looked up once."""
    found = [(0, 0, 0, "", (place, port)) for place in places]
    found = [(socket.AF_INET, *each[1:]) for each in found]
    return patch.object(socket, "getaddrinfo", side_effect=[found])


def _assert_late(act):
    start = time.monotonic()
    with pytest.raises(OutgoingFailed, match="in time"):
        act()
    assert SHORT * 0.9 < time.monotonic() - start < SHORT + 1.0


def test_a_usual_answer_is_taken():
    with WebServer(OK) as server:
        assert _post(server).text == "ok"
