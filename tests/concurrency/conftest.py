"""Two people at once: two connections, each with a snapshot of its own.

``meet`` runs one person's transaction while that of another is open, the second as
Odoo runs a request: again after 40001, refused by what a check says.
"""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))
CONTEXT = {"tracking_disable": True, "lang": "en_US"}
MOST_SECONDS = 60


@pytest.fixture(scope="session")
def registry():
    """Odoo in the process of pytest, on a copy of a template."""
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    from templates import counted_copy

    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    with counted_copy() as name:
        config.parse_config(["-d", name, *options])
        registry = Registry(name)
        from odoo.addons.base.models import res_users

        # what a password costs is not tried here
        res_users.MIN_ROUNDS = 1
        yield registry
        Registry.delete(name)
        close_db(name)


@pytest.fixture
def commit(registry) -> Callable:
    """``commit(function of an environment)``: its result, after a commit."""

    def run(action):
        from odoo import SUPERUSER_ID, api

        with registry.cursor() as cr:
            return action(api.Environment(cr, SUPERUSER_ID, CONTEXT))

    return run


@dataclass
class Outcome:
    """What became of the second of two people.

    :ivar refusal: what they were told; empty: it was done
    :ivar runs: how often their request was run
    """

    refusal: str = ""
    runs: int = 0


@pytest.fixture(params=["committed", "open"])
def meet(request, registry, monkeypatch) -> Callable:
    """``meet(first, second)``: the ``Outcome`` of the second of two actions.

    The snapshot of the second is older than the commit of the first, and the second
    acts after that commit, or before it, when it has to wait.
    """
    from odoo.service import model

    # Whoever comes second need not sleep until the first is done: it is.
    monkeypatch.setattr(model, "random", SimpleNamespace(uniform=lambda *_: 0.0))
    if request.param == "committed":
        return lambda first, second: _meet_committed(registry, first, second)
    return lambda first, second: _meet_open(registry, first, second)


def _meet_committed(registry, first, second):
    outcome = Outcome()

    def commit_first():
        with registry.cursor() as cr:
            first(_environment(cr))

    _run_as_request(registry, second, outcome, commit_first)
    return outcome


def _meet_open(registry, first, second):
    outcome, has_begun, may_act, pids = Outcome(), *_events(), []

    def wait():
        has_begun.set()
        assert may_act.wait(MOST_SECONDS)

    def run():
        _run_as_request(registry, second, outcome, wait, pids)

    thread = threading.Thread(target=run)
    with registry.cursor() as cr:
        thread.start()
        assert has_begun.wait(MOST_SECONDS)
        try:
            env = _environment(cr)
            first(env)
            cr.flush()
        finally:
            may_act.set()
        _await_lock(registry, pids[0], thread)
    thread.join(MOST_SECONDS)
    assert not thread.is_alive()
    return outcome


def _events():
    return threading.Event(), threading.Event()


def _run_as_request(registry, action, outcome, between, pids=None):
    """Run ``action`` on a snapshot from before ``between``, as Odoo runs a request."""
    from odoo.exceptions import UserError
    from odoo.service.model import retrying
    from odoo.tools import mute_logger

    with registry.cursor() as cr, mute_logger("odoo.sql_db", "odoo.service.model"):
        env = _environment(cr)
        cr.execute("SELECT pg_backend_pid()")  # the snapshot
        if pids is not None:
            pids.append(cr.fetchone()[0])
        between()

        def attempt():
            outcome.runs += 1
            action(env)

        try:
            retrying(attempt, env)
        except UserError as error:
            cr.rollback()
            outcome.refusal = str(error)


def _environment(cr):
    from odoo import SUPERUSER_ID, api

    return api.Environment(cr, SUPERUSER_ID, CONTEXT)


def _await_lock(registry, pid, thread):
    """Return once the session ``pid`` waits for a lock, or has ended."""
    deadline = time.monotonic() + MOST_SECONDS
    with registry.cursor() as cr:
        while thread.is_alive() and time.monotonic() < deadline:
            cr.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid])
            if cr.fetchone()[0]:
                return
            time.sleep(0.01)
