import pytest

from ...engine.record_filter import Condition, FilterFault, parse_filter


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("  \t ".replace("\t", " "), []),
        ("IsWon", [[Condition("IsWon")]]),
        ("a=1", [[Condition("a", "=", "1")]]),
        ("a <> b", [[Condition("a", "!=", "b")]]),
        ("a >= -1.5", [[Condition("a", ">=", "-1.5")]]),
        (
            "a and b or c and not_d = false",
            [
                [Condition("a"), Condition("b")],
                [Condition("c"), Condition("not_d", "=", "false")],
            ],
        ),
        (
            "a = \"x and 'y'\" OR b",
            [[Condition("a", "=", "x and 'y'", True)], [Condition("b")]],
        ),
        ("a = ''", [[Condition("a", "=", "", True)]]),
        ("A.b__c != 'and'", [[Condition("A.b__c", "!=", "and", True)]]),
    ],
)
def test_filters_are_read(text, read):
    assert parse_filter(text) == read


@pytest.mark.parametrize(
    "text",
    [
        *("and", "a and", "a or or b", "a b", "= 1", "a =", "a = and b", "a = = 1"),
        *("(a)", "a = (b)", "a = 'b", 'a = "b', "a ! b", "'a' = 1", "a = 1 2", "a;b'"),
        *("a = \x00", "a\nb", "x" * 3_000, " and ".join(["a"] * 51)),
    ],
)
def test_what_is_no_filter_is_said(text):
    with pytest.raises(FilterFault, match="^The filter "):
        parse_filter(text)


def test_numbers_are_numbers_unless_quoted():
    ((number, text, word),) = parse_filter("a = 7 and b = '7' and c = 7x")
    assert (number.is_number, text.is_number, word.is_number) == (True, False, False)
