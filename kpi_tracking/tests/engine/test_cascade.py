import pytest

from ...engine.cascade import TOP, CascadeError, cascade, parents_first


def test_each_level_adds_up_to_the_one_above():
    # 100 over two departments 2 : 1; the first over three teams alike
    found = cascade(100, [TOP, TOP, 0, 0, 0], [2, 1, 1, 1, 1], 0)
    assert found.amounts == [67, 33, 23, 22, 22]
    assert set(found.remainders.values()) == {0}


def test_shares_leave_a_rest():
    found = cascade(200, [TOP, TOP, 0], [50, 30, 40], 0, is_share=True)
    assert found.amounts == [100, 60, 40]
    assert found.remainders == {TOP: 40, 0: 60}


def test_the_rest_goes_to_who_takes_it():
    found = cascade(
        200, [TOP, TOP, 0], [50, 30, 40], 0, is_share=True, takes_rest=[0, 1, 0]
    )
    assert found.amounts == [100, 100, 40]
    assert found.remainders == {TOP: 0, 0: 60}


def test_shares_of_100_percent_are_rounded_so_that_nothing_is_left():
    found = cascade(100, [TOP] * 3, [33.3, 33.3, 33.4], 0, is_share=True)
    assert found.amounts == [33, 33, 34]
    assert found.remainders == {TOP: 0}


def test_more_than_everything_is_given():
    found = cascade(100, [TOP, TOP], [80, 40], 0, is_share=True)
    assert found.amounts == [80, 40]
    assert found.remainders == {TOP: -20}


@pytest.mark.parametrize(
    ("parents", "weights", "parent", "words"),
    [
        ([TOP, TOP], [0, 0], TOP, "All weights are 0"),
        ([TOP, 0, 0], [1, 0, 0], 0, "All weights are 0"),
        ([TOP, TOP], [2, -1], TOP, "below 0"),
    ],
)
def test_weights_that_split_nothing_are_refused(parents, weights, parent, words):
    with pytest.raises(CascadeError, match=words) as raised:
        cascade(100, parents, weights, 0)
    assert raised.value.parent == parent


def test_no_share_at_all_leaves_everything():
    found = cascade(100, [TOP, TOP], [0, 0], 0, is_share=True)
    assert (found.amounts, found.remainders) == ([0, 0], {TOP: 100})


def test_parents_come_before_their_children_and_strangers_are_left_out():
    above = {"team": "south", "north": "all", "south": "all", "lost": "elsewhere"}
    found = parents_first(above, "all")
    assert list(found.items()) == [
        ("north", "all"),
        ("south", "all"),
        ("team", "south"),
    ]
