import threading

import pytest

from ...engine.adapters import ADAPTERS, Place
from ...engine.adapters.adapter import Adapter, WarehouseFault
from ...engine.files import FileFault

duckdb = pytest.importorskip("duckdb")


@pytest.fixture
def lake(tmp_path):
    """A folder with Parquet and CSV files in it, and one outside."""
    folder = tmp_path / "lake"
    (folder / "orders").mkdir(parents=True)
    for place, number in (("lake/orders/1", 10), ("lake/orders/2", 20), ("out", 5)):
        duckdb.execute(
            "COPY (SELECT range AS id, (range * 1.5)::decimal(9, 2) AS amount"
            f" FROM range({number})) TO '{tmp_path}/{place}.parquet'"
        )
    (folder / "people.csv").write_text("name,age\nAnn,30\n")
    return folder


def adapter(folder, path="", seconds=20.0):
    return ADAPTERS["duckdb"](Place(seconds, path=path, folder=str(folder)))


def test_files_are_read(lake):
    with adapter(lake, "orders") as engine:
        assert engine.list_columns("*.parquet") == [
            ("id", "BIGINT"),
            ("amount", "DECIMAL(9,2)"),
        ]
        source = engine.find_source("*.parquet").sql(dialect="duckdb")
        assert engine.fetch(f"SELECT count(*) FROM {source}") == [(30,)]
        whole = engine.estimate_scan("", "*.parquet", ["id", "amount"])
        assert 0 < engine.estimate_scan("", "*.parquet", ["id"]) < whole
    with adapter(lake) as engine:
        source = engine.find_source("people.csv").sql(dialect="duckdb")
        assert engine.fetch(f"SELECT * FROM {source}") == [("Ann", 30)]
        assert engine.estimate_scan("", "people.csv", []) == 16


def test_a_file_of_its_own_is_read_and_not_written(lake):
    with duckdb.connect(lake / "own.duckdb") as own:
        own.execute("CREATE TABLE t AS SELECT 7 AS n")
    with adapter(lake, "own.duckdb") as engine:
        assert engine.find_source("t").sql("duckdb") == 'own."t"'
        assert engine.fetch("SELECT n FROM own.t") == [(7,)]
        assert engine.list_columns("t") == [("n", "INTEGER")]
        with pytest.raises(WarehouseFault):
            engine.fetch("DELETE FROM own.t RETURNING n")


def test_a_version_says_whether_files_changed(lake):
    with adapter(lake, "orders") as engine:
        before = engine.find_version("*.parquet")
        assert engine.find_version("*.parquet") == before
        (lake / "orders" / "3.parquet").write_bytes(
            (lake / "orders" / "1.parquet").read_bytes()
        )
        assert engine.find_version("*.parquet") != before


def test_nothing_outside_of_the_folder_is_read(lake, tmp_path):
    (lake / "link.parquet").symlink_to(tmp_path / "out.parquet")
    (lake / "up").symlink_to(tmp_path)
    for path, table in (
        ("..", "out.parquet"),
        ("", "../out.parquet"),
        ("", "link.parquet"),
        ("", "up/*.parquet"),
        ("", str(tmp_path / "out.parquet")),
        ("", "/etc/passwd"),
        ("../out.duckdb", "t"),
        ("", "nothing.parquet"),
        ("", "**/*"),  # of several kinds
    ):
        with pytest.raises(FileFault), adapter(lake, path) as engine:
            engine.find_source(table)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('{out}')",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "INSTALL httpfs",
        "ATTACH '{out}.db'",
        "COPY (SELECT 1) TO '{out}.csv'",
    ],
)
def test_the_engine_itself_reaches_nothing_else(lake, tmp_path, sql):
    with adapter(lake) as engine, pytest.raises(WarehouseFault):
        engine.fetch(sql.format(out=tmp_path / "out.parquet"))


def test_without_a_folder_there_are_no_files():
    with pytest.raises(FileFault, match="kpi_warehouse_path"), adapter(""):
        pass


@pytest.mark.parametrize("path", ["nowhere", "..", "/etc", "x" * 3000, "a\0b"])
def test_a_folder_that_is_none_of_ours_is_refused(lake, path):
    with (
        pytest.raises(FileFault, match="warehouse folder does not contain"),
        adapter(lake, path),
    ):
        pass


def test_what_takes_too_long_is_stopped(lake):
    with adapter(lake, seconds=0.3) as engine:
        with pytest.raises(WarehouseFault, match="The query exceeded"):
            engine.fetch(
                "SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE"
                " a.range * b.range % 7 = 3"
            )
    assert not [t for t in threading.enumerate() if isinstance(t, threading.Timer)]


def test_a_driver_that_is_missing_is_named():
    class Other(Adapter):
        name, module, package = "Other", "no_such_driver", "no-such-driver"

    with pytest.raises(WarehouseFault, match="Other requires.*no-such-driver"):
        with Other(Place(1.0)):
            pass


def test_no_password_is_in_a_reason():
    class Talking(Adapter):
        name, module = "Talking", "json"

        def _connect(self, driver):
            raise OSError("refused hunter2secret@host")

    with pytest.raises(WarehouseFault) as caught:
        with Talking(Place(1.0, password="hunter2secret")):
            pass
    assert "hunter2secret" not in str(caught.value)


def test_each_engine_says_what_it_is():
    for engine in ADAPTERS.values():
        assert engine.name and engine.dialect and engine.module and engine.package
