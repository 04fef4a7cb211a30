"""Ten thousand messages of the outbox in two lanes, beside plain smtplib."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from _harness import HERE, Bench, DifferentResults, Figure, case

MESSAGES, PEOPLE = 10_000, 100
LANES = ("urgent", "bulk")
BODY = "<p>Won revenue: <b>82.4 k€</b></p><p>18 % below target since Monday.</p>"


class Child:
    """A process of ``_outbox.py`` that answers each line with a line of JSON."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "_outbox.py"), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started_with = self.answer()

    def ask(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        return json.loads(self.process.stdout.readline())

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@case("engine")
def outbox(bench: Bench) -> Iterator[Figure]:
    """Both sides send the same from two processes to one mail server."""
    with ExitStack() as children:

        def start(*arguments: object) -> Child:
            return children.enter_context(Child(*arguments))

        sink = start("take")
        port = sink.started_with
        people = _prepare(bench.env, port)
        lanes = [start("lane", bench.database, lane) for lane in LANES]
        plain = [start("plain", port, MESSAGES // 2) for _lane in LANES]
        taken: list[Counter] = []

        def refill() -> None:
            sink.ask()
            taken.append(Counter(sink.answer()))
            _queue(bench.env, people)

        seconds = bench.measure(lambda: _run(lanes), lambda: _run(plain), before=refill)
        refill()
    ours, theirs = taken[1::2], taken[2::2]  # they take turns
    if any(len(counts) != MESSAGES for counts in theirs):
        raise DifferentResults("plain smtplib did not send every message")
    lost = sum(MESSAGES - len(counts) for counts in ours)
    twice = sum(sum(counts.values()) - len(counts) for counts in ours)
    yield Figure("outbox_lost", lost, "messages", MESSAGES, "<= 0")
    yield Figure("outbox_double_sends", twice, "messages", MESSAGES, "<= 0")
    yield Figure("outbox_vs_smtplib", seconds[0], "s", seconds[1], "<= 9")


def _run(children: list[Child]) -> None:
    for child in children:
        child.ask()
    for child in children:
        child.answer()


def _prepare(env: Any, port: int) -> Any:
    env["ir.mail_server"].search([]).unlink()
    env["ir.mail_server"].create(
        {"name": "Bench", "smtp_host": "127.0.0.1", "smtp_port": port}
    )
    env.company.email = "kpi@example.com"
    users = env["res.users"].with_context(no_reset_password=True)
    group = env.ref("kpi_base.kpi_base_group_user")
    people = users.create(
        [
            {
                "name": f"Person {n}",
                "login": f"p{n}",
                "email": f"p{n}@example.com",
                "group_ids": [(4, group.id)],
            }
            for n in range(PEOPLE)
        ]
    )
    env.cr.commit()
    return people


def _queue(env: Any, people: Any) -> None:
    """Put the messages into an outbox that is empty."""
    env.cr.execute("TRUNCATE kpi_delivery CASCADE")
    env.invalidate_all()
    env["kpi.delivery"]._queue(
        [
            {
                "key": f"bench {n}",
                "user_id": people[n % PEOPLE].id,
                "subject": f"KPI {n}",
                "body": BODY,
                "lane": LANES[n % 2],
            }
            for n in range(MESSAGES)
        ]
    )
    env.cr.commit()
    env.cr.execute("ANALYZE kpi_delivery")
    env.cr.commit()
