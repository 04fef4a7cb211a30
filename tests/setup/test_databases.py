"""Databases and their filestores go together."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

import databases
import templates

NAMES = [f"kpi_test_{os.getpid()}_setup_{letter}" for letter in "abc"]


TEMPLATES = [f"kpi_template_{name}" for name in NAMES[:2]]


@pytest.fixture
def three_names(tmp_path, monkeypatch):
    """Names of databases that are gone before and after the test."""
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")
    monkeypatch.setenv("KPI_STATE", str(tmp_path))
    yield NAMES
    for name in [*NAMES, *TEMPLATES]:
        databases.drop(name)


def run_sql(name, statement):
    with closing(databases.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def test_copy_and_rename_take_the_filestore_along(three_names):
    first, second, third = three_names
    databases.copy("template1", first)
    run_sql(first, "CREATE TABLE kpi AS SELECT 7 AS value")
    file = databases.filestore(first) / "ab" / "abcd"
    file.parent.mkdir(parents=True)
    file.write_text("picture")

    databases.copy(first, second)
    file.unlink()
    databases.rename(second, third)

    assert run_sql(third, "SELECT value FROM kpi") == [(7,)]
    assert (databases.filestore(third) / "ab" / "abcd").read_text() == "picture"
    assert databases.exists(first)
    assert not databases.exists(second)
    assert not databases.filestore(second).exists()


def test_tables_of_a_copy_for_tests_are_not_counted(three_names):
    databases.copy("template1", three_names[0])
    run_sql(three_names[0], "CREATE TABLE kpi AS SELECT 7 AS value")
    options = "SELECT reloptions FROM pg_class WHERE relname = 'kpi'"
    with databases.temporary_copy(three_names[0]) as name:
        assert run_sql(name, options) == [(["autovacuum_enabled=off"],)]
    assert run_sql(three_names[0], options) == [(None,)]


def test_room_of_dead_rows_is_given_back(three_names):
    name, *_ = three_names
    databases.copy("template1", name)
    run_sql(name, "CREATE TABLE kpi AS SELECT generate_series(1, 2000) AS value")
    run_sql(name, databases.STOP_AUTOVACUUM)
    run_sql(name, "DELETE FROM kpi")
    databases.clear_dead_rows(name)
    assert run_sql(name, "SELECT pg_relation_size('kpi')") == [(0,)]


def test_interrupted_making_leaves_nothing(three_names):
    with pytest.raises(KeyboardInterrupt):
        with databases.building(three_names[0]) as temporary:
            databases.copy("template1", temporary)
            raise KeyboardInterrupt
    assert not databases.exists(three_names[0])
    assert not databases.exists(temporary)


def test_database_in_use_is_a_sentence(three_names):
    databases.copy("template1", three_names[0])
    with closing(databases.connect(three_names[0])):
        with pytest.raises(databases.DatabaseError, match="is in use: stop the Odoo"):
            databases.drop(three_names[0])


def test_forced_drop_ends_connections(three_names):
    databases.copy("template1", three_names[0])
    with closing(databases.connect(three_names[0])):
        databases.drop(three_names[0], force=True)
    assert not databases.exists(three_names[0])


def test_forced_drop_ends_what_a_killed_process_had_begun(three_names):
    source, target, _ = three_names
    databases.copy("template1", source)
    queries = "SELECT query FROM pg_stat_activity"
    with (
        # the server waits five seconds for this connection to end
        closing(databases.connect(source)),
        ThreadPoolExecutor() as threads,
    ):
        copy = threads.submit(databases.copy, source, target)
        while f'CREATE DATABASE "{target}"' not in str(run_sql("postgres", queries)):
            time.sleep(0.01)
        databases.drop(target, force=True)
        with pytest.raises(databases.DatabaseError, match="connection"):
            copy.result()


def test_server_that_is_away_is_a_sentence(monkeypatch):
    monkeypatch.setenv("PGHOST", "/nowhere")
    with pytest.raises(databases.DatabaseError, match="does not answer .* PGHOST"):
        databases.names()


@pytest.mark.usefixtures("three_names")
def test_template_that_a_run_still_copies_is_not_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(templates, "STATE", tmp_path)
    monkeypatch.setattr(templates, "KEPT", 0)
    marks = templates.STATE / "templates"
    marks.mkdir()
    used, unused = TEMPLATES
    for name in (used, unused):
        databases.copy("template1", name)
        (marks / f"{name}.used").touch()
    another_run = "import fcntl, sys, time; mark = open(sys.argv[1], 'w'); "
    another_run += "fcntl.flock(mark, fcntl.LOCK_SH); print('held', flush=True); "
    another_run += "time.sleep(60)"
    command = [sys.executable, "-c", another_run, str(marks / f"{used}.used")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        templates._forget_old()
        assert (databases.exists(used), databases.exists(unused)) == (True, False)
        process.kill()
    templates._forget_old()
    assert not databases.exists(used)
