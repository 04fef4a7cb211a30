import pytest

from ...engine.approval import Seat, Situation, find_seats

ANN, BO, CY, DEE, OWNER, SAM = 1, 2, 3, 4, 5, 6
ALL = frozenset({ANN, BO, CY, DEE, OWNER})
_OWNER_ASKED = [Seat(OWNER, reason="next_up")]


def _situation(
    there=ALL, delegates=None, managers=None, submitter=SAM, owner=OWNER, parties=()
):
    get_manager = (managers or {}).get
    return Situation(
        submitter, owner, there.__contains__, get_manager, delegates or {}, parties
    )


@pytest.mark.parametrize(
    ("candidates", "rule", "quorum", "situation", "seats"),
    [
        ([ANN, BO], "any", 0, {}, [Seat(ANN), Seat(BO)]),
        # Bo is away and has a delegate, who is asked for him.
        (
            [ANN, BO],
            "any",
            0,
            {"there": {ANN, CY}, "delegates": {BO: CY}},
            [Seat(ANN), Seat(CY, BO, "delegated")],
        ),
        # His delegate is away too, as somebody with a delegate is: his manager.
        (
            [ANN, BO],
            "all",
            0,
            {"delegates": {BO: CY, CY: DEE}, "managers": {BO: DEE}},
            [Seat(ANN), Seat(DEE, BO, "absent")],
        ),
        # They stand in for each other: neither is there.
        (
            [ANN],
            "any",
            0,
            {"delegates": {ANN: BO, BO: ANN}, "managers": {ANN: CY}},
            [Seat(CY, ANN, "absent")],
        ),
        # The manager has a delegate, so is away: the one above.
        (
            [ANN],
            "any",
            0,
            {
                "delegates": {ANN: SAM, CY: BO},
                "managers": {ANN: CY, CY: DEE},
            },
            [Seat(DEE, ANN, "absent")],
        ),
        # The owner is away.
        ([], "any", 0, {"delegates": {OWNER: ANN}}, []),
        # The delegate is asked anyway: for herself.
        ([ANN, BO], "all", 0, {"delegates": {BO: ANN}}, [Seat(ANN)]),
        ([BO, ANN], "all", 0, {"delegates": {BO: ANN}}, [Seat(ANN)]),
        # One of two is enough: nobody is asked for the one who is away.
        ([ANN, BO], "any", 0, {"there": {ANN}, "managers": {BO: CY}}, [Seat(ANN)]),
        # Both have to approve: his manager does.
        (
            [ANN, BO],
            "all",
            0,
            {"there": {ANN, CY}, "managers": {BO: CY}},
            [Seat(ANN), Seat(CY, BO, "absent")],
        ),
        # His manager has a seat of her own: the one above her.
        (
            [ANN, BO],
            "quorum",
            2,
            {"there": {ANN, DEE}, "managers": {BO: ANN, ANN: DEE}},
            [Seat(ANN), Seat(DEE, BO, "absent")],
        ),
        # Own documents: the manager of who submitted them
        ([SAM], "any", 0, {"managers": {SAM: CY}}, [Seat(CY, SAM, "absent")]),
        # A delegation to who submitted it counts for nothing; Ann is away.
        (
            [ANN],
            "any",
            0,
            {"delegates": {ANN: SAM}, "managers": {ANN: DEE}},
            [Seat(DEE, ANN, "absent")],
        ),
        ([ANN], "any", 0, {"delegates": {ANN: SAM}}, _OWNER_ASKED),
        # Nobody chooses by their delegate who decides on what they submitted.
        (
            [SAM],
            "any",
            0,
            {"delegates": {SAM: BO}, "managers": {SAM: CY}},
            [Seat(CY, SAM, "absent")],
        ),
        # Nobody named: next up, at last the owner
        ([], "any", 0, {"managers": {SAM: DEE}}, [Seat(DEE, reason="next_up")]),
        ([], "any", 0, {"managers": {SAM: SAM}}, [Seat(OWNER, reason="next_up")]),
        ([ANN], "all", 0, {"there": {OWNER}}, [Seat(OWNER, reason="next_up")]),
        # everybody is away
        ([ANN], "all", 0, {"there": set()}, []),
        ([], "any", 0, {"owner": SAM}, []),
        # circles of managers
        (
            [ANN],
            "all",
            0,
            {"there": {OWNER}, "managers": {ANN: BO, BO: ANN, SAM: SAM}},
            [Seat(OWNER, reason="next_up")],
        ),
    ],
)
def test_who_is_asked(candidates, rule, quorum, situation, seats):
    assert find_seats(candidates, rule, quorum, _situation(**situation)) == seats


@pytest.mark.parametrize(
    ("candidates", "may", "seats"),
    [
        ([SAM], True, [Seat(SAM)]),
        ([SAM], False, [Seat(OWNER, reason="next_up")]),
        ([SAM, ANN], True, [Seat(ANN)]),
        ([], True, [Seat(OWNER, reason="next_up")]),  # not one of those named
    ],
)
def test_whoever_is_alone_may_decide_on_their_own(candidates, may, seats):
    situation = _situation(there={ANN, OWNER, SAM})
    found = find_seats(candidates, "any", 0, situation, may_decide_alone=may)
    assert found == seats


@pytest.mark.parametrize(
    ("candidates", "situation", "seats"),
    [
        ([ANN, BO], {"parties": {ANN}}, [Seat(BO)]),
        # Nobody decides in the place of somebody with a part in it.
        ([ANN], {"parties": {ANN}, "delegates": {ANN: BO}}, _OWNER_ASKED),
        # A delegate with a part in it decides for nobody; Ann is away.
        (
            [ANN],
            {"parties": {BO}, "delegates": {ANN: BO}, "managers": {ANN: CY}},
            [Seat(CY, ANN, "absent")],
        ),
        # nor does a manager, or the owner
        (
            [BO],
            {"parties": {CY}, "there": {CY, DEE}, "managers": {BO: CY, CY: DEE}},
            [Seat(DEE, BO, "absent")],
        ),
        ([], {"parties": {CY}, "managers": {SAM: CY}}, _OWNER_ASKED),
        ([], {"parties": {OWNER}}, []),
    ],
)
def test_who_has_a_part_in_it_decides_nothing(candidates, situation, seats):
    assert find_seats(candidates, "any", 0, _situation(**situation)) == seats
