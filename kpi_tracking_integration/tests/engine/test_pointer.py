import pytest

from ...engine.pointer import PointerFault, find, parse_pointer

# RFC 6901, 5
DOCUMENT = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_rfc(text, expected):
    assert find(DOCUMENT, parse_pointer(text)) == expected


def test_what_is_escaped_is_read_once():
    assert find({"~1": 5}, parse_pointer("/~01")) == 5


@pytest.mark.parametrize(
    "text",
    ["/bar", "/foo/2", "/foo/-", "/foo/-1", "/foo/01", "/foo/٠", "/foo/0/0", "/ /x"],
)
def test_a_pointer_to_nothing_finds_nothing(text):
    with pytest.raises(LookupError):
        find(DOCUMENT, parse_pointer(text))


@pytest.mark.parametrize(
    "text", ["foo", "#/foo", "/~", "/~2", "/a" * 101, "/" * 10_000]
)
def test_other_texts_are_no_pointers(text):
    with pytest.raises(PointerFault):
        parse_pointer(text)
