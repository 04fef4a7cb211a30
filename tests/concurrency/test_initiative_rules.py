"""The tree of programmes, moved by two connections."""

from acts import new_name, write


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
