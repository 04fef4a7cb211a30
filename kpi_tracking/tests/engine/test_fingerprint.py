from ...engine.fingerprint import find_cause, hash_text, join_parts


def test_a_digest_is_the_beginning_of_sha256():
    # FIPS 180-2, appendix B.1: SHA-256 of "abc" begins with ba7816bf
    assert hash_text("abc") == "ba7816bf8f01cfea414140de5dae2223"


def test_a_text_and_its_bytes_have_one_digest():
    assert hash_text("12,5 €") == hash_text("12,5 €".encode())
    assert hash_text("12,5 €") != hash_text("12.5 €")


def cause(before, now, **more):
    return find_cause(
        join_parts(before), join_parts(now), **{"has_other_method": False} | more
    )


def test_the_cause_is_what_differs():
    before = {"joined": "1:a", "records": "7:b", "people": "2:c", "rates": "3:d"}
    assert cause(before, {**before, "records": "8:e"}) == "records"
    assert cause(before, {**before, "records": "7:e"}) == "records"
    assert cause(before, {**before, "records": "6:e"}) == "removed"
    assert cause({"records": "7.0:b"}, {"records": "6.0:e"}) == "removed"
    assert cause(before, {**before, "joined": "1:e"}) == "records"
    assert cause(before, {**before, "people": "2:e"}) == "people"
    assert cause(before, {**before, "rates": "4:e"}) == "rates"
    assert cause(before, before) == "recomputed"


def test_the_last_record_gone_is_a_removal():
    assert cause({"records": "1:b"}, {}) == "removed"
    assert cause({}, {"records": "1:b"}) == "records"
    assert cause({"records": "None:None"}, {"records": "1:b"}) == "records"


def test_several_causes_are_named_so_and_the_time_only_alone():
    before = {"records": "7:b", "rates": "3:d", "time": "x"}
    assert cause(before, {**before, "rates": "4:e", "records": "8:e"}) == "several"
    assert cause(before, before, has_other_method=True) == "definition"
    changed = {**before, "records": "8:e"}
    assert cause(before, changed, has_other_method=True) == "several"
    assert cause(before, {**before, "time": "y"}) == "time"
    assert cause(before, {**changed, "time": "y"}) == "records"
