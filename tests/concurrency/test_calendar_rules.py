"""Calendars made on first use, kept by two connections."""

from acts import create, new_company, new_name


def test_a_company_gets_one_calendar(commit, meet):
    company_id = commit(lambda env: new_company(env).id)
    first, second = (
        create("kpi.definition", name=new_name(), company_id=company_id)
        for _kpi in range(2)
    )
    outcome = meet(first, second)
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert calendars_of(commit, company_id) == (1, 1)


def test_two_that_need_the_calendar_of_a_company_get_the_same(commit, meet):
    company_id = commit(lambda env: new_company(env).id)

    def ask(env):
        env["kpi.calendar"]._company_default(env["res.company"].browse(company_id))

    assert meet(ask, ask).refusal == ""
    assert calendars_of(commit, company_id)[0] == 1


def calendars_of(commit, company_id):
    """Number of a company's calendars, and of those that its KPIs follow."""

    def count(env):
        own = [("company_id", "=", company_id)]
        kpis = env["kpi.definition"].search(own)
        return env["kpi.calendar"].search_count(own), len(kpis.calendar_id)

    return commit(count)


def test_a_second_calendar_made_on_first_use_is_refused_by_the_database(commit, meet):
    company_id = commit(lambda env: new_company(env).id)
    making = create(
        "kpi.calendar", name="Own", company_id=company_id, is_default=True, tz="UTC"
    )
    assert "already has a default calendar" in meet(making, making).refusal
    by_hand = create("kpi.calendar", name="Fiscal", company_id=company_id, tz="UTC")
    commit(by_hand)
    assert calendars_of(commit, company_id)[0] == 2
