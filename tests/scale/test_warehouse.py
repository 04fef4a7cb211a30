"""Records that stay in a warehouse: 20 million rows in Parquet, and real servers.

Spark is tried where ``pyspark[connect]`` and a Java runtime are installed.
"""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))
duckdb = pytest.importorskip("duckdb")

from lake import (  # noqa: E402 - found by the line above
    DEPARTMENTS,
    MONTHS,
    ORDERS,
    ROWS,
    ask_bare,
    connect,
    track,
    track_departments,
    write_orders,
)

SECONDS = 300
# the hours of three days each in which Brussels changes its clock
HOURS = """
    SELECT hour AT TIME ZONE 'UTC' AS instant,
           hour AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Brussels' AS moment
      FROM (SELECT unnest(range(timestamp '2026-03-27 23:00',
                                timestamp '2026-03-30 22:00', interval '1 hour')
                       || range(timestamp '2026-10-23 22:00',
                                timestamp '2026-10-26 23:00', interval '1 hour')))
        AS hours(hour)
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """The folder of the files, and what DuckDB alone says of them."""
    folder = tmp_path_factory.mktemp("lake")
    folder.chmod(0o755)
    write_orders(folder)
    with connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"COPY ({HOURS}) TO '{folder}/hours.parquet'")
    bare = ask_bare(folder)
    assert len(bare) == DEPARTMENTS * MONTHS
    yield folder, bare
    shutil.rmtree(folder)


@pytest.fixture
def env(lake, monkeypatch):
    from odoo.tools import config

    from odoo_environment import environment
    from templates import counted_copy

    with counted_copy() as database, environment(database) as env:
        monkeypatch.setitem(config.options, "kpi_warehouse_path", str(lake[0]))
        env["ir.config_parameter"].set_param("kpi_base.outgoing_hosts", "127.0.0.1")
        env["kpi.job"].search([]).unlink()
        yield env


def read(env, dataset):
    """*Read Now*, then what the lanes do."""
    dataset.action_read()
    for lane in ("warehouse", 1):
        env["kpi.job"]._cron_run(lane)
    env.invalidate_all()


def list_facts(env):
    """(department, month) → revenue and average, of the two years."""
    env["kpi.measurement"].flush_model()
    env.cr.execute(
        """
        SELECT department.name ->> 'en_US', fact.period_start,
               sum(fact.value) FILTER (WHERE definition.code = 'revenue'),
               sum(fact.value) FILTER (WHERE definition.code = 'average')
          FROM kpi_measurement AS fact
          JOIN kpi_report AS report ON report.id = fact.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
          JOIN hr_department AS department ON department.id = report.department_id
         WHERE definition.code IN ('revenue', 'average')
           AND fact.period_start < '2026-01-01'
      GROUP BY 1, 2
        """
    )
    return {tuple(row[:2]): row[2:] for row in env.cr.fetchall()}


def assert_equal_to_the_cent(env, bare):
    found = list_facts(env)
    assert len(found) == DEPARTMENTS * MONTHS
    for department, month, revenue, average in bare:
        ours = found[department, month]
        assert round(ours[0], 2) == float(revenue)
        assert ours[1] == pytest.approx(average, rel=1e-12)


def assert_days_are_those_of_brussels(engine, place, table):
    from odoo.addons.kpi_tracking_warehouse.engine import statement
    from odoo.addons.kpi_tracking_warehouse.engine.adapters import ADAPTERS, Place
    from odoo.addons.kpi_tracking_warehouse.engine.dataset import (
        Column,
        Dataset,
        Measure,
        read_cells,
    )

    with ADAPTERS[engine](Place(SECONDS, is_encrypted=False, **place)) as adapter:
        source = adapter.find_source(table)
        for first in (date(2026, 3, 28), date(2026, 10, 24)):
            days = [first + timedelta(days=number) for number in range(4)]
            for kind in ("instant", "moment"):
                dataset = Dataset(
                    Column(kind, kind), (Measure("count"),), tz="Europe/Brussels"
                )
                sql = statement.compile_select(
                    dataset, source, days, "Europe/Brussels", adapter.dialect
                )
                cells = read_cells(dataset, adapter.fetch(sql))
                counts = {cell.period: cell.numbers[0][0] for cell in cells}
                changed = 23 if first.month == 3 else 25
                assert counts == {0: 24, 1: changed, 2: 24}, (kind, first)


def test_days_of_files_when_clocks_change(env, lake):
    place = {"folder": str(lake[0])}
    assert_days_are_those_of_brussels("duckdb", place, "hours.parquet")


def test_files_of_20_million_rows(env, lake):
    folder, bare = lake
    dataset = track_departments(env, "*.parquet", path="orders")
    read(env, dataset)
    assert not dataset.last_error
    assert_equal_to_the_cent(env, bare)
    fact = env["kpi.measurement"].search([("definition_id.code", "=", "revenue")])[0]
    period = fact.report_id.definition_id.calendar_id._period(
        "month", fact.period_start
    )
    explained = env["kpi.warehouse.reading"]._explain(fact.report_id, period)
    assert "GROUPING SETS" in explained["sql"]


def test_10_million_groups_are_refused(env, lake):
    people = "SELECT date '2026-01-01' + n::int % 300 AS day, n::text AS who"
    with duckdb.connect() as connection:
        file = lake[0] / "people.parquet"
        connection.execute(
            f"COPY ({people} FROM range({ROWS // 2}) AS t(n)) TO '{file}'"
        )
    warehouse = env["kpi.warehouse"].create({"name": "Lake"})
    values = {"name": "People", "code": "people", "table_name": file.name}
    dataset = env["kpi.warehouse.dataset"].create(
        {**values, "warehouse_id": warehouse.id}
    )
    dataset.action_test()
    day, who = dataset.column_ids.sorted("id")
    dataset.write({"day_column_id": day.id, "user_column_id": who.id})
    measure = {"dataset_id": dataset.id, "name": "All", "code": "all"}
    env["kpi.warehouse.measure"].create(measure)
    track(env, dataset, "all", "company", env.company)
    read(env, dataset)
    # DuckDB counts them, or has no room for so many; either way there are no values
    assert re.search("The query returns|Out of Memory", dataset.last_error)
    assert not dataset.last_value_count


@pytest.fixture(scope="module")
def postgres(lake):
    """A server that asks for passwords, with 200,000 orders; its port."""
    import psycopg2

    from own_cluster import cluster
    from ports import free_port

    with cluster() as found:
        port = free_port()
        (folder,) = found.home.glob("postgres-*")
        with (folder / "kpi.conf").open("a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {port}\n")
        with (folder / "pg_hba.conf").open("a") as conf:
            conf.write("host all all 127.0.0.1/32 scram-sha-256\n")
        found.control("restart")
        given = {"host": found.host, "port": port, "dbname": "postgres"}
        with closing(psycopg2.connect(user="postgres", **given)) as connection:
            connection.autocommit = True
            fill_postgres(connection.cursor(), lake[0])
            yield port, connection


def fill_postgres(cursor, folder):
    cursor.execute(
        """
        CREATE ROLE reader LOGIN PASSWORD 'open sesame';
        CREATE TABLE orders (day date, amount numeric(12, 2), state text, dept text);
        CREATE TABLE hours (instant timestamptz, moment timestamp);
        GRANT SELECT ON orders, hours TO reader
        """
    )
    with duckdb.connect() as lake:
        lake.execute("SET TimeZone = 'UTC'")
        orders = ORDERS.format(rows=200_000)
        for table, query in (("orders", orders), ("hours", HOURS)):
            file = folder / f"{table}.csv"
            lake.execute(f"COPY ({query}) TO '{file}' (HEADER false)")
            with file.open() as rows:
                cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", rows)


def test_a_server_of_postgresql(env, postgres):
    from odoo.exceptions import UserError

    port, connection = postgres
    place = {"host": "127.0.0.1", "port": port, "path": "postgres", "login": "reader"}
    place["password"] = "open sesame"
    assert_days_are_those_of_brussels("postgresql", place, "hours")
    server = {"engine": "postgresql", "is_encrypted": False, **place}
    dataset = track_departments(env, "orders", **server)
    read(env, dataset)
    assert not dataset.last_error
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT dept, date_trunc('month', day)::date,
                   sum(amount) FILTER (WHERE state = 'sale'), avg(amount)::float8
              FROM orders GROUP BY 1, 2
            """
        )
        bare = cursor.fetchall()
    assert_equal_to_the_cent(env, bare)
    before = list_facts(env)

    warehouse = dataset.warehouse_id
    warehouse.password = "open barley"
    with pytest.raises(UserError, match="password authentication failed") as caught:
        warehouse.action_test()
    assert "barley" not in str(caught.value)
    read(env, dataset)
    assert "password authentication failed" in dataset.last_error
    warehouse.password = "open sesame"

    cut_amid_rows(env, dataset, connection)
    assert "PostgreSQL: " in dataset.last_error
    assert list_facts(env) == before
    read(env, dataset)
    assert not dataset.last_error


