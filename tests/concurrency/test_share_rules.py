"""Shares of one KPI, claimed by two connections."""

from datetime import date

from acts import new_name

DAY = date(2026, 1, 1)


def prepare(env):
    """Two initiatives that track one KPI and claim nothing of it yet."""
    owner = env.ref("base.user_admin")
    definition = env["kpi.definition"].create(
        {"name": new_name(), "computation": "manual"}
    )
    report = definition._track_for("company", env.company)
    initiatives = env["kpi.initiative"].create(
        [{"name": new_name(), "owner_id": owner.id} for _ in range(2)]
    )
    baselines = env["kpi.baseline"].create(
        [{"initiative_id": one.id, "report_id": report.id} for one in initiatives]
    )
    baselines.share_ids.unlink()
    return baselines.ids


def claim(baseline_id, share):
    def act(env):
        return (
            env["kpi.baseline.share"]
            .create({"baseline_id": baseline_id, "date_from": DAY, "share": share})
            .id
        )

    return act


def shares_of(ids):
    return lambda env: env["kpi.baseline"].browse(ids).share_ids.mapped("share")


def test_two_claims_of_60_percent_at_once_are_one(commit, meet):
    one, other = commit(prepare)
    outcome = meet(claim(one, 60), claim(other, 60))
    assert outcome.refusal
    assert commit(shares_of([one, other])) == [60]


def test_two_claims_that_fit_are_both_made(commit, meet):
    one, other = commit(prepare)
    outcome = meet(claim(one, 60), claim(other, 40))
    assert not outcome.refusal
    assert sorted(commit(shares_of([one, other]))) == [40, 60]
