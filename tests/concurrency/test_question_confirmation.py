"""What a question has proposed, confirmed by two connections."""

from acts import new_name


def propose(env):
    """A token for a table by email of one KPI."""
    from odoo.addons.kpi_tracking_language.engine.intent import Intent, Schedule

    definition = env["kpi.definition"].create(
        {"name": new_name(), "computation": "manual"}
    )
    definition._track_for("company", env.company)
    schedule = Schedule(frequency="weekly", day="monday", time="08:00")
    intent = Intent(
        kind="schedule_report", metrics=(str(definition.id),), schedule=schedule
    )
    found = env["kpi.nlp.processor"]._answer_intent(intent)
    return found["proposal"]["token"], definition.name


def confirm(token):
    return lambda env: env["kpi.nlp.processor"].confirm_action(token)


def count_tables(name):
    return lambda env: env["kpi.period.report"].search_count([("name", "=", name)])


def test_two_confirmations_of_one_proposal_at_once_do_it_once(commit, meet):
    token, name = commit(propose)
    outcome = meet(confirm(token), confirm(token))
    assert "is no longer valid" in outcome.refusal
    assert outcome.runs == 2
    assert commit(count_tables(name)) == 1


def test_two_proposals_are_both_confirmed(commit, meet):
    (one, name), (other, second) = commit(propose), commit(propose)
    assert not meet(confirm(one), confirm(other)).refusal
    assert [commit(count_tables(each)) for each in (name, second)] == [1, 1]
