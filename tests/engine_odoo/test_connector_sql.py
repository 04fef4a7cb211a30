"""Programs that read by SQL: what a login of PostgreSQL reaches, and when no more."""

import json
import os
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from datetime import date

import psycopg2
import pytest
from psycopg2 import errors

from own_cluster import database_in_own_cluster

GROUP = "kpi_base.kpi_base_group_%s"
JANUARY = date(2025, 1, 1)
HBA = "local all odoo,postgres peer map=kpi\nlocal all all scram-sha-256\n"
# What a login has no use for, in all the ways to ask for it.
FORBIDDEN = (
    # rows of others
    "SELECT * FROM public.kpi_measurement",
    "SELECT * FROM public.kpi_bi_facts",
    "SELECT * FROM public.kpi_bi_people",
    "SELECT * FROM public.res_users",
    "SELECT * FROM public.ir_config_parameter",
    "SELECT * FROM public.ir_attachment",
    "SELECT * FROM public.kpi_mcp_cursor",
    "SELECT * FROM public.kpi_oauth_token",
    "SELECT * FROM kpi_bi.allowed",
    "TABLE public.kpi_report",
    "COPY public.res_users TO STDOUT",
    "BEGIN; DECLARE mine CURSOR FOR SELECT * FROM public.res_users",
    "SELECT table_to_xml('public.res_users', TRUE, TRUE, '')",
    "DO $$ BEGIN PERFORM * FROM public.res_users; END $$",
    # passwords, and what the server knows
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_user_mapping",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_largeobject",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT * FROM pg_file_settings",
    # files and programs of the server
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_stat_file('.')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "COPY kpi_bi.allowed FROM '/etc/passwd'",
    "LOAD 'auto_explain'",
    # writing
    "INSERT INTO kpi_bi.allowed SELECT session_user, id, 1 FROM kpi_bi.kpis",
    "UPDATE kpi_bi.allowed SET user_id = 1",
    "TRUNCATE kpi_bi.allowed",
    "DELETE FROM kpi_bi.facts",
    "UPDATE kpi_bi.facts SET value = 0",
    "INSERT INTO kpi_bi.kpis (id) VALUES (1)",
    "SELECT * FROM kpi_bi.facts FOR UPDATE",
    "INSERT INTO public.kpi_measurement DEFAULT VALUES",
    "TRUNCATE public.kpi_measurement",
    "WITH gone AS (DELETE FROM public.kpi_report RETURNING 1) SELECT * FROM gone",
    "EXPLAIN ANALYZE DELETE FROM public.kpi_report",
    "PREPARE mine AS DELETE FROM public.kpi_report; EXECUTE mine",
    "DO $$ BEGIN DELETE FROM public.kpi_report; END $$",
    "SELECT nextval('public.res_users_id_seq')",
    "SELECT setval('public.res_users_id_seq', 1)",
    # making things
    "CREATE TABLE kpi_bi.mine (id int)",
    "CREATE TABLE public.mine AS SELECT 1",
    "SELECT 1 AS id INTO public.mine",
    "CREATE VIEW public.mine AS SELECT 1",
    "CREATE MATERIALIZED VIEW public.mine AS SELECT 1",
    "CREATE SEQUENCE public.mine",
    "CREATE TYPE public.mine AS (id int)",
    # Odoo lets every role create in its databases: a function there that is called
    # like one of PostgreSQL, Odoo's own queries would run.
    "CREATE FUNCTION public.lower(varchar) RETURNS int LANGUAGE sql RETURN 1",
    "CREATE TEMP TABLE mine (id int)",
    "SELECT 1 AS id INTO TEMP mine",
    "CREATE SCHEMA mine",
    "CREATE DATABASE mine",
    "CREATE TABLESPACE mine LOCATION '/tmp'",
    "CREATE PUBLICATION mine",
    "CREATE FOREIGN DATA WRAPPER mine",
    "CREATE EXTENSION postgres_fdw",
    # changing those there are
    "CREATE INDEX ON public.kpi_measurement (value)",
    "CREATE POLICY mine ON public.kpi_measurement",
    "ALTER TABLE kpi_bi.facts OWNER TO current_user",
    "ALTER VIEW kpi_bi.facts SET (security_barrier = false)",
    "ALTER SCHEMA kpi_bi RENAME TO mine",
    "DROP VIEW kpi_bi.facts",
    "DROP TABLE public.kpi_measurement",
    "COMMENT ON TABLE public.kpi_measurement IS 'mine'",
    "REINDEX TABLE public.kpi_measurement",
    # rights
    "SET ROLE odoo",
    "SET SESSION AUTHORIZATION odoo",
    "CREATE ROLE mine",
    "ALTER ROLE odoo PASSWORD 'x'",
    "ALTER ROLE CURRENT_USER CREATEDB",
    "ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
    "GRANT odoo TO CURRENT_USER",
    "GRANT SELECT ON public.res_users TO CURRENT_USER",
    "GRANT SELECT ON kpi_bi.allowed TO PUBLIC",
    # what would stop all timers, and what fills the disk
    "BEGIN; LOCK TABLE kpi_bi.facts IN ACCESS EXCLUSIVE MODE",
    "BEGIN; LOCK TABLE public.kpi_report IN ACCESS SHARE MODE",
    "SELECT pg_advisory_lock(1262570840, 0)",
    "SELECT pg_advisory_xact_lock(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock_shared(1)",
    "SELECT lo_from_bytea(0, 'stored')",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_put(1, 0, 'stored')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/mine')",
    "SELECT pg_logical_emit_message(FALSE, 'kpi', 'stored')",
    "SELECT pg_logical_emit_message(TRUE, 'kpi', 'stored')",
    # the server
    "ALTER SYSTEM SET work_mem = '1GB'",
    "SET session_replication_role = replica",
    "SET log_statement = 'none'",
    "CHECKPOINT",
    "SELECT pg_reload_conf()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_switch_wal()",
    "SELECT pg_stat_reset()",
    "SELECT pg_create_restore_point('mine')",
    "SELECT pg_create_physical_replication_slot('mine')",
)
# The ways to lift what makes a login read only, all of which PostgreSQL leaves to it.
LIFTED = (
    "SET default_transaction_read_only = off",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "BEGIN READ WRITE",
    "BEGIN; SET TRANSACTION READ WRITE",
)
WRITES = (
    "DELETE FROM kpi_bi.facts",
    "DELETE FROM public.kpi_measurement",
    "CREATE TABLE public.mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "SELECT lo_create(0)",
)
REFUSED = (
    errors.InsufficientPrivilege,
    errors.ObjectNotInPrerequisiteState,
    errors.FeatureNotSupported,
)
LOCK = "GRANT EXECUTE ON FUNCTION pg_advisory_lock(int, int)"
SPY = """
    CREATE FUNCTION pg_temp.spy(number float8) RETURNS bool COST 0.0000001
    LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'seen %', number; RETURN TRUE; END $$
"""


