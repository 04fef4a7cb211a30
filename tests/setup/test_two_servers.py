"""Two PostgreSQL servers with databases of the same name: each has its own files."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

import check_postgres
import databases
from databases import DatabaseError

pytestmark = pytest.mark.long

START = """
open_cache
ensure_postgres
echo "$PGHOST"
"$KPI_PG_BIN/psql" --username postgres --dbname postgres --quiet \\
    --command "DROP ROLE IF EXISTS poor" --command "CREATE ROLE poor LOGIN"
echo "kpi $(id -un) poor" >>"$PGHOST/pg_ident.conf"
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$PGHOST" --silent reload
"""
STOP = """
_find_postgres
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$KPI_HOME"/postgres-* --silent stop
"""
CHOOSE = """
python() { %s "$@"; }
open_cache
find_python
ensure_postgres
choose_state
printf '%%s\\n' "$KPI_STATE" "$PGHOST" "$PGPORT" "$PGUSER"
"""
STATE = 'open_cache; python() { %s "$@"; }; choose_state; echo "$KPI_STATE"'


@pytest.fixture
def second_server(run_library, has_postgres, reachable_home):
    """PGHOST of a server beside the one of the tests."""
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")
    process = run_library(START, KPI_HOME=reachable_home)
    assert process.returncode == 0, process.stderr
    yield process.stdout.strip()
    run_library(STOP, KPI_HOME=reachable_home)


def state_for(run_library, home, host, **variables):
    """The folder that commands use for the server of ``host``."""
    lines = STATE % shlex.quote(sys.executable)
    return run_library(lines, KPI_HOME=home, PGHOST=host, PGPORT=5432, **variables)


def test_a_server_is_told_from_another(second_server, monkeypatch):
    first = check_postgres.identity()
    assert check_postgres.identity() == first
    monkeypatch.setenv("PGHOST", second_server)
    assert check_postgres.identity() != first


def test_a_database_of_the_same_name_keeps_its_files(
    run_library, home, second_server, monkeypatch
):
    states = {}
    for host in (os.environ["PGHOST"], second_server):
        process = state_for(run_library, home, host, PGUSER="odoo")
        assert process.returncode == 0, process.stderr
        states[host] = Path(process.stdout.strip())
        assert states[host].is_relative_to(home)
    assert len(set(states.values())) == 2
    name = f"kpi_test_{os.getpid()}_twice"
    files = []
    try:
        for host, state in states.items():
            monkeypatch.setenv("PGHOST", host)
            monkeypatch.setenv("KPI_STATE", str(state))
            # as serve makes a database: under another name, then renamed
            with databases.building(name) as temporary:
                databases.copy("template1", temporary)
                file = databases.filestore(temporary) / "ab"
                file.parent.mkdir(parents=True)
                file.write_text(host)
            files.append(databases.filestore(name) / "ab")
        assert [file.read_text() for file in files] == list(states)
        databases.drop(name)
        assert [file.exists() for file in files] == [True, False]
    finally:
        for host, state in states.items():
            monkeypatch.setenv("PGHOST", host)
            monkeypatch.setenv("KPI_STATE", str(state))
            databases.drop(name)


@pytest.mark.parametrize("way", ["PGHOST", "DATABASE_URL"])
def test_a_server_that_is_named_leaves_the_files_of_the_private_one(
    run_library, second_server, reachable_home, monkeypatch, way
):
    """Both have the folder in common, and a database of one name."""
    user, host = os.environ["PGUSER"], os.environ["PGHOST"]
    port = os.environ.get("PGPORT", "5432")
    named = {"PGHOST": host, "PGPORT": port, "PGUSER": user}
    if way == "DATABASE_URL":
        named = {way: f"postgresql://{user}@{quote(host, safe='')}:{port}/"}
    name = f"kpi_test_{os.getpid()}_shared"
    states, files = [], []
    try:
        for variables in ({}, named):
            lines = CHOOSE % shlex.quote(sys.executable)
            process = run_library(lines, KPI_HOME=reachable_home, **variables)
            assert process.returncode == 0, process.stderr
            states.append(process.stdout.split("\n")[:4])
            _use(monkeypatch, states[-1])
            assert not databases.exists(name)
            with databases.building(name) as temporary:
                databases.copy("template1", temporary)
                file = databases.filestore(temporary) / "ab"
                file.parent.mkdir(parents=True)
                file.write_text(way)
            files.append(databases.filestore(name) / "ab")
        assert states[0][:2] == [str(reachable_home), second_server]
        assert states[1][1:] == [host, port, user]
        assert [file.exists() for file in files] == [True, True]
        databases.drop(name)
        assert [file.exists() for file in files] == [True, False]
    finally:
        for state in states:
            _use(monkeypatch, state)
            databases.drop(name)


def _use(monkeypatch, state):
    names = ("KPI_STATE", "PGHOST", "PGPORT", "PGUSER")
    for name, value in zip(names, state, strict=True):
        monkeypatch.setenv(name, value)


def test_a_command_that_another_started_knows_its_own_server(run_library, home):
    """Also where the path of its socket was too long to be used."""
    for host in (f"{home}/postgres-15", "$(_short_sockets)/postgres-15"):
        lines = f'open_cache; PGHOST={host}; choose_state; echo "$KPI_STATE"'
        assert run_library(lines).stdout.strip() == str(home)


def test_a_role_that_makes_no_databases_is_a_sentence(
    run_library, home, second_server, monkeypatch, assert_one_sentence
):
    process = state_for(run_library, home, second_server, PGUSER="poor")
    assert_one_sentence(process, "poor", "CREATEDB", "PGHOST")
    monkeypatch.setenv("PGHOST", second_server)
    monkeypatch.setenv("PGUSER", "poor")
    with pytest.raises(DatabaseError, match='ALTER ROLE "poor" CREATEDB'):
        check_postgres.check_role()
    script = Path(check_postgres.__file__)
    asked = subprocess.run(
        [sys.executable, script, "14"], capture_output=True, text=True, timeout=60
    )
    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr
