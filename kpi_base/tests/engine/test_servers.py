"""What is amiss with servers, from what each says of itself."""

import pytest

from ...engine.servers import find_problems

FINE = {
    "name": "one",
    "silence": 12.0,
    "release": "19.0.1 (aaaa)",
    "workers": 2,
    "clock": 0.02,
    "has_locks": True,
    "has_files": True,
    "has_sessions": True,
    "replica": None,
    "replica_behind": None,
}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"clock": -2.1}, ["clock"]),
        ({"clock": 1.9}, []),
        ({"has_files": False}, ["files"]),
        ({"has_sessions": False}, ["sessions"]),
        ({"has_locks": False}, ["pooled"]),
        ({"replica": "db2", "replica_behind": 0.3}, []),
        ({"replica": "db2", "replica_behind": 31.0}, ["replica"]),
        ({"replica": "db2", "replica_behind": None}, ["replica"]),
        # what it said long ago counts for nothing but its silence
        ({"silence": 151.0, "clock": 10.0, "has_files": False}, ["silent"]),
        ({"silence": 149.0}, []),
        ({"release": "19.0.2 (bbbb)"}, ["release"]),
    ],
)
def test_what_one_of_two_servers_says(changes, codes):
    servers = [FINE, {**FINE, "name": "two", **changes}]
    found = find_problems(servers, lanes=2)
    assert list(found) == codes
    names = {name for names in found.values() for name in names}
    # of two releases the later one is right
    assert names <= ({"one"} if codes == ["release"] else {"two"})


def test_the_release_of_most_is_right():
    servers = [{**FINE, "name": name} for name in ("one", "two")]
    servers.append({**FINE, "name": "three", "release": "19.0.9 (cccc)"})
    assert find_problems(servers, 1) == {"release": ["three"]}


@pytest.mark.parametrize(("lanes", "is_amiss"), [(2, False), (4, False), (5, True)])
def test_computations_at_once_need_as_many_workers(lanes, is_amiss):
    found = find_problems([FINE, {**FINE, "name": "two"}], lanes)
    assert list(found) == ["workers"] * is_amiss


def test_nobody_is_a_problem():
    assert find_problems([], 1) == {"nobody": [""]}
