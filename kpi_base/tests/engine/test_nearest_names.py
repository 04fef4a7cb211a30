"""The nearest names are those of ``difflib``, which compares with each of them."""

import random
from difflib import get_close_matches

import pytest

from ...engine import nearest_names
from ...engine.nearest_names import NearestNames

WORDS = (
    "sales support operations north south east service center team 12 204 süd 客户 𝒳"
)
LETTERS = ["abcd", "abcdefghijklmnopqrstuvwxyz /", "äöüß客户满意度𝒳𝒴 0123456789"]


def make_names(rng, count):
    """Names of words, and of letters at random, some as long as others never are."""
    words = WORDS.split()
    for number in range(count):
        if number % 2:
            yield " ".join(rng.choices(words, k=rng.randint(1, 4)))
        else:
            letters = rng.choice(LETTERS)
            yield "".join(rng.choices(letters, k=rng.randint(0, rng.choice((9, 130)))))


def change(rng, text):
    """``text`` with some other letters."""
    letters = list(text)
    for _change in range(rng.randint(0, 4)):
        place = rng.randint(0, len(letters))
        letters[place : place + rng.randint(0, 2)] = rng.choices(LETTERS[1])
    return "".join(letters)


@pytest.mark.parametrize("seed", range(8))
def test_names_at_random(seed):
    rng = random.Random(seed)
    names = list(make_names(rng, 300))
    known = NearestNames(names)
    texts = [change(rng, rng.choice(names)) for _text in range(60)]
    for text in [*texts, *make_names(rng, 30), "", "a" * 64, "ab" * 33, "x" * 300]:
        most, alike = rng.randint(1, 4), rng.choice((0.3, 0.6, 0.75, 1.0))
        expected = get_close_matches(text, set(names), most, alike)
        assert known.find(text, most, alike) == expected, (text, most, alike)
        usable = {name for name in names if len(name) % 3}
        expected = get_close_matches(text, usable, most, alike)
        assert known.find(text, most, alike, usable.__contains__) == expected


def test_there_may_be_no_names():
    assert NearestNames([]).find("sales", 3, 0.6) == []
    assert NearestNames([""]).find("", 3, 0.6) == [""]


def test_few_of_many_names_are_compared(monkeypatch):
    """By the letters in common it is known of nearly all that they are not the ones."""
    compared = []

    class Matcher(nearest_names.SequenceMatcher):
        def set_seq1(self, name):
            compared.append(name)
            return super().set_seq1(name)

    monkeypatch.setattr(nearest_names, "SequenceMatcher", Matcher)
    rng = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = {
        "".join(rng.choices(letters, k=rng.randint(8, 30))) for _n in range(20_000)
    }
    known = NearestNames(names)
    for name in rng.sample(sorted(names), 5):
        assert known.find(f"{name[:-2]}x", 3, 0.6)[0] == name
    assert len(compared) < 500
