import pytest

from ...engine.fault import BenefitError
from ...engine.portfolio import rank


def test_percentile_among_others():
    others = [0.5, 0.6, 0.7, 0.8, 0.9]
    found = rank(0.75, others, is_lower_better=False)
    assert (found.percentile, found.median) == (60, 0.7)
    assert rank(0.75, others, is_lower_better=True).percentile == 40
    # As good as one of them: half a place.
    assert rank(0.7, others, is_lower_better=False).percentile == 50
    assert rank(1, [1] * 5, is_lower_better=True).percentile == 50


def test_few_others_say_nothing():
    assert rank(1, [1, 2, 3, 4], is_lower_better=False) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(value):
    with pytest.raises(BenefitError):
        rank(value, [1] * 5, is_lower_better=False)
    with pytest.raises(BenefitError):
        rank(1, [value] * 5, is_lower_better=False)
