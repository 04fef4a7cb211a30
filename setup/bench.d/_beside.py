"""``python _beside.py ACT ARGUMENTS…``: what a case has done in other processes.

A :class:`Child` is such a process, on the side of the case.
"""

import asyncio
import json
import os
import re
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from functools import partial
from typing import Any

PAUSE = 0.02
BODY = "<p>Won revenue: <b>82.4 k€</b></p><p>18 % below target since Monday.</p>"
MESSAGE_ID = re.compile(rb"^Message-Id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
TEXT = "Won revenue: 82.4 k€\n18 % below target since Monday.\n"


class Child:
    """A process of this file that answers each line with a line of JSON."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, *map(str, arguments)],
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


def run_all(children: list[Child]) -> None:
    """Have them all do once what they do."""
    for child in children:
        child.ask()
    for child in children:
        child.answer()


def send_plainly(port: str, count: str) -> None:
    """Sends as many messages by smtplib for each line it reads."""
    print("0", flush=True)
    for _line in sys.stdin:
        with smtplib.SMTP("127.0.0.1", int(port)) as session:
            for number in range(int(count)):
                session.send_message(_message(number))
        print("0", flush=True)


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"KPI {number}"
    message["From"] = "My Company <kpi@example.com>"
    message["To"] = f"Person <p{number % 100}@example.com>"
    message["Message-Id"] = f"<plain.{os.getpid()}.{number}@example.com>"
    message.set_content(TEXT)
    message.add_alternative(BODY, subtype="html")
    return message


def empty_lane(env: Any, lane: str) -> None:
    """Sends all that waits in a lane of the outbox."""
    deliveries = env["kpi.delivery"]
    while deliveries._due_count(lane):
        deliveries._cron_send(lane)
        env.cr.commit()


def update_values(env: Any) -> None:
    """Runs the update that waits, together with other processes, to its end."""
    while job := env["kpi.job"]._find_update("queued", "running"):
        job._run()
        env.cr.commit()
        env.invalidate_all()
        time.sleep(PAUSE)  # as a lane that is woken again


def act_for_each_line(act: Callable, database: str, *given: str) -> None:
    """Acts in an environment of the database for each line it reads."""
    from odoo_environment import environment, load_odoo

    load_odoo(database)
    with environment(database) as env:
        print("0", flush=True)
        for _line in sys.stdin:
            env.cr.rollback()
            env.invalidate_all()
            act(env, *given)
            env.cr.rollback()  # the next run empties the table
            print("0", flush=True)


async def serve(taken: list, reader: Any, writer: Any) -> None:
    """A session of SMTP in which everything is taken."""
    writer.write(b"220 ready\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            content = await reader.readuntil(b"\r\n.\r\n")
            # the header may be folded
            found = MESSAGE_ID.search(content)
            taken.append(found[1].decode() if found else "")
            writer.write(b"250 taken\r\n")
        elif verb == b"QUIT":
            writer.write(b"221 bye\r\n")
            break
        else:
            writer.write(b"250 fine\r\n")
        await writer.drain()
    with suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()


async def take_mail() -> None:
    """A mail server that takes everything; it first says its port.

    For each line it reads, it says the Message-Ids taken since the last, as JSON.
    """
    taken = []
    session = partial(serve, taken)
    server = await asyncio.start_server(session, "127.0.0.1", 0, limit=2**24)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(taken), flush=True)
        taken.clear()


if __name__ == "__main__":
    act, *given = sys.argv[1:]
    if act == "take":
        asyncio.run(take_mail())
    elif act == "plain":
        send_plainly(*given)
    else:
        act_for_each_line({"lane": empty_lane, "update": update_values}[act], *given)
