import pytest

pytest.importorskip("reportlab")

from ...engine.review_pdf import split_text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("a\n\n b ", ["a", "b"]),
        ("word " * 300, 2),
        ("x" * 3000, 3),
    ],
)
def test_split_text(text, parts):
    found = [part for part, _is_last in split_text(text)]
    if isinstance(parts, int):
        assert len(found) == parts
        assert max(map(len, found)) <= 1200
    else:
        assert found == parts


def test_the_last_part_is_marked():
    assert [is_last for _part, is_last in split_text("a\nb\nc")] == [False, False, True]
