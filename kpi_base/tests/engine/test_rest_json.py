import pytest

from ...engine.nesting import JsonError, parse


@pytest.mark.parametrize(
    "body, reason",
    [
        (b"", "This is not JSON"),
        (b"{", "This is not JSON"),
        (b"{'a': 1}", "This is not JSON"),
        (b'{"a": 1} x', "This is not JSON"),
        (b'{"a": NaN}', "NaN is not a valid"),
        (b'{"a": -Infinity}', "-Infinity is not a valid"),
        (b'{"a": 1, "a": 1}', "“a” appears twice"),
        (b'{"x": {"b": 1, "b": 2}}', "“b” appears twice"),
        (b'{"a": "\xff"}', "Byte 7 is not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5000, "too many digits"),
    ],
)
def test_what_is_no_json_is_refused_with_a_reason(body, reason):
    with pytest.raises(JsonError, match=reason):
        parse(body)


@pytest.mark.parametrize(
    "body, value",
    [
        (b'{"a": [1, 2.5, null, true, "\xc3\xa9"]}', {"a": [1, 2.5, None, True, "é"]}),
        (b'{"a": 1, "b": {"a": 1}}', {"a": 1, "b": {"a": 1}}),
        (b' "\\u00e9" ', "é"),
        (b"[]", []),
    ],
)
def test_json_is_read(body, value):
    assert parse(body) == value
