"""Reviews that two people submit, decide on or begin anew at once."""

import pytest
from acts import new_name

REVIEW = "kpi.post.implementation.review"


@pytest.fixture
def review(commit):
    """``review(steps)``: id of a review after these methods, and who did them."""

    def make(*steps):
        def prepare(env):
            from odoo.tests import new_test_user

            owner, sponsor = (
                new_test_user(
                    env, f"{new_name()}-{name}", "kpi_base.kpi_base_group_user"
                )
                for name in ("owner", "sponsor")
            )
            initiative = env["kpi.initiative"].create(
                {
                    "name": new_name(),
                    "status": "live",
                    "owner_id": owner.id,
                    "sponsor_id": sponsor.id,
                    "company_id": owner.company_id.id,
                }
            )
            made = env[REVIEW].create(
                {"initiative_id": initiative.id, "executive_summary": "It works."}
            )
            for method in steps:
                person = sponsor if method == "action_approve" else owner
                getattr(made.with_user(person), method)()
            return made.id, owner.id, sponsor.id

        return commit(prepare)

    return make


def act(review_id, user_id, method, *arguments):
    def run(env):
        getattr(env[REVIEW].with_user(user_id).browse(review_id), method)(*arguments)
        env.flush_all()

    return run


def test_nothing_enters_a_review_that_is_submitted_at_that_moment(review, commit, meet):
    review_id, owner, _sponsor = review()

    def add(env):
        values = {"review_id": review_id, "description": "More training"}
        env["kpi.review.recommendation"].with_user(owner).create(values)
        env.flush_all()

    outcome = meet(act(review_id, owner, "action_submit"), add)
    assert (
        "is in review" in outcome.refusal
        or "is waiting for approval" in outcome.refusal
    )
    assert not commit(lambda env: env[REVIEW].browse(review_id).recommendation_ids)


def test_submitted_by_two_at_once_it_is_submitted_once(review, commit, meet):
    review_id, owner, _sponsor = review()
    submit = act(review_id, owner, "action_submit")
    outcome = meet(submit, submit)
    assert outcome.refusal
    found = commit(
        lambda env: (
            env[REVIEW].browse(review_id).approval_round,
            len(env[REVIEW].browse(review_id)._find_steps("asked")),
            len({f.code for f in env[REVIEW].browse(review_id).figure_ids})
            == len(env[REVIEW].browse(review_id).figure_ids),
        )
    )
    assert found == (1, 1, True)


def test_decided_by_two_at_once_it_is_decided_once(review, commit, meet):
    review_id, _owner, sponsor = review("action_submit")
    outcome = meet(
        act(review_id, sponsor, "action_approve"),
        act(review_id, sponsor, "action_return", "More on the cost."),
    )
    assert outcome.refusal
    state, status = commit(
        lambda env: (
            env[REVIEW].browse(review_id).approval_state,
            env[REVIEW].browse(review_id).status,
        )
    )
    assert (state, status) in (("approved", "approved"), ("returned", "draft"))


def test_two_new_editions_at_once_are_one(review, commit, meet):
    review_id, owner, _sponsor = review(
        "action_submit", "action_approve", "action_publish"
    )
    begin = act(review_id, owner, "action_new_edition")
    assert meet(begin, begin).refusal
    count = commit(
        lambda env: env[REVIEW].search_count([("previous_id", "=", review_id)])
    )
    assert count == 1


def test_an_answer_sent_by_two_connections_is_stored_once(review, commit, meet):
    review_id, owner, _sponsor = review()

    def make_link(env):
        from datetime import timedelta

        from odoo import fields

        links = env["kpi.review.feedback.link"].with_user(owner)
        own = env[REVIEW].with_user(owner).browse(review_id)
        day = fields.Date.today() + timedelta(days=3)
        return links._generate(own, expires_on=day).id

    link_id = commit(make_link)

    def answer(env):
        from odoo.addons.kpi_benefits.engine.feedback import Feedback

        link = env["kpi.review.feedback.link"].browse(link_id)
        link._store_answer(
            Feedback(key="k" * 20, name="Ann", role="", rating=4, comment="")
        )

    meet(answer, answer)
    count = commit(
        lambda env: env["kpi.review.feedback"].search_count([("link_id", "=", link_id)])
    )
    assert count == 1
