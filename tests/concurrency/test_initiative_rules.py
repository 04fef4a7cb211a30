"""The tree of programmes, moved by two connections."""

from acts import create, new_company, new_name, write


def plan_move(env):
    """An initiative, and another company that its owner works in."""
    owner, far = env.ref("base.user_admin"), new_company(env)
    far.currency_id = owner.company_id.currency_id
    owner.company_ids |= far
    initiative = env["kpi.initiative"].create(
        {
            "name": new_name(),
            "owner_id": owner.id,
            "company_id": owner.company_id.id,
        }
    )
    return initiative.id, far.id


def test_two_moves_at_once_make_no_circle(commit, meet):
    def prepare(env):
        owner = env.ref("base.user_admin")
        return (
            env["kpi.initiative"]
            .create([{"name": new_name(), "owner_id": owner.id} for _ in range(2)])
            .ids
        )

    one, other = commit(prepare)
    outcome = meet(
        write("kpi.initiative", one, parent_id=other),
        write("kpi.initiative", other, parent_id=one),
    )
    assert outcome.refusal
    tree = commit(
        lambda env: env["kpi.initiative"].browse([one, other]).mapped("parent_id").ids
    )
    assert len(tree) == 1


def test_what_is_added_while_an_initiative_moves_moves_with_it(commit, meet):
    values = {"name": new_name(), "amount": 5, "is_recurring": False}
    for model, vals in (
        ("kpi.benefit.realization", values),
        ("kpi.initiative.cost", {"planned": 5}),
        ("kpi.initiative.gate", {"name": new_name()}),
    ):
        initiative_id, far_id = commit(plan_move)
        outcome = meet(
            write("kpi.initiative", initiative_id, company_id=far_id),
            create(model, initiative_id=initiative_id, **vals),
        )
        assert not outcome.refusal
        parts = [("initiative_id", "=", initiative_id)]
        found = commit(
            lambda env, model=model, parts=parts: (
                env[model].search(parts).company_id.ids
            )
        )
        assert found == [far_id]


def test_nothing_is_left_below_what_moves(commit, meet):
    initiative_id, far_id = commit(plan_move)
    below = commit(
        lambda env: {
            "name": new_name(),
            "owner_id": env.ref("base.user_admin").id,
            "parent_id": initiative_id,
            "company_id": env["kpi.initiative"].browse(initiative_id).company_id.id,
        }
    )
    outcome = meet(
        write("kpi.initiative", initiative_id, company_id=far_id),
        create("kpi.initiative", **below),
    )
    assert outcome.refusal
