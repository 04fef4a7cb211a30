import pytest

from ...engine.message_text import MessageTextError, fill

VALUES = {"kpi": "Revenue", "value": "70 €"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("No names", "No names"),
        ("{kpi} is at { value }.", "Revenue is at 70 €."),
        ("{{kpi}} {kpi}", "{kpi} Revenue"),
    ],
)
def test_fill(text, expected):
    assert fill(text, VALUES) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{owner}", "owner"),
        ("{kpi.__class__}", "kpi.__class__"),
        ("{kpi!r}", "kpi!r"),
        ("{}", ""),
        ("{kpi", ""),
        ("kpi}", ""),
        ("{0}", "0"),
    ],
)
def test_unknown_names_are_named(text, name):
    with pytest.raises(MessageTextError) as raised:
        fill(text, VALUES)
    assert raised.value.name == name


def test_what_values_say_is_not_read_again():
    assert fill("{kpi}", {"kpi": "{value}", "value": "x"}) == "{value}"
