"""Deputies, kept by two connections."""

from acts import create, new_user


def _people(env):
    return [new_user(env).id for _user in range(3)]


def test_a_person_has_one_deputy_at_a_time(commit, meet):
    person, first, second = commit(_people)
    days = {"user_id": person, "date_from": "2026-03-01", "date_to": "2026-04-01"}
    outcome = meet(
        create("kpi.approval.delegation", **days, delegate_id=first),
        create("kpi.approval.delegation", **days, delegate_id=second),
    )
    assert "is already the deputy of" in outcome.refusal
    model = "kpi.approval.delegation"
    found = commit(lambda env: env[model].search([("user_id", "=", person)]).ids)
    assert len(found) == 1


def test_deputies_of_two_people_are_entered_at_once(commit, meet):
    one, other, deputy = commit(_people)
    days = {"date_from": "2026-03-01", "date_to": "2026-04-01", "delegate_id": deputy}
    outcome = meet(
        create("kpi.approval.delegation", **days, user_id=one),
        create("kpi.approval.delegation", **days, user_id=other),
    )
    assert outcome.refusal == ""