@pytest.fixture(scope="module")
def postgres():
    """Odoo in the process of pytest, in a PostgreSQL server that asks passwords."""
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    with database_in_own_cluster() as (database, cluster):
        (home,) = cluster.home.glob("postgres-*")
        (home / "pg_hba.conf").write_text(HBA)
        config.parse_config(["-d", database, "--no-http", "--max-cron-threads=0"])
        server = Server(database, cluster)
        server.as_dba("SELECT pg_reload_conf()")
        server.registry = Registry(database)
        try:
            yield server
        finally:
            close_db(database)
            Registry.delete(database)


class Server:
    def __init__(self, database, cluster):
        self.database, self.cluster = database, cluster
        self.passwords = {}

    def as_dba(self, sql):
        command = ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
        done = subprocess.run(
            [*command, self.database], input=sql, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def env(self):
        """As a request: committed at the end."""
        from odoo import SUPERUSER_ID, api

        with self.registry.cursor() as cr:
            yield api.Environment(
                cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True}
            )

    def sweep(self):
        with self.env() as env:
            env["kpi.bi.schema"]._sweep_allowed()

    def connect(self, connector_id):
        login, password = self.passwords[connector_id]
        connection = psycopg2.connect(
            dbname=self.database, user=login, password=password
        )
        connection.autocommit = True
        return closing(connection)

    def ask(self, connector_id, sql):
        with self.connect(connector_id) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def give_password(self, connector_id):
        """A password, and the script that is run unless Odoo did."""
        with self.env() as env:
            connector = env["kpi.bi.connector"].browse(connector_id)
            shown = connector.with_user(connector.owner_id)._make_password()
        self.passwords[connector_id] = shown["default_login"], shown["default_password"]
        script = shown["default_script"]
        if script:
            assert shown["default_password"] not in script
            self.as_dba(script)
        return script


