"""How cases end."""

import pytest

from ...engine.event_log import judge_case, split_names


@pytest.mark.parametrize(
    ("activities", "approving", "rejecting", "outcome"),
    [
        ("abc", "", "", "approved"),  # nothing decides: every case is complete
        ("abc", "c", "", "approved"),
        ("ab", "c", "", "pending"),
        ("abr", "", "r", "rejected"),
        ("arc", "c", "r", "approved"),  # the last one that decides counts
        ("acr", "c", "r", "rejected"),
        ("acb", "c", "r", "approved"),
        ("", "c", "r", "pending"),
    ],
)
def test_the_last_activity_that_decides_counts(
    activities, approving, rejecting, outcome
):
    assert judge_case(activities, set(approving), set(rejecting)) == outcome


def test_names_are_parted_by_semicolons():
    assert split_names(" Pay ;; Close, at last;") == {"pay", "close, at last"}
    assert split_names(None) == frozenset()
