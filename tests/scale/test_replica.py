"""Two servers, each with a data folder of its own, and a replica that both read on."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import cycle
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

SECONDS = 30
JOBS, PAUSE, MOST_SECONDS = 200, 5, 600
KILLS = 6 if os.environ.get("KPI_LONG") else 2
# a KPI of records and one of people, which changes at a word
KPIS = """
kpis = env["kpi.definition"].create([
    {"name": "Partners", "code": "scale_partners", "computation": "records",
     "model_name": "res.partner", "date_field": "create_date",
     "history_start": "2025-01-01"},
    {"name": "Words", "code": "scale_words"},
])
kpis._track_for("company", env.company)
env.cr.commit()
"""
ENQUEUE = """
from datetime import date, timedelta
jobs = env["kpi.job"]
jobs.search([]).unlink()
jobs._set_lane_count(3)  # of which the first leaves recalculations alone
kpi = env["kpi.definition"].search([("code", "=", "scale_partners")])
for number in range(%s):
    day = date(2026, 1, 1) + timedelta(days=number)  # of other days another job
    jobs._enqueue("Recompute", "recompute", definition_ids=kpi.ids, date_from=day)
env.cr.commit()
"""
# as the next job that somebody queues; else lanes look after a minute
WAKE = "env['kpi.job']._trigger(); env.cr.commit()"
AGAIN = """
kpi = env["kpi.definition"].search([("code", "=", "scale_partners")])
env["kpi.job"]._enqueue("All", "recompute", definition_ids=kpi.ids)._run()
"""
TELL = """
from datetime import date
report = env["kpi.report"].search([("definition_id.code", "=", "scale_words")])
day = date(2026, 1, 1)
env["kpi.measurement"]._upsert("month", [(report.id, day, 7.0)], source="manual")
env.cr.commit()
print("report", report.id)
"""
FACTS = """
    SELECT count(*) - count(DISTINCT (report_id, grain, period_start)),
           count(*), sum(value)
      FROM kpi_measurement AS fact
     WHERE report_id IN (SELECT report.id FROM kpi_report AS report
                           JOIN kpi_definition AS kpi ON kpi.id = definition_id
                          WHERE kpi.code = 'scale_partners')
"""
SLOW = """
ALTER TABLE kpi_team RENAME TO kpi_team_rows;
CREATE VIEW kpi_team AS
SELECT team.* FROM kpi_team_rows AS team, (SELECT pg_sleep(2)) AS pause
"""
IS_SLOW = "SELECT count(*) FROM pg_views WHERE viewname = 'kpi_team'"
FAST = "DROP VIEW kpi_team; ALTER TABLE kpi_team_rows RENAME TO kpi_team"
READERS = """
SELECT count(*) FROM pg_stat_activity
 WHERE state = 'active' AND wait_event = 'PgSleep' AND query LIKE '%kpi_team%'