@pytest.fixture(scope="module")
def world(postgres):
    """Ids: connectors of an officer and of a user, and a KPI of each of three kinds."""
    from odoo.tests import new_test_user

    with postgres.env() as env:
        other = env["res.company"].create({"name": "Other"})
        officer = new_test_user(env, "sql_officer", GROUP % "officer")
        user = new_test_user(env, "sql_user", GROUP % "user")
        kpi = env["kpi.definition"].create({"name": 'Calls "%s" \\ =cmd'})
        reports = {
            "company": kpi._track_for("company", env.company),
            "own": kpi._track_for("user", user),
            "other": env["kpi.definition"]
            .create({"name": "Elsewhere", "company_id": other.id})
            ._track_for("company", other),
        }
        kpi.calendar_id._ensure_days(JANUARY, JANUARY)  # as all that records values
        for at, report in enumerate(reports.values()):
            env["kpi.measurement"]._upsert(
                "month", [(report.id, JANUARY, 10.5 + at)], source="api"
            )
        for name, reader in ("for all", False), ("personal", user.id):
            rule = env["kpi.smart.alert"].create(
                {"name": name, "report_ids": reports["own"].ids}
            )
            env["kpi.alert.event"].create(
                {
                    "alert_id": rule.id,
                    "rule_name": name,
                    "report_id": reports["own"].id,
                    "alert_type": rule.alert_type,
                    "severity": rule.severity,
                    "grain": "month",
                    "period_start": JANUARY,
                    "fired_at": "2025-02-01 10:00:00",
                    "personal_user_id": reader,
                }
            )
        connectors = {
            person.login: env["kpi.bi.connector"]
            .create({"name": "SQL", "connector_type": "odbc", "owner_id": person.id})
            .id
            for person in (officer, user)
        }
        found = {name: report.id for name, report in reports.items()} | connectors
    for connector in connectors.values():
        script = postgres.give_password(connector)
        assert script, "this role of Odoo's makes no roles"
    return found


@pytest.mark.long
def test_two_owners_read_what_odata_gives_them(postgres, world):
    from odoo.addons.kpi_tracking_connector.engine.odata.options import read_options
    from odoo.addons.kpi_tracking_connector.models.kpi_bi_feed import SETS

    for login in ("sql_officer", "sql_user"):
        for name, of in SETS.items():
            if name == "Summaries":
                continue
            with postgres.env() as env:
                feed = env["kpi.bi.connector"].browse(world[login])._get_feed()
                page = feed._read_page(of, read_options([], of))
            expected = json.loads(b"[" + page.rows + b"]")
            found = postgres.ask(
                world[login], f"SELECT row_to_json(x) FROM kpi_bi.{name} AS x"
            )
            known = {json.dumps(row, sort_keys=True) for (row,) in found}
            assert known == {json.dumps(row, sort_keys=True) for row in expected}
    three = [str(world[name]) for name in ("company", "own", "other")]
    facts = f"SELECT kpi_id, value FROM facts WHERE kpi_id IN ({', '.join(three)})"
    assert dict(postgres.ask(world["sql_officer"], facts)) == {
        world["company"]: 10.5,
        world["own"]: 11.5,
    }
    assert dict(postgres.ask(world["sql_user"], facts)) == {world["own"]: 11.5}
    # those with KPIs, and those responsible for them
    people = "SELECT split_part(name, ' ', 1) FROM people WHERE name LIKE 'sql_%'"
    assert ("sql_officer",) not in postgres.ask(world["sql_user"], people)
    assert ("sql_user",) in postgres.ask(world["sql_user"], people)
    assert ("Other",) not in postgres.ask(
        world["sql_officer"], "SELECT name FROM companies"
    )
    named = (
        "SELECT kpi, split_part(person, ' ', 1), currency, period_stop, status"
        " FROM facts"
    )
    own = ('Calls "%s" \\ =cmd', "sql_user", "USD", date(2025, 2, 1), "no_target")
    assert postgres.ask(world["sql_user"], named) == [own]
    rules = "SELECT rule FROM alerts ORDER BY 1"
    assert postgres.ask(world["sql_officer"], rules) == [("for all",)]
    assert postgres.ask(world["sql_user"], rules) == [("for all",), ("personal",)]


