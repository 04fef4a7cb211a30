"""Databases and their filestores go together."""

import os
from contextlib import closing

import pytest

import databases

NAMES = [f"kpi_test_{os.getpid()}_setup_{letter}" for letter in "abc"]


@pytest.fixture
def three_names(tmp_path, monkeypatch):
    """Names of databases that are gone before and after the test."""
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")
    monkeypatch.setenv("KPI_HOME", str(tmp_path))
    yield NAMES
    for name in NAMES:
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


def test_database_in_use_is_a_sentence(three_names):
    databases.copy("template1", three_names[0])
    with closing(databases.connect(three_names[0])):
        with pytest.raises(databases.DatabaseError, match="is in use: stop the Odoo"):
            databases.drop(three_names[0])


def test_server_that_is_away_is_a_sentence(monkeypatch):
    monkeypatch.setenv("PGHOST", "/nowhere")
    with pytest.raises(databases.DatabaseError, match="does not answer .* PGHOST"):
        databases.names()
