import string

import pytest

from ...engine.insight import MOST, Finding, choose, get_sentences, say
from ...engine.lexicon import LANGUAGES


def finding(kind, size, effect=0.0, period="2026-02-01"):
    return Finding(kind, size, effect, {}, period)


def test_the_most_unusual_comes_first_then_the_largest_effect():
    found = [finding("a", 1.2, 50), finding("b", 3.0, 1), finding("c", 1.24, 90)]
    # 1.2 and 1.24 are equally unusual
    assert [each.kind for each in choose(found)] == ["b", "c", "a"]
    many = [finding(str(number), number) for number in range(9)]
    assert len(choose(many)) == MOST == 5


def test_what_the_parent_says_is_not_repeated_unless_it_is_more():
    wider = [finding("change.down", 2.0), finding("streak", 1.0, period="2026-01-01")]
    own = [finding("change.down", 1.5), finding("streak", 1.0)]
    assert [each.kind for each in choose(own, wider)] == ["streak"]
    assert not choose([finding("change.down", 2.0)], wider), "as much as its parent"
    assert choose([finding("change.down", 2.5)], wider), "more than its parent"
    assert choose([finding("change.up", 1.5)], wider), "the other way"


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_say_the_same_kinds_with_the_same_words(language):
    def fields(text):
        return {name for _, name, *_ in string.Formatter().parse(text) if name}

    own, english = get_sentences(language), get_sentences("en")
    assert own.keys() == english.keys()
    for kind, text in english.items():
        assert fields(own[kind]) == fields(text), kind


def test_a_sentence_begins_with_a_capital_and_other_languages_are_english():
    gap = Finding("forecast.below", 1, 1, dict.fromkeys("x"))
    words = ("value", "gap", "target", "chance")
    words = {"period": "nov. 2026", **dict.fromkeys(words, "1")}
    said = say(Finding(gap.kind, 1, 1, words), "fr_FR")
    assert said.startswith("Nov. 2026 finira")
    assert get_sentences("ja_JP") == get_sentences("en_US")