def cut_amid_rows(env, dataset, connection):
    """Read, and lose the server's process once the first of the rows are there."""
    from odoo.addons.kpi_tracking_warehouse.engine.adapters import adapter, postgresql

    fetched = adapter.Adapter._list_rows

    def cut(self, sql):
        rows = fetched(self, sql)
        for number, row in enumerate(rows):
            yield row
            if number == 10 and not sql.startswith("EXPLAIN"):
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        " WHERE usename = 'reader'"
                    )
                    assert cursor.fetchone() == (1,)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapter.Adapter, "_list_rows", cut)
        patch.setattr(postgresql, "ROWS_AT_ONCE", 100)
        patch.setattr(adapter, "ROWS_AT_ONCE", 100)
        read(env, dataset)


@pytest.fixture(scope="module")
def spark(lake, tmp_path_factory):
    """A master and two workers of one core; the port of Spark Connect."""
    found = importlib.util.find_spec("pyspark")
    home = Path(found.origin).parent if found else Path()
    if not (home / "jars").is_dir() or not shutil.which("java"):
        pytest.skip("Spark: needs pyspark[connect] and a Java runtime")
    from ports import free_port

    folder, log = tmp_path_factory.mktemp("spark"), home / "log"
    log = (folder / "log").open("wb")
    master, port = f"127.0.0.1:{free_port()}", free_port()
    places = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    places["SPARK_WORKER_DIR"] = places["SPARK_LOCAL_DIRS"] = str(folder)

    def start(command, *arguments):
        process = subprocess.Popen(
            [home / "bin" / command, *map(str, arguments)],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, **places},
        )
        stack.callback(process.wait, SECONDS)
        stack.callback(process.terminate)

    deploy, web = "org.apache.spark.deploy", ("--host", "127.0.0.1", "--webui-port", 0)
    with ExitStack() as stack:
        number = master.rpartition(":")[2]
        start("spark-class", f"{deploy}.master.Master", *web, "--port", number)
        wait_for_port(int(number))
        size = ("--cores", 1, "--memory", "2g")
        for _worker in range(2):
            name = f"{deploy}.worker.Worker"
            start("spark-class", name, *web, *size, f"spark://{master}")
        options = {
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": port,
            "spark.sql.warehouse.dir": folder / "tables",
            "spark.ui.enabled": "false",
        }
        given = [f"--conf={name}={value}" for name, value in options.items()]
        service = "org.apache.spark.sql.connect.service.SparkConnectServer"
        where = ("--class", service, "--master", f"spark://{master}")
        start("spark-submit", *where, *given, "spark-internal")
        wait_for_port(port)
        from pyspark.sql import SparkSession

        session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()
        for table, file in (("orders", "orders"), ("hours", "hours.parquet")):
            place = f"USING parquet LOCATION '{lake[0] / file}'"
            session.sql(f"CREATE TABLE {table} {place}").collect()
        session.stop()
        yield port