def test_psql_reads_them_too(postgres, world):
    login, password = postgres.passwords[world["sql_user"]]
    done = subprocess.run(
        ["psql", "-qAt", "-U", login, postgres.database],
        input="SELECT kpi_id, value FROM facts",
        env={**os.environ, "PGPASSWORD": password},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [f"{world['own']}|11.5"], done.stderr


def test_odbc_reads_them_too(postgres, world):
    pyodbc = pytest.importorskip("pyodbc")
    drivers = [name for name in pyodbc.drivers() if name.startswith("PostgreSQL")]
    if not drivers:
        pytest.skip("psqlODBC is not installed")
    found = {}
    for person in ("sql_officer", "sql_user"):
        login, password = postgres.passwords[world[person]]
        line = (
            f"DRIVER={{{drivers[0]}}};DATABASE={postgres.database};UID={login};"
            f"PWD={password};SERVER={os.environ['PGHOST']};"
            f"PORT={os.environ.get('PGPORT', 5432)}"
        )
        with closing(pyodbc.connect(line, autocommit=True)) as connection:
            rows = connection.execute("SELECT kpi_id, value FROM facts").fetchall()
        found[person] = dict(map(tuple, rows))
    own = {world["own"]: 11.5}
    assert found == {"sql_officer": {world["company"]: 10.5, **own}, "sql_user": own}


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_a_login_reaches_nothing_else(postgres, world, sql):
    with postgres.connect(world["sql_officer"]) as connection:
        cursor = connection.cursor()
        cursor.execute("SET default_transaction_read_only = off")
        with pytest.raises(REFUSED):
            cursor.execute(sql)


def test_read_only_is_no_right(postgres, world):
    """Lifted in any way, a login writes no more than before."""
    number = world["sql_user"]
    for lifted in LIFTED:
        for sql in WRITES:
            with postgres.connect(number) as connection:
                cursor = connection.cursor()
                cursor.execute(lifted)
                with pytest.raises(REFUSED):
                    cursor.execute(sql)


def test_a_login_sets_its_own_password_and_settings_and_no_more(postgres, world):
    """PostgreSQL cannot forbid these; the next password ends them."""
    number = world["sql_user"]
    login, _password = postgres.passwords[number]
    end = f"SELECT rolvaliduntil, rolconnlimit FROM pg_roles WHERE rolname = '{login}'"
    before = postgres.as_dba(end)
    facts = "SELECT kpi_id, value FROM facts"
    rows = postgres.ask(number, facts)
    with postgres.connect(number) as connection:
        cursor = connection.cursor()
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute(f"ALTER ROLE {login} PASSWORD 'mine'")
        for setting in ("default_transaction_read_only = off", "statement_timeout = 0"):
            cursor.execute(f"ALTER ROLE {login} SET {setting}")
    postgres.passwords[number] = login, "mine"
    assert postgres.ask(number, "SHOW default_transaction_read_only") == [("off",)]
    assert postgres.ask(number, facts) == rows
    for sql in WRITES:
        with pytest.raises(REFUSED):
            postgres.ask(number, sql)
    assert postgres.as_dba(end) == before
    postgres.give_password(number)
    assert postgres.ask(number, "SHOW default_transaction_read_only") == [("on",)]
    assert postgres.ask(number, "SHOW statement_timeout") == [("10min",)]
    new, postgres.passwords[number] = postgres.passwords[number], (login, "mine")
    with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
        postgres.connect(number)
    postgres.passwords[number] = new


def test_odoo_locks_where_logins_may_not(postgres, world):
    held = "SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
    named = "proname ~ '^(lo_|loread|lowrite|pg_(try_)?advisory_)'"
    may = "has_function_privilege(%s, oid, 'EXECUTE')"
    login, _password = postgres.passwords[world["sql_user"]]
    with postgres.env() as env:
        env.cr.execute(f"{held} AND {named} AND {may}", [login])
        assert not env.cr.fetchall()
        env.cr.execute(f"{held} AND {named} AND NOT {may}", ["odoo"])
        # which read and write files of the server: for superusers, as ever
        assert {name for (name,) in env.cr.fetchall()} == {"lo_import", "lo_export"}
        env.cr.execute("SELECT pg_try_advisory_xact_lock(1)")
        assert env.cr.fetchone() == (True,)


def test_no_function_and_no_path_sees_rows_of_others(postgres, world):
    temporary = f'TEMP ON DATABASE "{postgres.database}"'
    postgres.as_dba(f"GRANT {temporary} TO PUBLIC")
    with postgres.connect(world["sql_user"]) as connection:
        cursor = connection.cursor()
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute(SPY)
        cursor.execute("SELECT count(*) FROM kpi_bi.facts WHERE pg_temp.spy(value)")
        assert cursor.fetchone() == (1,)
        seen = [line for line in connection.notices if "seen" in line]
        assert len(seen) == 1, seen
        # what the name of a function or table means is decided when a view is made
        cursor.execute("CREATE TEMP TABLE kpi_measurement (report_id int)")
        cursor.execute("CREATE TEMP TABLE allowed (login name, report_id int)")
        cursor.execute("SET search_path = pg_temp, public, kpi_bi")
        cursor.execute("SELECT count(*) FROM kpi_bi.facts")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename ~ 'kpi_|allowed'")
        assert cursor.fetchone() == (0,)
    postgres.as_dba(f"REVOKE {temporary} FROM PUBLIC")


def test_a_login_has_limits(postgres, world):
    number = world["sql_user"]
    settings = dict(
        postgres.ask(
            number,
            "SELECT name, setting FROM pg_settings WHERE name IN"
            " ('default_transaction_read_only', 'statement_timeout', 'search_path')",
        )
    )
    assert settings == {
        "default_transaction_read_only": "on",
        "search_path": "kpi_bi",
        "statement_timeout": "600000",
    }
    with pytest.raises(errors.ReadOnlySqlTransaction):
        postgres.ask(number, "CREATE TEMP TABLE mine (id int)")
    open_ones = [postgres.connect(number) for _time in range(5)]
    try:
        with pytest.raises(psycopg2.OperationalError, match="too many connections"):
            postgres.connect(number)
    finally:
        for each in open_ones:
            each.__exit__(None, None, None)
    login, _password = postgres.passwords[number]
    postgres.as_dba(f"ALTER ROLE {login} VALID UNTIL '2020-01-01'")
    with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
        postgres.connect(number)
    with postgres.env() as env:
        state = env["kpi.bi.connector"].browse(number).login_state
        assert "The password has expired. Create a new one." in state
    old = postgres.passwords[number]
    postgres.give_password(number)
    new, postgres.passwords[number] = postgres.passwords[number], old
    with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
        postgres.connect(number)
    postgres.passwords[number] = new
    assert postgres.ask(number, "SELECT count(*) FROM facts") == [(1,)]


def test_too_much_is_said(postgres, world):
    number = world["sql_user"]
    login, _password = postgres.passwords[number]
    postgres.as_dba(
        f"ALTER ROLE {login} CREATEDB CONNECTION LIMIT -1; REVOKE {login} FROM odoo;"
        " GRANT CREATE ON SCHEMA public TO PUBLIC; CREATE TABLE open_to_all (id int);"
        " GRANT SELECT ON open_to_all TO PUBLIC; GRANT TEMP ON DATABASE"
        f' "{postgres.database}" TO PUBLIC; {LOCK} TO PUBLIC'
    )
    with postgres.env() as env:
        state = env["kpi.bi.connector"].browse(number).login_state
    assert state.splitlines() == [
        "The role has more than read access.",
        "The role lacks required limits. Rerun the script.",
        "Odoo cannot stop the role's queries. Rerun the script.",
        "Any role can create objects in the public schema.",
        "Any role can create temporary tables.",
        "Any role can block Odoo or fill the disk. Rerun the script as a "
        "PostgreSQL administrator.",
        "Any role can read: open_to_all",
    ]
    postgres.as_dba(f"ALTER ROLE {login} NOCREATEDB; DROP TABLE open_to_all")
    postgres.give_password(number)
    with postgres.env() as env:
        state = env["kpi.bi.connector"].browse(number).login_state
    assert state == "Programs can log in."


def test_a_right_that_ends_ends_for_logins(postgres, world):
    from odoo import Command

    number, facts = world["sql_officer"], "SELECT count(*) FROM facts"
    assert postgres.ask(number, facts)[0][0] > 1
    with postgres.env() as env:
        person = env["kpi.bi.connector"].browse(number).owner_id
        groups = person.group_ids
        person.group_ids = env.ref("base.group_user")
    postgres.sweep()
    assert postgres.ask(number, facts) == [(0,)]
    with postgres.env() as env:
        env["res.users"].browse(person.id).group_ids = [Command.set(groups.ids)]
    postgres.sweep()
    assert postgres.ask(number, facts)[0][0] > 1


def wait_for(postgres, login):
    """Until the login runs a statement."""
    running = (
        f"SELECT 1 FROM pg_stat_activity WHERE usename = '{login}' AND state = 'active'"
    )
    deadline = time.monotonic() + 20
    while not postgres.as_dba(running):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def ended_query(postgres, number):
    """A query that runs meanwhile, and is ended."""
    found = []

    def run():
        try:
            postgres.ask(number, "SET statement_timeout = 0; SELECT pg_sleep(30)")
        except psycopg2.Error as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(postgres, postgres.passwords[number][0])
    yield
    thread.join(20)
    # or so its program says, where it was not told why
    assert isinstance(found[0], psycopg2.OperationalError), found
    assert "closed" in str(found[0]) or "terminating" in str(found[0]), found


def test_a_session_that_holds_a_lock_is_ended(postgres, world):
    """Where the script was not run again: it would stop all alerts."""
    from odoo.addons.kpi_base.timer import LOCK_SPACE

    login, _password = postgres.passwords[world["sql_user"]]
    postgres.as_dba(f"{LOCK} TO {login}")
    free = f"SELECT pg_try_advisory_lock({LOCK_SPACE}, 0)"
    with (
        postgres.connect(world["sql_user"]) as holding,
        postgres.connect(world["sql_user"]) as reading,
    ):
        holding.cursor().execute(f"SELECT pg_advisory_lock({LOCK_SPACE}, 0)")
        assert postgres.as_dba(free) == "f"
        postgres.sweep()
        assert postgres.as_dba(free) == "t"
        reading.cursor().execute("SELECT count(*) FROM facts")
        with pytest.raises(psycopg2.OperationalError):
            holding.cursor().execute("SELECT 1")
    postgres.as_dba(f"REVOKE{LOCK[5:]} FROM {login}")


def test_a_session_that_does_nothing_is_ended(postgres, world, monkeypatch):
    from odoo.addons.kpi_tracking_connector.models import kpi_bi_schema

    with postgres.connect(world["sql_user"]) as idle:
        idle.cursor().execute("SET idle_session_timeout = 0; LISTEN kpi_timer")
        postgres.sweep()
        idle.cursor().execute("SELECT 1")
        monkeypatch.setattr(kpi_bi_schema, "IDLE_MINUTES", 0)
        postgres.sweep()
        with pytest.raises(psycopg2.OperationalError):
            idle.cursor().execute("SELECT 1")


def test_a_transaction_that_lasts_is_ended(postgres, world, monkeypatch):
    from odoo.addons.kpi_tracking_connector.models import kpi_bi_schema

    monkeypatch.setattr(kpi_bi_schema, "MINUTES", 0)
    with ended_query(postgres, world["sql_user"]):
        postgres.sweep()


def test_who_is_archived_reads_no_more(postgres, world):
    """Here Odoo makes the roles itself, and closes them.

    Functions of PostgreSQL it cannot take from everyone: that is left to the script.
    """
    postgres.as_dba(f"ALTER ROLE odoo CREATEROLE; {LOCK} TO PUBLIC")
    number = world["sql_user"]
    script = postgres.give_password(number)
    assert "pg_proc" in script
    assert "CREATE ROLE" not in script
    assert not postgres.give_password(number)
    login, _password = postgres.passwords[number]
    with ended_query(postgres, number):
        with postgres.env() as env:
            env["kpi.bi.connector"].browse(number).owner_id.active = False
        postgres.sweep()
    with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
        postgres.connect(number)
    rows = postgres.as_dba(
        f"SELECT count(*) FROM kpi_bi.allowed WHERE login = '{login}'"
    )
    assert rows == "0"
    with postgres.env() as env:
        env["kpi.bi.connector"].browse(number).owner_id.active = True
    postgres.give_password(number)
    assert postgres.ask(number, "SELECT count(*) FROM facts") == [(1,)]


def test_another_owner_needs_another_password(postgres, world):
    number = world["sql_user"]
    with postgres.env() as env:
        connector = env["kpi.bi.connector"].browse(number)
        owner, new = connector.owner_id, env.ref("base.user_admin")
        connector.owner_id = new
    postgres.sweep()
    with pytest.raises(psycopg2.OperationalError):
        postgres.connect(number)
    with postgres.env() as env:
        env["kpi.bi.connector"].browse(number).owner_id = owner.id
    postgres.give_password(number)


def test_a_copy_of_the_database_leaves_logins_alone(postgres, world):
    """Its own logins have other names; those of the original go on there."""
    from odoo.addons.kpi_tracking_connector.models.kpi_bi_schema import KpiBiSchema

    number = world["sql_user"]
    with postgres.env() as env, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            KpiBiSchema,
            "_get_login",
            lambda _self, connector, user: f"kpi_bi_{connector}_{user}_00000000",
        )
        env["kpi.bi.schema"]._sweep_allowed()
        env.cr.execute("SELECT DISTINCT login FROM kpi_bi.allowed")
        assert all(login.endswith("00000000") for (login,) in env.cr.fetchall())
    with pytest.raises(IndexError):
        postgres.ask(number, "SELECT 1 FROM facts")[0]
    postgres.sweep()
    assert postgres.ask(number, "SELECT count(*) FROM facts") == [(1,)]


def test_an_upgrade_may_change_a_column(postgres, world):
    from odoo.tools import sql

    with postgres.env() as env:
        sql.convert_column(env.cr, "kpi_measurement", "source", "text")
        env.cr.execute("SELECT to_regclass('kpi_bi.facts')")
        assert env.cr.fetchone() == (None,)
        env["kpi.bi.schema"].init()
    assert postgres.ask(world["sql_user"], "SELECT count(*) FROM facts") == [(1,)]


def test_a_neutralized_copy_is_read_by_nobody(postgres, world):
    from odoo.modules.neutralize import neutralize_database

    with postgres.env() as env:
        neutralize_database(env.cr)
        env.invalidate_all()
        assert not env["kpi.bi.connector"].search([("connector_type", "=", "odbc")])
        env.cr.execute("SELECT count(*) FROM kpi_bi.allowed")
        assert env.cr.fetchone() == (0,)
        env.cr.rollback()
