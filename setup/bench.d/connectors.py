"""What other programs read: pages, views, files, changes; what assistants ask."""

import json
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial
from typing import Any

from odoo.tools import SQL

from odoo.addons.kpi_tracking_connector.engine.odata.options import read_options
from odoo.addons.kpi_tracking_connector.engine.tools import TOOLS
from odoo.addons.kpi_tracking_connector.models.kpi_bi_feed import FACTS, Mark
from odoo.addons.kpi_tracking_connector.models.kpi_mcp_tool import IS_ON

from _harness import Bench, Figure, case, check_equal
from _kpis import as_admin, make_key, track, vacuum
from _server import ask, server

KPIS, DAYS, CHANGED = 300, 3_400, 10_200
MOST_SECONDS, CALLS = 120, 200
TABLE = ("csv_export", "flat_table")


@case("engine")
def connectors(bench: Bench) -> Iterator[Figure]:
    """A million facts as an administrator, who sees all; 1 % of them changed."""
    env = bench.env
    kpis = track(env, KPIS, "Read", frequency="day", history_start="2015-01-01")
    _fill(env, kpis, "1 + report.id %% 97 + extract(doy FROM day) / 8", DAYS)
    vacuum(env)
    feed = as_admin(env["kpi.bi.feed"])
    yield bench.compare(
        "odata_vs_copy",
        ours=lambda: [_read_all(feed)],
        reference=lambda: [_copy(bench.database, _json(feed)).count(b"\n")],
        target="<= 2",
    )
    tracemalloc.start()
    feed._read_page(FACTS, read_options([], FACTS))
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    yield Figure("odata_page_mb", peak, "MB", 60, "<= 1")
    schema = env["kpi.bi.schema"]
    env.cr.execute("SELECT session_user")
    (login,) = env.cr.fetchone()
    schema._allow(feed, login)
    env.cr.execute("ANALYZE kpi_bi.allowed")
    total = (
        "SELECT date_trunc('month', period_start), count(*), round(sum(value)::numeric)"
        " FROM {} GROUP BY 1 ORDER BY 1"
    )
    yield bench.compare(
        "sql_view_vs_table",
        ours=lambda: env.execute_query(SQL(total.format("kpi_bi.facts"))),
        reference=lambda: env.execute_query(SQL(total.format("kpi_measurement"))),
        target="<= 2",
    )
    reports = feed.env["kpi.report"].with_context(active_test=False)
    yield bench.compare(
        "sweep_vs_search",
        ours=lambda: schema._allow(feed, login),
        reference=lambda: reports.search([]).ids and None,
        same=lambda _ours, _reference: None,
        target="<= 2",
    )
    gzipped = _text(env, feed._table_sql("flat_table", None)[0])
    yield bench.compare(
        "file_vs_copy",
        ours=lambda: [feed._write_file(*TABLE)[1]["rows"]],
        reference=lambda: [_copy(bench.database, gzipped, zipped=True)],
        same=lambda ours, _zipped: check_equal(ours, [KPIS * DAYS]),
        target="<= 2",
    )
    mark = _mark(feed)
    env.cr.commit()
    _fill(env, kpis, "3.3 + report.id %% 97", CHANGED // KPIS)
    env.cr.commit()
    yield bench.compare(
        "changed_vs_full",
        ours=lambda: [feed._write_file(*TABLE, mark)[1]["rows"]],
        reference=lambda: [feed._write_file(*TABLE)[1]["rows"]],
        same=lambda ours, _full: check_equal(ours, [CHANGED]),
        target="<= 0.25",
    )
    env["ir.config_parameter"].set_param(IS_ON, "True")
    key = make_key(env)
    with server(bench.database, "--workers=0") as url:
        call = partial(ask, url, Authorization=f"Bearer {key}")
        params = {"name": "list_kpis", "arguments": {}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        tool = partial(call, "POST", "/api/kpi/mcp", body)
        fields = ",".join(TOOLS["list_reports"].fields)
        rest = partial(call, "GET", f"/api/kpi/reports?limit=30&fields={fields}")
        (content,) = json.loads(tool())["result"]["content"]
        found = json.loads(content["text"])["items"]
        check_equal(found, json.loads(rest())["items"][: len(found)])
        ours, plain = bench.measure(tool, rest, turns=CALLS)
    yield Figure("mcp_vs_rest", 1000 * ours, "ms", 1000 * plain, "<= 1.3")


def _mark(feed: Any) -> Mark:
    """A mark after the facts, once what ran beside them elsewhere has ended."""
    env, end = feed.env, time.monotonic() + MOST_SECONDS
    env.cr.execute("SELECT max(xmin::text::int8) FROM kpi_measurement")
    (last,) = env.cr.fetchone()
    while (mark := feed._take_mark()).xid % 2**32 <= last and time.monotonic() < end:
        env.cr.commit()
        time.sleep(1)
    return mark


def _fill(env: Any, kpis: Any, value: str, days: int) -> None:
    facts = SQL(
        f"""
        SELECT report.id AS report_id, day::date AS period_start,
               ({value})::float8 AS value, NULL::float8 AS weight,
               NULL::int AS unpriced_count, NULL::int AS parts_present,
               NULL::int AS parts_expected
          FROM kpi_report AS report
    CROSS JOIN generate_series('2016-01-01'::date, '2016-01-01'::date + %s - 1,
                               '1 day') AS day
         WHERE report.id = ANY(%s)
        """,
        days,
        kpis.ids,
    )
    env["kpi.measurement"]._upsert("day", facts, source="api")


def _read_all(feed: Any) -> int:
    found, page = 0, feed._read_page(FACTS, read_options([], FACTS))
    while True:
        found += page.rows.count(b'{"kpi_id"')
        if not page.next:
            return found
        options = read_options([("$skiptoken", page.next)], FACTS)
        page = feed._read_page(FACTS, options)


def _json(feed: Any) -> str:
    return f"SELECT row_to_json(x) FROM ({_text(feed.env, feed._facts_sql())}) AS x"


def _text(env: Any, query: SQL) -> str:
    return env.cr.mogrify(query.code, query.params).decode()


def _copy(database: str, query: str, zipped: bool = False) -> Any:
    command = f"COPY ({query}) TO STDOUT"
    line = f'psql -q "{database}" -f - {"| gzip -6 " if zipped else ""}'
    done = subprocess.run(line, input=command.encode(), shell=True, capture_output=True)
    assert not done.returncode, done.stderr
    return len(done.stdout) if zipped else done.stdout