"""
CANCELLED = """
SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = current_database()
"""
REPORT = """
env["kpi.server"]._report({mark!r})
env.cr.commit()
"""
AMISS = """
import time
from odoo import release
now = time.time
time.time = lambda: now() + 10  # the clock of another machine
release.version = "19.0+other"
"""
PAGE = """
import json
admin = env.ref("base.user_admin")
print("page", json.dumps(env["kpi.server"].with_user(admin).get_page()))
"""
FORGET = "env.cr.execute('DELETE FROM kpi_server'); env.cr.commit()"
FILE = """
env["ir.attachment"].create({"name": "a", "raw": b"on one of two servers"})
env.cr.execute("UPDATE ir_attachment SET create_date = create_date - interval '1 day'")
env.cr.commit()
"""
# a key that may ask five times a minute
KEY = """
from datetime import datetime, timedelta
keys = env["kpi.api.key"].with_user(env.ref("base.user_admin"))
values = {"name": "Five", "scope_ids": [(6, 0, env["kpi.api.scope"].search([]).ids)]}
text, key = keys._generate(values, datetime.now() + timedelta(days=1))
env.cr.execute("UPDATE kpi_api_key SET requests_per_minute = 5 WHERE id = %s", key.ids)
env.cr.commit()
print("key", text)
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two servers, of which the first serves requests, and their replica."""
    from replicated import Server, replicated

    folder = tmp_path_factory.mktemp("servers")
    with replicated() as (database, replica):
        servers = [Server(database, replica, folder / name) for name in "ab"]
        try:
            servers[0].shell(FORGET + KPIS)
            for server in servers:
                server.start()
            yield *servers, replica
        finally:
            for server in servers:
                if server.process:
                    server.stop()


def wait_until(is_so, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


@pytest.fixture
def team(pair):
    """A team that the replica has, and whoever asks for it at the first server."""
    server, _other, _replica = pair
    server.log_in()
    team = server.call("kpi.team", "create", [{"name": "Before"}])[0]
    rows = f"SELECT count(*) FROM kpi_team WHERE id = {team}"
    wait_until(lambda: pair[2].execute(rows) == "1")
    return team


def test_an_own_change_is_seen_while_the_replica_is_paused(pair, team):
    server, other, replica = pair
    other.log_in()
    replica.execute("SELECT pg_wal_replay_pause()")
    try:
        other.call("kpi.team", "write", [team], {"name": "After"})
        assert server.read_name(team) == "Before"  # it does come from the replica
        assert server.read_name(team, kpi_fresh=True) == "After"
        assert other.read_name(team, kpi_fresh=True) == "After"
    finally:
        replica.execute("SELECT pg_wal_replay_resume()")
    wait_until(lambda: server.read_name(team) == "After")


def test_sessions_that_end_on_the_replica_are_no_fault(pair, team):
    server, _other, replica = pair
    wait_until(lambda: server.read_name(team) == "Before")
    replica.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'odoo' AND application_name LIKE 'odoo-%'"
    )
    assert [server.read_name(team) for _time in range(4)] == ["Before"] * 4


def test_a_read_that_recovery_cancels_is_answered(pair, team):
    """While it runs on the replica, its table is locked on the primary."""
    import databases

    server, _other, replica = pair
    with ExitStack() as stack:
        replica.execute("ALTER SYSTEM SET max_standby_streaming_delay = 0")
        replica.execute("SELECT pg_reload_conf()")
        stack.callback(replica.execute, "SELECT pg_reload_conf()")
        reset = "ALTER SYSTEM RESET max_standby_streaming_delay"
        stack.callback(replica.execute, reset)
        connection = stack.enter_context(closing(databases.connect(server.database)))
        connection.autocommit = True
        execute = connection.cursor().execute
        execute(SLOW)
        stack.callback(execute, FAST)
        wait_until(lambda: replica.execute(IS_SLOW) == "1")
        reading = stack.enter_context(ThreadPoolExecutor(1)).submit(
            server.read_name, team
        )
        wait_until(lambda: replica.execute(READERS) == "1")
        execute("BEGIN; LOCK TABLE kpi_team_rows IN ACCESS EXCLUSIVE MODE; COMMIT")
        assert reading.result() == "Before"
        assert replica.execute(CANCELLED) == "1"


def test_two_servers_share_the_limit_of_a_key(pair):
    from urllib.error import HTTPError
    from urllib.request import Request

    server, other, _replica = pair
    (line,) = [row for row in server.shell(KEY).splitlines() if "key " in row]
    header = {"Authorization": f"Bearer {line.split()[-1]}"}

    def status(each):
        try:
            request = Request(f"{each.url}/api/kpi/health", headers=header)
            with each.opener.open(request, timeout=SECONDS) as answer:
                return answer.status
        except HTTPError as error:
            return error.code

    found = [status(each) for _turn in range(5) for each in (server, other)]
    assert found[:5] == [200] * 5
    assert set(found[6:]) <= {429}  # a token may have come back meanwhile


def page_after(server, code):
    """The page *Servers* of an administrator once the code was run."""
    output = server.shell(code + PAGE)
    (line,) = [row for row in output.splitlines() if "page {" in row]
    return json.loads(line.partition("page ")[2])


def test_what_servers_do_not_share_is_named(pair):
    server, other, replica = pair
    server.options.append(f"--http-port={server.port}")
    other.options.append(f"--http-port={other.port}")
    server.shell(FILE + REPORT.format(mark="one"))
    page = page_after(other, AMISS + REPORT.format(mark="two"))
    names = {each["name"].split(":")[1]: each for each in page["servers"]}
    first, second = names[str(server.port)], names[str(other.port)]
    problems = page["problems"]
    assert problems["files"] == problems["clock"] == [second["name"]]
    assert second["name"] in problems["sessions"]
    assert len(problems["release"]) == 1
    assert not problems.keys() & {"silent", "pooled", "replica"}
    assert first["replica"] == second["replica"] == replica.host
    assert first["replica_behind"] < 5
    # in one folder all have everything
    other.options.append(f"--data-dir={server.folder}")
    other.shell(REPORT.format(mark="two"))
    problems = page_after(server, REPORT.format(mark="one"))["problems"]
    assert not problems.keys() & {"files", "sessions", "clock", "release"}


def test_a_change_at_one_server_is_heard_at_the_other(pair):
    import websocket

    server, other, _replica = pair
    server.log_in()
    cookies = "; ".join(f"{each.name}={each.value}" for each in server.cookies)
    address = f"127.0.0.1:{server.live_port}"
    company = server.call("res.company", "search", [], limit=1)[0]
    channel = f"kpi_tracking.company_{company}"
    with closing(
        websocket.create_connection(
            f"ws://{address}/websocket",
            origin=f"http://{address}",
            cookie=cookies,
            timeout=SECONDS,
        )
    ) as socket:
        asked = {"channels": [channel], "last": 0}
        socket.send(json.dumps({"event_name": "subscribe", "data": asked}))
        time.sleep(1)  # nobody says that it is listening
        told = other.shell(TELL).split("report ")[1]
        heard = []
        while "kpi_tracking.measured" not in heard:
            messages = json.loads(socket.recv())
            heard += [each["message"]["type"] for each in messages]
            bodies = [each["message"]["payload"] for each in messages]
    assert {"report_ids": [int(told)]} in bodies


def test_200_jobs_end_while_servers_are_killed(pair):
    """Each turn one of two, and the server of the database once."""
    *servers, replica = pair
    servers[0].shell(ENQUEUE % JOBS)
    for server in servers:
        server.stop()
        server.options.append("--max-cron-threads=2")
        server.start()
    for turn, server in zip(range(KILLS), cycle(servers), strict=False):
        time.sleep(PAUSE)
        server.kill()
        server.start()
        if turn == KILLS // 2:
            replica.postgres.control("restart")
    server.shell(WAKE)
    left = "SELECT count(*) FROM kpi_job WHERE kind = 'recompute' AND state <> 'done'"
    wait_until(lambda: server.rows(left) == [(0,)], MOST_SECONDS)
    steps = "SELECT DISTINCT step_done_count - step_count FROM kpi_job"
    assert server.rows(f"{steps} WHERE kind = 'recompute'") == [(0,)]
    ((doubled, *facts),) = server.rows(FACTS)
    assert doubled == 0
    server.shell(AGAIN)
    assert server.rows(FACTS) == [(0, *facts)]


def test_a_replica_that_leaves_is_named(pair, team):
    """Last, as it does not come back."""
    server, _other, replica = pair
    replica.control("promote")  # it follows nobody any more
    server.call("kpi.team", "write", [team], {"name": "After"})
    assert server.read_name(team, kpi_fresh=True) == "After"
    replica.control("stop --mode immediate")
    assert page_after(server, REPORT.format(mark="one"))["problems"]["replica"]
