"""What belongs to what, and values rolled up along it; expected ones are by hand.

Company 1: departments 10 (at the top), 11 within 10, 12 within 11. People 1, 2 in 10,
11; person 3 in none.
"""

from datetime import date

import numpy as np
import pytest

from odoo.addons.kpi_base.engine.periods import Period

from ...engine.scope_values import ScopeFacts, ScopeTree, ScopeValues, roll_up_facts

NAN = np.nan
EVER = date(2000, 1, 1), date(9999, 1, 1)
PARENTS = {10: None, 11: 10, 12: 11}
COMPANY = ("company", 1, 1)
MONTHS = [
    Period("month", date(2026, number, 1), date(2026, number + 1, 1))
    for number in range(1, 4)
]


def department(number):
    return "department", number, 1


def user(number, company=1):
    return "user", number, company


def member(number, department_id, start=EVER[0], stop=EVER[1]):
    """Of a department and, as memberships are stored, of those above it."""
    above = []
    while department_id:
        above.append((number, 1, "department", department_id, start, stop))
        department_id = PARENTS[department_id]
    return above


TREE = ScopeTree([*member(1, 10), *member(2, 11), (1, 1, "team", 5, *EVER)], PARENTS)


def parts(rows, scopes, tree=TREE):
    numbered = {scope: row for row, scope in enumerate(rows)}
    pairs = tree.find_parts(numbered, scopes, date(2026, 2, 1))
    return {(scopes[place], rows[row]) for place, row in pairs.tolist()}


def test_people_are_parts_of_their_department_and_of_those_above():
    rows = [user(1), user(2), user(3)]
    found = parts(rows, [COMPANY, department(10), department(11), department(12)])
    assert found == {
        (COMPANY, user(1)),
        (COMPANY, user(2)),
        (COMPANY, user(3)),  # in no department
        (department(10), user(1)),
        (department(10), user(2)),
        (department(11), user(2)),
    }


def test_finest_tracked_scopes_make_up_each_branch_once():
    #   1 company ── 20 sales ── 3, 4 people (tracked), 5 person (untracked)
    #            └── 30 service (tracked itself) ── 6 person (untracked)
    links = [(number, 1, "department", 20, *EVER) for number in (3, 4, 5)]
    links.append((6, 1, "department", 30, *EVER))
    rows = [COMPANY, department(20), department(30), user(3), user(4)]
    found = parts(
        rows, [COMPANY, department(20)], ScopeTree(links, {20: None, 30: None})
    )
    # sales has people of its own, so it does not count beside them
    assert found == {
        (COMPANY, department(30)),
        (COMPANY, user(3)),
        (COMPANY, user(4)),
        (department(20), user(3)),
        (department(20), user(4)),
    }


def test_nothing_counts_twice():
    # Person 2 counts within department 11 already.
    assert parts([user(1), user(2), department(11)], [COMPANY]) == {
        (COMPANY, user(1)),
        (COMPANY, user(2)),
    }
    assert parts([user(1), department(12)], [department(10)]) == {
        (department(10), user(1)),
        (department(10), department(12)),
    }


def test_a_team_is_its_people():
    team = "team", 5, 1
    assert parts([user(1), user(2)], [team]) == {(team, user(1))}
    assert parts([user(1, company=2)], [team]) == set()


def test_memberships_end_with_the_day_before():
    moved = ScopeTree(
        [
            *member(1, 10, stop=date(2026, 2, 1)),
            *member(1, 12, start=date(2026, 2, 1)),
        ],
        PARENTS,
    )
    january = moved.find_links({1}, date(2026, 2, 1))
    assert {link[3] for link in january} == {10}
    february = moved.find_links({1}, date(2026, 2, 2))
    assert {link[3] for link in february} == {10, 11, 12}
    assert moved.find_links({2}, date(2026, 2, 1)) == set()


def facts(rows, values, weights=None, archived=()):
    values = np.array(values, float)
    weights = values * NAN if weights is None else np.array(weights, float)
    return ScopeFacts(
        {scope: row for row, scope in enumerate(rows)},
        values,
        weights,
        np.array(~np.isnan(values), int),  # one record left out of each
        frozenset(archived),
    )


def test_values_follow_those_who_move():
    moved = ScopeTree(
        [
            *member(1, 10),
            *member(2, 11, stop=date(2026, 3, 1)),
            *member(2, 10, start=date(2026, 3, 1)),
        ],
        PARENTS,
    )
    given = facts([user(1), user(2)], [[1, 2, 3], [10, NAN, 30]])
    found = roll_up_facts(given, [department(10), department(11)], moved, MONTHS, "sum")
    np.testing.assert_array_equal(found.values, [[11, 2, 33], [10, NAN, NAN]])
    np.testing.assert_array_equal(found.parts_present, [[2, 1, 2], [1, 0, 0]])
    np.testing.assert_array_equal(found.parts_expected, [[2, 2, 2], [1, 1, 0]])
    np.testing.assert_array_equal(found.unpriced, [[2, 1, 2], [1, 0, 0]])


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([[1, 1, 1], [3, 3, 3]], [7.75, NAN, 23.25]),  # (1 + 3 × 10) / 4 …
        (None, [5.5, NAN, 16.5]),  # entries of people count the same
    ],
)
def test_averages_are_weighted(weights, expected):
    given = facts([user(1), user(2)], [[1, NAN, 3], [10, NAN, 30]], weights)
    found = roll_up_facts(given, [department(10)], TREE, MONTHS, "average")
    np.testing.assert_array_equal(found.values, [expected])


def test_what_is_archived_counts_as_long_as_it_has_values():
    given = facts([user(1), user(2)], [[1, 2, 3], [10, NAN, NAN]], archived=[user(2)])
    found = roll_up_facts(given, [COMPANY], TREE, MONTHS, "sum")
    np.testing.assert_array_equal(found.values, [[11, 2, 3]])
    np.testing.assert_array_equal(found.parts_expected, [[2, 1, 1]])


def test_own_values_go_before_what_is_below():
    given = facts([user(1), COMPANY], [[1, 2, 3], [NAN, 5, NAN]])
    values = given.get_values([user(9), COMPANY])
    np.testing.assert_array_equal(values.values, [[NAN] * 3, [NAN, 5, NAN]])
    below = ScopeValues.empty(1, 3)
    below.values[0], below.parts_present[0] = [7, 8, NAN], 4
    values.fill([1], below)
    np.testing.assert_array_equal(values.values[1], [7, 5, NAN])
    np.testing.assert_array_equal(values.parts_present[1], [4, 0, 4])
    np.testing.assert_array_equal(values.values[[1]], [[7, 5, NAN]])
