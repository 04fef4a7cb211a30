"""Which initiatives do best and which are at risk, against numbers made by hand."""

import pytest

from ...engine.portfolio import Standing, choose_at_risk, choose_best, find_risks


def stand(number=1, planned=100.0, realized=100.0, **values):
    return Standing(number, 2 * planned, realized, planned, realized, **values)


@pytest.mark.parametrize(
    ("standing", "risks"),
    [
        (stand(realized=80.0), []),  # 80% is enough
        (stand(realized=79.0), [("behind", 0.79)]),
        (stand(realized=79.0, is_open=False), []),  # nobody can help it
        (stand(realized=100.0, silent=4), [("silent", 4)]),
        (stand(realized=100.0, at_risk=3), [("benefits", 3)]),
        (stand(critical=2), [("critical", 2)]),
        (stand(critical=2, is_open=False), []),
        (stand(planned=-100.0, realized=-119.0), []),  # of a disbenefit less is better
        (stand(planned=-100.0, realized=-120.0), [("above", 1.2)]),
        (stand(planned=-100.0, realized=0.0), []),
        (stand(planned=0.0, realized=-5.0), []),  # no plan, no rate
        (stand(planned=0.1 + 0.2 - 0.3, realized=0.0), []),  # noise is no plan
    ],
)
def test_risks(standing, risks):
    assert find_risks(standing) == risks


def test_the_best_have_the_highest_rate_and_then_the_most():
    chosen = choose_best(
        [
            stand(1, realized=90.0),
            stand(2, realized=110.0),
            stand(3, planned=1000.0, realized=1100.0),
            stand(4, realized=0.0),  # has nothing to show
            stand(5, planned=-10.0, realized=-1.0),  # brings nothing
        ],
        3,
    )
    assert [one.id for one in chosen] == [3, 2, 1]


def test_what_misses_most_is_at_risk_first():
    chosen = choose_at_risk(
        [
            stand(1, realized=10.0),
            stand(2, planned=1000.0, realized=700.0),
            stand(3),
            stand(4, realized=100.0, at_risk=1),
        ]
    )
    assert [one.id for one in chosen] == [2, 1, 4]
