"""Stays in teams, kept by two connections."""

from acts import create, new_name, new_user


def test_a_person_is_in_a_team_once(commit, meet):
    def prepare(env):
        team = env["kpi.team"].create({"name": new_name()})
        user = new_user(env)
        return team.id, user.id

    team_id, user_id = commit(prepare)
    stay = {"team_id": team_id, "user_id": user_id}
    outcome = meet(
        create("kpi.team.member", **stay, date_from="2026-01-01"),
        create("kpi.team.member", **stay, date_from="2026-03-01"),
    )
    assert "End the first membership" in outcome.refusal
    stays = commit(lambda env: env["kpi.team"].browse(team_id).member_ids.ids)
    assert len(stays) == 1


def test_two_stays_in_a_row_are_entered_at_once(commit, meet):
    def prepare(env):
        team = env["kpi.team"].create({"name": new_name()})
        user = new_user(env)
        return {"team_id": team.id, "user_id": user.id}

    stay = commit(prepare)
    outcome = meet(
        create("kpi.team.member", **stay, date_to="2026-03-01"),
        create("kpi.team.member", **stay, date_from="2026-03-01"),
    )
    assert outcome.refusal == ""
