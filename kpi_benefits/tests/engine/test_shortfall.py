"""What leakages explain of a shortfall."""

import pytest

from ...engine.standing import explain_shortfall, suggest_severity


@pytest.mark.parametrize(
    "gaps, losses, common, gap, explained, unexplained",
    [
        ({1: 100.0}, {1: 30.0}, 0.0, 100.0, 30.0, 70.0),
        # more leaks, it is said, than is missing: the gap is the limit
        ({1: 100.0}, {1: 300.0}, 0.0, 100.0, 100.0, 0.0),
        # what leaks of one benefit does not explain what another one lacks
        ({1: 100.0, 2: 50.0}, {2: 80.0}, 0.0, 150.0, 50.0, 100.0),
        # what is of no single benefit explains the rest
        ({1: 100.0, 2: 50.0}, {2: 80.0}, 70.0, 150.0, 120.0, 30.0),
        # a benefit ahead of its plan makes up for another
        ({1: 100.0, 2: -60.0}, {1: 90.0}, 0.0, 40.0, 40.0, 0.0),
        ({1: -20.0}, {1: 90.0}, 5.0, 0.0, 0.0, 0.0),
        ({}, {}, 10.0, 0.0, 0.0, 0.0),
        # 0.1 + 0.2 is no 0.30000000000000004
        ({1: 0.1, 2: 0.2}, {1: 0.1, 2: 0.2}, 0.0, 0.3, 0.3, 0.0),
    ],
)
def test_leakages_explain_a_part_of_the_gap(
    gaps, losses, common, gap, explained, unexplained
):
    found = explain_shortfall(gaps, losses, common)
    assert (found.gap, found.explained, found.unexplained) == (
        gap,
        explained,
        unexplained,
    )


@pytest.mark.parametrize(
    "impact, planned, severity",
    [
        (0, 1000, "low"),
        (19, 1000, "low"),
        (20, 1000, "medium"),
        (99, 1000, "medium"),
        (100, 1000, "high"),
        (250, 1000, "critical"),
        (250, -1000, "critical"),  # a disbenefit that gets larger
        (1, 0, "critical"),  # of nothing planned every loss is large
        (0, 0, "low"),
    ],
)
def test_severity_follows_the_share_of_the_plan(impact, planned, severity):
    assert suggest_severity(impact, planned) == severity
