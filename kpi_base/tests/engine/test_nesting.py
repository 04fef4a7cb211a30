import json

import pytest

from ...engine.nesting import (
    MOST_LEVELS,
    JsonError,
    is_of_parser,
    is_too_deep,
    load_json,
    parse,
)


def nested(levels, kind="list"):
    opening, closing = {"list": ("[", "]"), "object": ('{"a":', "}")}[kind]
    return opening * levels + "1" + closing * levels


@pytest.mark.parametrize("kind", ["list", "object"])
@pytest.mark.parametrize(
    ("levels", "is_refused"),
    [(0, False), (MOST_LEVELS, False), (MOST_LEVELS + 1, True), (3_000, True)],
)
def test_what_is_nested_too_deeply_is_refused(kind, levels, is_refused):
    text = nested(levels, kind)
    if not is_refused:
        assert load_json(text) == parse(text.encode()) == json.loads(text)
        return
    with pytest.raises(ValueError, match="too deeply"):
        load_json(text)
    with pytest.raises(JsonError, match="too deeply"):
        parse(text.encode())


def test_width_is_not_depth():
    assert not is_too_deep([[1], {"a": [2]}] * 10_000)


def test_text_that_is_no_json():
    with pytest.raises(ValueError, match="Expecting"):
        load_json("[")


def test_a_parser_that_gave_up_is_told_from_an_endless_recursion():
    def endless():
        return endless()

    with pytest.raises(RecursionError) as parser:
        json.loads(nested(100_000))
    with pytest.raises(RecursionError) as other:
        endless()
    assert is_of_parser(parser.value)
    assert not is_of_parser(other.value)
    assert not is_of_parser(ValueError())
