"""Updates of values that people ask for, kept apart by two connections."""


def test_two_who_ask_for_an_update_at_once_get_one(commit, meet):
    commit(lambda env: env["kpi.job"].search([]).unlink())

    def ask(env):
        env["kpi.job"].request_update()

    outcome = meet(ask, ask)
    assert (outcome.refusal, outcome.runs) == ("", 2)
    queued = [("kind", "=", "refresh"), ("state", "=", "queued")]
    assert commit(lambda env: env["kpi.job"].search_count(queued)) == 1
