import re
from pathlib import Path

from ...engine.status import NOT_DUE, RAG, STATUS_TONES
from ...engine.status_chip import STATUS_LOOKS, TONE_LOOKS

SCREENS = Path(__file__).parents[2] / "static/src/eager/status_chip/status_chip.js"
PATH = re.compile(r"const ([A-Z]+) =\s*\"([^\"]+)\"")
LOOK = re.compile(
    r"(\w+): \{ path: ([A-Z]+), tone: \"(\w+)\", word: _t\(\"([^\"]+)\"\) \}"
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def test_screens_show_the_same_words_colors_and_icons():
    source = SCREENS.read_text()
    paths = dict(PATH.findall(source))
    of_screens = {
        key: (word, tone, paths[path])
        for key, path, tone, word in LOOK.findall(source)
        if key in STATUS_LOOKS
    }
    of_paper = {
        key: (look.word, look.tone, look.path) for key, look in STATUS_LOOKS.items()
    }
    assert of_screens == of_paper


def test_every_status_has_a_look():
    assert {*RAG.keys, NOT_DUE, "no_target", "no_data"} < STATUS_LOOKS.keys()
    for status, tone in STATUS_TONES.items():
        assert STATUS_LOOKS[status].tone == tone
        assert TONE_LOOKS[tone] is STATUS_LOOKS[status]


def test_statuses_differ_without_colors():
    """Judged ones by icon and sign; all of them by their word."""
    judged = [STATUS_LOOKS[status] for status in STATUS_TONES]
    assert len({look.path for look in judged}) == len(judged)
    assert len({look.sign for look in judged}) == len(judged)
    assert len({look.word for look in STATUS_LOOKS.values()}) == len(STATUS_LOOKS)


def test_icons_fit_in_their_box():
    for look in (*STATUS_LOOKS.values(), *TONE_LOOKS.values()):
        assert all(abs(float(each)) <= 12 for each in NUMBER.findall(look.path))


def test_paper_has_the_colors_of_its_palette():
    look = STATUS_LOOKS["at_risk"]
    assert (look.color, look.ground) == ("#8a5a00", "#fff1cf")
