"""Coach and employee at once: nobody signs one text and finds another."""

import pytest
from acts import new_name

MODEL = "kpi.performance.coaching"


def new_person(env):
    group = env.ref("kpi_base.kpi_base_group_user")
    values = {"name": "Mia", "login": new_name(), "group_ids": [(4, group.id)]}
    return env["res.users"].create(values).id


@pytest.fixture
def shared(commit):
    """(id of a shared coaching, id of its action, coach, employee)."""

    def prepare(env):
        coach, employee = new_person(env), new_person(env)
        coaching = env[MODEL].with_user(coach)
        coaching = coaching.create(
            {
                "employee_id": employee,
                "manager_feedback": "First",
                "action_ids": [(0, 0, {"description": "First"})],
            }
        )
        coaching.action_share()
        return coaching.id, coaching.action_ids.id, coach, employee

    return commit(prepare)


def sign(coaching, person):
    return lambda env: env[MODEL].with_user(person).browse(coaching).action_sign()


def change(model, record, person, **values):
    return lambda env: env[model].with_user(person).browse(record).write(values)


def test_feedback_is_not_changed_while_the_employee_signs(meet, shared):
    coaching, _action, coach, employee = shared
    second = change(MODEL, coaching, coach, manager_feedback="Second")
    outcome = meet(sign(coaching, employee), second)
    assert "is signed and cannot be changed" in outcome.refusal


def test_an_action_is_not_changed_while_the_employee_signs(meet, shared):
    coaching, action, coach, employee = shared
    second = change(f"{MODEL}.action", action, coach, description="Second")
    outcome = meet(sign(coaching, employee), second)
    assert "is signed and cannot be changed" in outcome.refusal


def test_two_signatures_at_once_sign_it(meet, commit, shared):
    coaching, _action, coach, employee = shared
    outcome = meet(sign(coaching, employee), sign(coaching, coach))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert commit(lambda env: env[MODEL].browse(coaching).state) == "signed"


def test_one_signs_once(meet, shared):
    coaching, _action, _coach, employee = shared
    outcome = meet(sign(coaching, employee), sign(coaching, employee))
    assert "is signed and cannot be changed" in outcome.refusal
