import pytest

from ...engine.whole_name import has_name, is_part, list_patterns, split_name


def test_a_name_is_taken_apart_wherever_fields_can_meet():
    heads, tails = split_name("Quay 7, Anna")
    assert heads == ["Quay", "Quay 7", "Quay 7,"]
    assert tails == ["7, Anna", " Anna", "Anna"]
    assert split_name("Revenue") == ([], [])


def test_a_field_may_end_with_signs_of_its_own():
    heads, tails = split_name("Quay 7 (new), (Anna)")
    assert "Quay 7 (new)" in heads
    assert "(Anna)" in tails


def test_patterns_take_line_breaks_and_texts_that_were_cut():
    assert list_patterns("Ask early…") == [
        "%Ask",
        "%Ask early",
        "early…%",
        "Ask%early%",
    ]
    assert list_patterns("a\\b c")[-1] == "a\\\\b%c"
    assert list_patterns("Revenue") == []


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("quay 7, sale", "sale", True),
        ("quay 7, sa", "sale", True),  # still being typed
        ("le of quay 7", "sale", True),
        ("ale", "sale", True),
        ("quay 7, lease", "sale", False),
    ],
)
def test_a_word_and_a_name_share_what_a_field_says(text, word, expected):
    assert is_part(text, word) is expected


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("=", "Quay 7, Anna", True),
        ("in", "Quay 7", False),
        ("ilike", "quay 7, A", True),
        ("like", "quay 7, A", False),
    ],
)
def test_names_fit_as_operators_have_it(operator, text, expected):
    assert has_name(operator, text, "Quay 7, Anna") is expected
