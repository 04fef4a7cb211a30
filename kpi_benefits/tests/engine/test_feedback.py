import pytest

from ...engine.feedback import FeedbackError, read_feedback

GOOD = {"key": "k" * 32, "name": " Ann ", "rating": "4", "comment": "a\r\nb", "x": "y"}


def test_read_feedback():
    found = read_feedback(GOOD)
    assert (found.name, found.role, found.rating) == ("Ann", "", 4)
    assert found.comment == "a\nb"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "\x00"}, "name"),
        ({"rating": "0"}, "rating"),
        ({"rating": "6"}, "rating"),
        ({"rating": "4.5"}, "rating"),
        ({"rating": "٤"}, "rating"),  # a digit, but none of ours
        ({"rating": None}, "rating"),
        ({"comment": "x" * 4001}, "comment"),
        ({"key": "short"}, "key"),
        ({"key": "x" * 65}, "key"),
    ],
)
def test_what_is_wrong_is_named(change, reason):
    with pytest.raises(FeedbackError) as caught:
        read_feedback({**GOOD, **change})
    assert caught.value.reason == reason
