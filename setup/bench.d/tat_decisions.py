"""Submitting a request and deciding on it, beside the same rows in a plain model.

The plain models are made by hand in Odoo: a document with Odoo's discussion and tracked
fields, and rows of a dozen columns. They know no rule: nobody is looked for, nothing is
compared, told or measured.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from odoo import Command

from _harness import Bench, DifferentResults, Figure, case

DOCUMENT, ROW = "x_bench_request", "x_bench_row"
MESSAGES = ("mail_message", "mail_tracking_value", "mail_followers")  # by the thread
TRACKED = ("x_subject", "x_template", "x_priority", "x_status")
STATUSES = ("pending", "level 2", "level 3", "approved")
NUMBERS = [f"x_number_{place}" for place in range(5)]
TEXTS = [f"x_text_{place}" for place in range(4)]
MOMENTS = [f"x_moment_{place}" for place in range(3)]

MOMENT = datetime(2026, 3, 23, 13)


@case("requests")
def tat_decisions(bench: Bench) -> Iterator[Figure]:
    """A request of three levels, from its submission to the last approval."""
    env = bench.env(context={"lang": "en_US", "tz": "UTC"})
    template = env["kpi.approval.workflow"].search(
        [("workflow_type", "=", "request_template")], limit=1
    )
    levels = template.level_ids.sorted().approver_ids
    approvers = [level.user_id for level in levels]
    maker = env["res.users"].search(
        [
            ("login", "=like", "approver\\_%"),
            ("id", "not in", [a.id for a in approvers]),
        ],
        limit=1,
    )
    _make_models(env)

    def ours() -> None:
        request = (
            env["kpi.tat.request"]
            .with_user(maker)
            .create({"subject": "Laptops", "template_id": template.id, "amount": 900})
        )
        request.action_submit()
        _end(env)
        for approver in approvers:
            request.with_user(approver).action_approve()
            _end(env)
        if request.sudo().status != "approved":
            raise DifferentResults(f"the request is {request.sudo().status}")

    ours()  # what is looked up once a process is known then, and stored once
    env.cr.commit()
    written = _count_written(env, ours)
    creates = sum(inserted for inserted, _updated in written.values()) - 1
    writes = sum(updated for _inserted, updated in written.values()) - len(STATUSES)
    people = [maker, *approvers]

    def plain() -> None:
        _act_plainly(env, people, creates, writes)

    seconds, reference = bench.measure(ours, plain, before=lambda: start_anew(env))
    yield Figure("submit_decide_vs_plain", seconds, "s", reference, "<= 2")


def start_anew(env: Any) -> None:
    env.cr.rollback()
    env.invalidate_all(flush=False)


def _end(env: Any) -> None:
    """Write what a request of the web client would, up to its commit."""
    env.flush_all()
    env.cr.precommit.run()
    env.invalidate_all()


def _count_written(env: Any, act: Any) -> dict[str, tuple[int, int]]:
    """Table → rows that are inserted and updated, but for messages of the thread.

    One that is inserted is the document, and some of the updates are of its status.
    """
    act()
    env.cr.execute(
        "SELECT relname, n_tup_ins, n_tup_upd FROM pg_stat_xact_user_tables"
        " WHERE n_tup_ins + n_tup_upd > 0 AND relname <> ALL(%s)",
        [list(MESSAGES)],
    )
    found = {name: (int(ins), int(upd)) for name, ins, upd in env.cr.fetchall()}
    start_anew(env)
    return found


def _make_models(env: Any) -> None:
    env["ir.model"].create(
        [
            {
                "name": "Bench Request",
                "model": DOCUMENT,
                "is_mail_thread": True,
                "field_id": [
                    Command.create(
                        {
                            "name": name,
                            "field_description": name,
                            "ttype": "char",
                            "tracking": 1,
                        }
                    )
                    for name in TRACKED
                ],
            },
            {
                "name": "Bench Row",
                "model": ROW,
                "field_id": [
                    Command.create(
                        {"name": name, "field_description": name, "ttype": kind}
                    )
                    for names, kind in (
                        (NUMBERS, "integer"),
                        (TEXTS, "char"),
                        (MOMENTS, "datetime"),
                    )
                    for name in names
                ],
            },
        ]
    )
    env["ir.model.access"].create(
        [
            {
                "name": model,
                "model_id": env["ir.model"]._get_id(model),
                "group_id": env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
            }
            for model in (DOCUMENT, ROW)
        ]
    )
    env.cr.commit()


def _act_plainly(env: Any, people: list[Any], creates: int, writes: int) -> None:
    """As many rows, by the same people, in as many requests of the web client."""
    parts = len(STATUSES)
    document = (
        env[DOCUMENT]
        .with_user(people[0])
        .create(
            {"x_subject": "Laptops", "x_template": "Purchase", "x_priority": "standard"}
        )
    )
    rows = env[ROW]
    for place, (person, status) in enumerate(zip(people, STATUSES, strict=True)):
        document.with_user(person).write({"x_status": status})
        count = creates * (place + 1) // parts - len(rows)
        rows = rows.with_user(person)
        rows |= rows.create([_make_values()] * count)
        first, last = (writes * each // parts for each in (place, place + 1))
        for number in range(first, last):
            rows[number % len(rows)].write({"x_text_0": f"{place} {number}"})
        _end(env)


def _make_values() -> dict[str, Any]:
    return {
        **dict.fromkeys(NUMBERS, 7),
        **dict.fromkeys(TEXTS, "A text as long as most"),
        **dict.fromkeys(MOMENTS, MOMENT),
    }