def wait_for_port(port):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nobody listens at {port}")


def test_spark_gives_the_same(env, lake, spark):
    place = {"engine": "spark", "host": "127.0.0.1", "port": spark, "login": "odoo"}
    dataset = track_departments(env, "orders", is_encrypted=False, **place)
    read(env, dataset)
    assert not dataset.last_error
    assert_equal_to_the_cent(env, lake[1])


@pytest.fixture
def clickhouse(lake):
    """ClickHouse's engine behind HTTP; its port."""
    pytest.importorskip("chdb")
    pytest.importorskip("clickhouse_connect")
    from ports import free_port

    port = free_port()
    server = Path(__file__).with_name("clickhouse_server.py")
    command = [sys.executable, server, str(port), lake[0] / "clickhouse"]
    with subprocess.Popen(command) as process, ExitStack() as stack:
        stack.callback(process.terminate)
        wait_for_port(port)
        for table, file in (("orders", "orders/*.parquet"), ("hours", "hours.parquet")):
            rows = f"SELECT * FROM file('{lake[0]}/{file}')"
            query = f"CREATE TABLE {table} ENGINE = MergeTree ORDER BY () AS {rows}"
            urlopen(f"http://127.0.0.1:{port}", query.encode(), SECONDS).close()
        yield port


def test_clickhouse_gives_the_same(env, lake, clickhouse):
    place = {"host": "127.0.0.1", "port": clickhouse, "login": "default"}
    assert_days_are_those_of_brussels("clickhouse", place, "hours")
    server = {"engine": "clickhouse", "is_encrypted": False, **place}
    dataset = track_departments(env, "orders", **server)
    read(env, dataset)
    assert not dataset.last_error
    assert dataset.last_bytes and dataset.version
    assert_equal_to_the_cent(env, lake[1])
