"""The thread that wakes at due times: exact, one at a time, not ended by anything."""

import select
import threading
import time
from contextlib import closing
from datetime import timedelta
from importlib import import_module

import pytest
from fault_processes import killed_at_last, start, wait_for
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from odoo import SUPERUSER_ID, api, fields, sql_db

SHARES_DATABASE = True
SECONDS = 30


@pytest.fixture
def database(registry):
    """An empty outbox, and triggers that nobody has asked for."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["kpi.delivery"].search([]).unlink()
        env["ir.cron.trigger"].search([]).unlink()
    return registry


@pytest.fixture
def module(registry):
    """The module of the thread, which a registry makes importable."""
    return import_module("odoo.addons.kpi_base.timer")


@pytest.fixture
def timer(database, module, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_SLEEP_SECONDS", 1.0)
    running = module.Timer(database.db_name)
    yield running
    running.end()
    running.join(SECONDS)


def queue(registry, key, **values):
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        message = {"key": key, "user_id": SUPERUSER_ID, "subject": key, "body": key}
        env["kpi.delivery"]._queue([{**message, **values}])
        cr.postcommit.clear()  # who queues wakes the workers; here the timer is to


class Workers:
    """Cron workers of one database, as they listen."""

    def __init__(self, connection, database):
        self.connection = connection
        self.database = database

    def wait(self):
        """Seconds until they are woken."""
        started = time.monotonic()
        while not self._hear(started + SECONDS - time.monotonic()):
            assert time.monotonic() - started < SECONDS, "nobody woke the workers"
        return time.monotonic() - started

    def forget(self, seconds):
        """Wait, and do not mind who wakes them meanwhile."""
        time.sleep(seconds)
        while self._hear(0.0):
            pass

    def _hear(self, seconds):
        select.select([self.connection], [], [], max(seconds, 0.0))
        self.connection.poll()
        heard = [each.payload for each in self.connection.notifies]
        self.connection.notifies.clear()
        return self.database in heard


@pytest.fixture
def workers(database):
    with closing(sql_db.db_connect("postgres").cursor()) as cr:
        cr.connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        cr.execute("LISTEN cron_trigger")
        yield Workers(cr.connection, database.db_name)


def test_a_due_time_is_met(database, timer, workers):
    due = fields.Datetime.now() + timedelta(seconds=5)
    queue(database, "later", scheduled_at=due)
    timer.start()
    workers.forget(2)  # of what other tests have left
    workers.wait()
    late = (fields.Datetime.now() - due).total_seconds()
    assert 0 <= late <= 2


def test_what_is_queued_wakes_it(database, timer, workers, module, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_SLEEP_SECONDS", 10.0)
    swept = threading.Event()
    sweep = timer._sweep

    def note():
        moment = sweep()
        swept.set()
        return moment

    timer._sweep = note
    timer.start()
    assert swept.wait(SECONDS)
    queue(database, "now")
    assert workers.wait() < 2


def test_notifications_are_hints(database, timer, module, monkeypatch):
    """Whoever logs in to the database notifies as often as they like."""
    monkeypatch.setattr(module, "LONGEST_SLEEP_SECONDS", 10.0)
    swept = []
    sweep = timer._sweep
    timer._sweep = lambda: (swept.append(time.monotonic()), sweep())[1]
    timer.start()
    wait_until(lambda: swept)
    time.sleep(1)
    del swept[:]
    with closing(sql_db.db_connect(database.db_name).cursor()) as cr:
        cr.connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        ends_at = time.monotonic() + 2
        while time.monotonic() < ends_at:
            cr.execute("NOTIFY kpi_timer, 'anything'")
            time.sleep(0.01)
    time.sleep(1)
    assert 2 <= len(swept) <= 2 / module.SHORTEST_PAUSE_SECONDS + 2
    assert swept[-1] > ends_at - 0.1, "the last one is looked at, too"


def test_a_new_attempt_is_met_that_a_run_has_set(database, timer, workers):
    """A trigger of that moment is there already, and wakes nobody."""
    timer.start()
    queue(database, "tried")
    workers.wait()
    due = fields.Datetime.now() + timedelta(seconds=5)
    with database.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["kpi.delivery"].search([]).write({"due_at": due, "attempt_count": 1})
        env["ir.cron.trigger"].search([]).unlink()
        env["kpi.delivery"]._wake_for_next("urgent")
    workers.forget(1.5)  # it was due until now
    workers.wait()
    assert 0 <= (fields.Datetime.now() - due).total_seconds() <= 2


def test_a_sweep_that_fails_stops_no_other(database, monkeypatch, caplog):
    timers = database["kpi.timer"]
    monkeypatch.setattr(
        timers,
        "_get_sweeps",
        lambda _self: {"res.lang": "_no_such_method", "kpi.delivery": "_sweep_due"},
    )
    due = fields.Datetime.now() + timedelta(hours=1)
    queue(database, "later", scheduled_at=due)
    with database.cursor() as cr:
        moment = api.Environment(cr, SUPERUSER_ID, {})["kpi.timer"]._sweep()
    assert moment == due
    assert "_no_such_method" in caplog.text
    with database.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        run = find_run_of_timer(env)
        assert run.state == "failed" and run.error.startswith("res.lang: ")
        monkeypatch.undo()
        env["kpi.timer"]._sweep()
        assert run.state == "done"
        run.unlink()


def find_run_of_timer(env):
    """The run of the timer that failed last."""
    cron = env.ref("kpi_base.kpi_timer_cron")
    return env["kpi.job"].search([("cron_id", "=", cron.id)], limit=1)


def break_connection(registry, module):
    """End the session that works; the number of those found."""
    with registry.cursor() as cr:
        cr.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
            (module.LOCK_SPACE,),
        )
        return cr.rowcount


def test_it_goes_on_when_its_connection_breaks(
    database, timer, workers, module, monkeypatch
):
    monkeypatch.setattr(module, "REST_SECONDS", 0.1)
    timer.start()
    queue(database, "first")
    workers.wait()
    assert break_connection(database, module) == 1
    queue(database, "second")
    workers.wait()
    assert timer.is_alive()


def test_one_of_two_processes_works_and_the_other_takes_over(
    database, timer, workers, module, monkeypatch
):
    monkeypatch.setattr(module, "LONGEST_SLEEP_SECONDS", 0.5)
    with killed_at_last(start(database.db_name, "timer")) as first:
        wait_for(first, "leads")
        led = threading.Event()
        lead = timer._lead
        timer._lead = lambda connection: (led.set(), lead(connection))
        timer.start()
        assert not led.wait(2)
        first.kill()
        assert led.wait(SECONDS)
        queue(database, "after")
        workers.wait()


def test_it_ends_with_its_database(database, timer, workers, module, monkeypatch):
    monkeypatch.setattr(module, "REST_SECONDS", 0.1)
    monkeypatch.setattr(module, "_is_gone", lambda _database: True)
    timer.start()
    queue(database, "first")
    workers.wait()
    break_connection(database, module)
    timer.join(SECONDS)
    assert not timer.is_alive()


def test_a_server_that_stops_waits_for_it_and_hears_nothing(
    database, module, monkeypatch, caplog
):
    monkeypatch.setattr(module, "LONGEST_SLEEP_SECONDS", 60.0)
    led = threading.Event()
    lead = module.Timer._lead
    monkeypatch.setattr(
        module.Timer, "_lead", lambda timer, *given: (led.set(), lead(timer, *given))
    )
    timer = module.ensure_timer(database.db_name)
    assert led.wait(SECONDS)
    assert module.end_timers in module.CommonServer._on_stop_funcs
    module.end_timers()
    assert not timer.is_alive()
    sql_db.close_db(database.db_name)
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


@pytest.mark.parametrize("leads", [True, False])
def test_connections_that_are_closed_are_no_error(
    database, timer, module, monkeypatch, caplog, leads
):
    """A server with several databases closes those of each after its crons."""
    monkeypatch.setattr(module, "REST_SECONDS", 0.1)
    served = []
    serve = timer._serve
    timer._serve = lambda: (served.append(True), serve())
    tried, swept = [], []
    monkeypatch.setattr(
        module, "try_session_lock", lambda *_given: tried.append(True) or leads
    )
    sweep = timer._sweep

    def note_sweep():
        moment = sweep()
        swept.append(True)
        return moment

    timer._sweep = note_sweep
    timer.start()
    # Odoo logs statements whose connection goes meanwhile: not while one sweeps.
    wait_until(lambda: swept if leads else tried)
    sql_db.close_db(database.db_name)
    wait_until(lambda: len(served) > 1)
    assert timer.is_alive()
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def wait_until(is_so):
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < SECONDS, "it did not come"
        time.sleep(0.05)
