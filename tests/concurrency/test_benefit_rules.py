"""Links on the benefits map and findings of leakages, by two connections."""

from datetime import date

from acts import create, new_name


def plan_benefits(env):
    owner = env.ref("base.user_admin")
    initiative = env["kpi.initiative"].create(
        {"name": new_name(), "owner_id": owner.id}
    )
    return (
        env["kpi.benefit.realization"]
        .create(
            [
                {
                    "name": new_name(),
                    "initiative_id": initiative.id,
                    "amount": 100,
                    "is_recurring": False,
                }
                for _ in range(2)
            ]
        )
        .ids
    )


def test_two_halves_of_a_circle_at_once_make_none(commit, meet):
    one, other = commit(plan_benefits)
    link = "kpi.benefit.link"
    outcome = meet(
        create(link, source_benefit_id=one, target_benefit_id=other),
        create(link, source_benefit_id=other, target_benefit_id=one),
    )
    assert "Circular dependency" in outcome.refusal
    count = commit(
        lambda env: env[link].search_count([("source_benefit_id", "in", (one, other))])
    )
    assert count == 1


def test_a_finding_of_two_runs_at_once_is_filed_once(commit, meet):
    benefit_id, _other = commit(plan_benefits)

    def file(env):
        from odoo.addons.kpi_benefits.models.finding import Finding

        benefit = env["kpi.benefit.realization"].browse(benefit_id)
        finding = Finding("decay", benefit, date(2026, 1, 1), 5.0, 0.0, "Falls.")
        env["kpi.value.leakage"]._file(finding)

    outcome = meet(file, file)
    assert not outcome.refusal
    count = commit(
        lambda env: env["kpi.value.leakage"].search_count(
            [("benefit_id", "=", benefit_id)]
        )
    )
    assert count == 1


def test_of_two_who_move_a_leakage_on_at_once_one_is_refused(commit, meet):
    benefit_id, _other = commit(plan_benefits)

    def prepare(env):
        leakage = env["kpi.value.leakage"].create(
            {
                "name": new_name(),
                "benefit_id": benefit_id,
                "acceptance_reason": "Small",
                "root_cause": "Known",
            }
        )
        leakage.action_investigate()
        return leakage.id

    leakage_id = commit(prepare)
    outcome = meet(
        lambda env: env["kpi.value.leakage"].browse(leakage_id).action_accept(),
        lambda env: env["kpi.value.leakage"].browse(leakage_id).action_resolve(),
    )
    assert "cannot change to" in outcome.refusal
