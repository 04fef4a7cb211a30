"""Proposed changes beside other writers, on two connections."""

import pytest
from acts import propose_target


@pytest.fixture
def proposed(commit):
    """Ids of a target of 100, of a proposal of 120 for it, and of who approves."""

    yield commit(propose_target)
    commit(
        lambda env: (
            env["kpi.approval.workflow"]
            .search([("model", "=", "kpi.approval.change")])
            .write({"active": False})
        )
    )


def _approve(change_id, user_id):
    def run(env):
        env["kpi.approval.change"].with_user(user_id).browse(change_id).action_approve()
        env.flush_all()

    return run


def _read(commit, target_id, change_id):
    return commit(
        lambda env: (
            env["kpi.target"].browse(target_id).value,
            env["kpi.approval.change"].browse(change_id).approval_state,
        )
    )


def test_the_same_proposed_twice_at_once_waits_once(proposed, commit, meet):
    target_id, change_id, _ann = proposed

    def propose(env):
        olga = env["kpi.approval.change"].browse(change_id).user_id
        target = env["kpi.target"].with_user(olga).browse(target_id)
        target._propose({"value": 130}, "Even more")
        env.flush_all()

    meet(propose, propose)
    domain = [("res_id", "=", target_id), ("approval_state", "=", "pending")]
    changes = commit(
        lambda env: env["kpi.approval.change"].search(domain).mapped("vals")
    )
    assert changes.count({"value": 130}) == 1


def test_a_target_written_beside_its_approval_is_not_overwritten(
    proposed, commit, meet
):
    target_id, change_id, ann = proposed

    def write(env):
        env["kpi.target"].browse(target_id).value = 60
        env.flush_all()

    meet(write, _approve(change_id, ann))
    assert _read(commit, target_id, change_id) == (60, "pending")
    commit(_approve(change_id, ann))
    assert _read(commit, target_id, change_id) == (120, "approved")


def test_two_approvals_apply_it_once(proposed, commit, meet):
    target_id, change_id, ann = proposed
    outcome = meet(_approve(change_id, ann), _approve(change_id, ann))
    assert "approved by" in outcome.refusal
    assert _read(commit, target_id, change_id) == (120, "approved")
