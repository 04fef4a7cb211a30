"""One thread per server process and database that wakes at stored due times.

Odoo's crons look once a minute, later where all workers are busy. The thread sleeps
until the next due time, or until a transaction that queued something earlier notifies
it. Of all processes one does the work: the one that holds the lock.
"""

import logging
import select
import socket
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from psycopg2.pool import PoolError

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service.server import CommonServer

from .models.record.session_lock import session_unlock, try_session_lock

_logger = logging.getLogger(__name__)
LONGEST_SLEEP_SECONDS = 10.0  # what no notification tells of is looked for as often
SHORTEST_PAUSE_SECONDS = 0.2  # between sweeps that notifications lead to
LOCK_SPACE = 1_262_570_840  # of timers; runs that send have the number before
REPORT_SECONDS = 60.0  # between two reports of how the server is
REST_SECONDS = 5.0  # after the database was away
END_SECONDS = 2.0  # that a server which stops waits for a sweep
# What happens to a thread whose connections somebody else closes.
CLOSED = (psycopg2.OperationalError, psycopg2.InterfaceError, PoolError)
_timers: dict[str, "Timer"] = {}
_timers_lock = threading.Lock()


def ensure_timer(database: str) -> "Timer":
    """The thread of this process for ``database``, begun unless it runs."""
    with _timers_lock:
        timer = _timers.get(database)
        if not timer or not timer.is_alive():
            timer = _timers[database] = Timer(database)
            timer.start()
        return timer


def end_timers():
    """End the threads of this process, before its connections are closed."""
    with _timers_lock:
        running = list(_timers.values())
        _timers.clear()
    for timer in running:
        timer.end()
    for timer in running:
        timer.join(END_SECONDS)


CommonServer.on_stop(end_timers)


class Timer(threading.Thread):
    """Runs what is due of ``kpi.timer``; ends with its database, or when told to."""

    def __init__(self, database: str):
        super().__init__(daemon=True, name=f"kpi-timer-{database}")
        self.database = database
        self._mark = uuid4().hex
        self._reports_at = 0.0
        self._is_over = threading.Event()
        self._ears, self._mouth = socket.socketpair()

    def end(self):
        """Have the thread end before its next work, and not sleep until then."""
        self._is_over.set()
        self._mouth.send(b".")

    def run(self):
        while not self._is_over.is_set():
            try:
                self._serve()
            except CLOSED:
                self._is_over.wait(REST_SECONDS)
                if self._is_over.is_set() or _is_gone(self.database):
                    return
            except Exception:
                _logger.exception("KPI timer of %s", self.database)
                self._is_over.wait(REST_SECONDS)

    def _serve(self):
        """Sweep and sleep on one connection, which notifications come by."""
        with closing(sql_db.db_connect(self.database).cursor()) as cr:
            connection = cr.connection
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            cr.execute("LISTEN kpi_timer")
            while not self._is_over.is_set():
                if connection.closed:  # by whoever closes all of this process
                    raise psycopg2.InterfaceError("connection closed")
                self._report()
                if try_session_lock(cr, LOCK_SPACE, 0):
                    try:
                        self._lead(connection)
                    finally:
                        if not connection.closed:
                            session_unlock(cr, LOCK_SPACE, 0)
                else:
                    self._is_over.wait(LONGEST_SLEEP_SECONDS)

    def _lead(self, connection):
        while not self._is_over.is_set():
            self._report()
            swept_at = time.monotonic()
            moment = self._sweep()
            pause = LONGEST_SLEEP_SECONDS
            if moment:
                pause = min(pause, max((moment - _now()).total_seconds(), 0.0))
            heard, _, _ = select.select([connection, self._ears], [], [], pause)
            if heard:
                # Whoever may connect to the database notifies as often as they like.
                rest = swept_at + SHORTEST_PAUSE_SECONDS - time.monotonic()
                self._is_over.wait(max(rest, 0.0))
            connection.poll()
            connection.notifies.clear()

    def _sweep(self) -> datetime | None:
        """Do what is due; the next moment that something is."""
        return self._call("kpi.timer", "_sweep")

    def _report(self):
        """Say once a minute how this server is; what fails there stops nothing else."""
        if time.monotonic() >= self._reports_at:
            self._reports_at = time.monotonic() + REPORT_SECONDS
            try:
                self._call("kpi.server", "_report", self._mark)
            except CLOSED:
                raise
            except Exception:
                _logger.exception("KPI server on %s", self.database)

    def _call(self, model, method, *arguments):
        registry = Registry(self.database).check_signaling()
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            if model not in env:  # the addon was removed meanwhile
                self.end()
                return None
            return getattr(env[model], method)(*arguments)


def _now() -> datetime:
    # with its microseconds, as due times are waited for exactly
    return datetime.now(UTC).replace(tzinfo=None)


def _is_gone(database: str) -> bool:
    """Whether the server is there and the database is not."""
    try:
        with closing(sql_db.db_connect("postgres").cursor()) as cr:
            cr.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            return not cr.fetchone()
    except psycopg2.OperationalError:
        return False
