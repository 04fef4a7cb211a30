"""Two people arrange one dashboard: one draft, published once, nothing lost unseen."""

import pytest
from acts import new_name, write


@pytest.fixture
def board(commit):
    """Ids of a dashboard that all KPI users see, and of its tile."""

    def prepare(env):
        dashboard = env["kpi.dashboard"].create(
            {
                "name": new_name(),
                "group_ids": env.ref("kpi_base.kpi_base_group_user").ids,
                "tile_ids": [(0, 0, {"kind": "text", "name": "First"})],
            }
        )
        return dashboard.id, dashboard.tile_ids.id

    return commit(prepare)


def start(board_id):
    return lambda env: env["kpi.dashboard"].browse(board_id).start_draft()


def changed_draft(board_id):
    def act(env):
        draft = env["kpi.dashboard"].browse(start(board_id)(env))
        draft.tile_ids.name = "Changed"
        return draft.id

    return act


def on(draft_id, method):
    return lambda env: getattr(env["kpi.dashboard"].browse(draft_id), method)()


def drafts(board_id):
    def count(env):
        everything = env["kpi.dashboard"].with_context(active_test=False)
        return everything.search_count([("draft_of_id", "=", board_id)])

    return count


def test_both_get_the_same_draft(commit, meet, board):
    board_id, _tile_id = board
    outcome = meet(changed_draft(board_id), start(board_id))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert commit(drafts(board_id)) == 1


@pytest.mark.parametrize("second", ["publish", "discard_draft"])
def test_what_was_published_is_not_published_or_discarded_again(
    commit, meet, board, second
):
    board_id, tile_id = board
    draft_id = commit(changed_draft(board_id))
    outcome = meet(on(draft_id, "publish"), on(draft_id, second))
    assert "already published or discarded" in outcome.refusal
    tile = commit(lambda env: env["kpi.dashboard.tile"].browse(tile_id).name)
    assert tile == "Changed"
    assert commit(drafts(board_id)) == 0


def test_a_change_of_the_published_tile_is_seen_before_it_is_replaced(
    commit, meet, board
):
    board_id, tile_id = board
    draft_id = commit(changed_draft(board_id))
    answers = []

    def publish(env):
        answers.append(on(draft_id, "publish")(env))

    meet(write("kpi.dashboard.tile", tile_id, name="By another"), publish)
    assert "By another" in answers[-1]["question"]
    tile = commit(lambda env: env["kpi.dashboard.tile"].browse(tile_id).name)
    assert tile == "By another"
