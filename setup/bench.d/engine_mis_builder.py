"""The engine beside OCA's MIS Builder, which is fetched where it can be had."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta

from _harness import Bench, DifferentResults, Figure, case
from engine_company import forget, vacuum
from installer import run_odoo, say

HOME = Path(os.environ["KPI_HOME"])
ACCOUNTS, PERIODS, LINES = 50, 12, 200_000
LINES_PER_MOVE = 10
WHEELS = (
    "odoo-addon-mis-builder==19.*",
    "odoo-addon-date-range==19.*",
    "odoo-addon-report-xlsx==19.*",
)


@case("rows")
def mis_builder_vs_recompute(bench: Bench) -> Iterator[Figure]:
    """What 50 accounts moved in 12 months, from 200,000 journal items."""
    yield from _beside_mis_builder(bench, _mis_builder_figures)


@case("rows")
def report_vs_mis_builder(bench: Bench) -> Iterator[Figure]:
    """The same table for a reader: MIS Builder computes it from the journal items, ours
    reads it from facts, with targets, judgements and texts of every cell."""
    yield from _beside_mis_builder(bench, _report_figures)


def _beside_mis_builder(bench: Bench, figures: Callable) -> Iterator[Figure]:
    folder = _mis_builder_addons()
    if not folder:
        say("skipped: MIS Builder cannot be fetched")
        return
    stop = date.today().replace(day=1)
    months = [stop - relativedelta(months=n) for n in range(PERIODS, 0, -1)]
    bench.env.cr.commit()
    _install_mis_builder(bench.database, folder)
    with _new_registry(bench.database, folder) as env:
        accounts = _create_journal_items(env, months)
        first = months[0]
        definitions = env["kpi.definition"].create(
            [
                {
                    "name": account.name,
                    "code": f"account_{number}",
                    "computation": "records",
                    "measure": "sum",
                    "measure_field": "balance",
                    "model_name": "account.move.line",
                    "date_field": "date",
                    "domain": f"[('account_id', '=', {account.id}),"
                    " ('parent_state', '=', 'posted')]",
                    "history_start": first,
                    "coarsest_grain": "month",
                }
                for number, account in enumerate(accounts)
            ]
        )
        definitions._track_for("company", env.company)
        env.flush_all()
        instance = _create_mis_report(env, accounts, months)
        yield from figures(bench, env, instance, months)


def _report_figures(
    bench: Bench, env: Any, instance: Any, months: list[date]
) -> Iterator[Figure]:
    env["kpi.source"]._recompute_all(months[0], months[-1] + relativedelta(days=27))
    vacuum(env)
    kpis = env["kpi.definition"].search([("code", "=like", "account_%")])
    kpis = kpis.report_ids.sorted(lambda kpi: int(kpi.code.rpartition("_")[2]))
    options = {
        "report_ids": kpis.ids,
        "period_count": PERIODS,
        "has_running": False,
    }

    def ours() -> list[list[float]]:
        env.invalidate_all()
        (section,) = env["kpi.period.report"].get_matrix(options)["sections"]
        starts = [column["start"] for column in section["columns"]]
        if starts != [str(month) for month in months]:
            raise DifferentResults(f"The report shows {starts}")
        cells_of = {row["id"]: row["cells"] for row in section["rows"]}
        return [
            [cell["numbers"]["actual"] for cell in cells_of[kpi_id]]
            for kpi_id in kpis.ids
        ]

    def theirs() -> list[list[float]]:
        env.invalidate_all()
        body = env["mis.report.instance"].browse(instance.id).compute()["body"]
        return [[cell.get("val") or 0.0 for cell in row["cells"]] for row in body]

    for number, (mine, other) in enumerate(zip(ours(), theirs(), strict=True)):
        _check_row(number, mine, other)
    seconds = bench.measure(theirs, ours)
    yield Figure("report_vs_mis_builder", seconds[0], "s", seconds[1], ">= 5")


def _mis_builder_figures(
    bench: Bench, env: Any, instance: Any, months: list[date]
) -> Iterator[Figure]:
    """A first computation with its facts and fingerprints written; and what a person
    waits for who looks again: MIS Builder computes, ours sees that nothing changed."""

    def ours() -> None:
        env["kpi.source"]._recompute_all(months[0], months[-1] + relativedelta(days=27))

    def theirs() -> dict:
        env.invalidate_all()
        return env["mis.report.instance"].browse(instance.id).compute()

    ours()
    vacuum(env)
    _check_balances(env, theirs())
    seconds = bench.measure(theirs, ours, before=lambda: forget(env))
    yield Figure("mis_builder_vs_recompute", seconds[0], "s", seconds[1], ">= 3")
    ours()
    seconds = bench.measure(theirs, ours, before=env.cr.commit)
    yield Figure("mis_builder_vs_refresh", seconds[0], "s", seconds[1])


def _check_balances(env: Any, body: dict) -> None:
    env.cr.execute(
        """
        SELECT definition.code, array_agg(fact.value ORDER BY fact.period_start)
          FROM kpi_measurement AS fact
          JOIN kpi_report AS report ON report.id = fact.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
      GROUP BY definition.code
        """
    )
    facts = dict(env.cr.fetchall())
    for number, row in enumerate(body["body"]):
        theirs = [cell.get("val") or 0.0 for cell in row["cells"]]
        _check_row(number, facts[f"account_{number}"], theirs)


def _check_row(number: int, ours: list[float], theirs: list[float]) -> None:
    if len(ours) != len(theirs) or any(
        abs(a - b) > 0.005 for a, b in zip(ours, theirs, strict=True)
    ):
        raise DifferentResults(f"account {number}: {theirs}, facts {ours}")


def _mis_builder_addons() -> Path | None:
    """The folder of MIS Builder's addons, fetched once; None if it cannot be had."""
    folder = HOME / "bench-peers"
    addons = folder / "odoo" / "addons"
    if not (addons / "mis_builder").is_dir():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        fetched = subprocess.run([*command, "--dest", folder, *WHEELS], check=False)
        if fetched.returncode:
            return None
        for wheel in folder.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(folder)
    return addons


def _install_mis_builder(database: str, folder: Path) -> None:
    from odoo.tools import config

    paths = ",".join([*config["addons_path"], str(folder)])
    options = ["-d", database, "-i", "mis_builder", "--addons-path", paths]
    options += ["--stop-after-init", "--no-http"]
    run_odoo(options, Path(os.environ["KPI_STATE"], "logs", "bench.log"))


@contextmanager
def _new_registry(database: str, folder: Path) -> Iterator[Any]:
    """An environment that knows the addons installed meanwhile."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    import odoo.addons

    odoo.addons.__path__.append(str(folder))
    with Registry.new(database).cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})
        cursor.rollback()


def _create_journal_items(env: Any, months: list[date]) -> Any:
    accounts = env["account.account"].create(
        [
            {
                "name": f"Account {number}",
                "code": f"{990000 + number}",
                "account_type": "expense",
            }
            for number in range(ACCOUNTS)
        ]
    )
    journal = env["account.journal"].create(
        {"name": "Benchmark", "code": "BNCH", "type": "general"}
    )
    env.flush_all()
    env.cr.execute(
        """
        WITH move AS (
            INSERT INTO account_move (
                   ref, name, journal_id, company_id, currency_id, state, move_type,
                   auto_post, date)
            SELECT 'benchmark', 'BNCH/' || i, %(journal)s, %(company)s, %(currency)s,
                   'posted', 'entry', 'no',
                   (%(months)s::date[])[1 + i %% %(periods)s] + i / %(periods)s %% 28
              FROM generate_series(1, %(moves)s) AS i
         RETURNING id, date
        )
        INSERT INTO account_move_line (
               move_id, journal_id, company_id, company_currency_id, currency_id,
               account_id, parent_state, display_type, date, name,
               debit, credit, balance, amount_currency)
        SELECT move.id, %(journal)s, %(company)s, %(currency)s, %(currency)s,
               (%(accounts)s::int[])[1 + (move.id * 7 + line) %% %(account_count)s],
               'posted', 'product', move.date, 'line',
               CASE WHEN line %% 2 = 0 THEN amount ELSE 0 END,
               CASE WHEN line %% 2 = 1 THEN amount ELSE 0 END,
               CASE WHEN line %% 2 = 0 THEN amount ELSE -amount END,
               CASE WHEN line %% 2 = 0 THEN amount ELSE -amount END
          FROM move
    CROSS JOIN generate_series(0, %(lines)s - 1) AS line
    CROSS JOIN LATERAL (SELECT 10 + move.id %% 97 AS amount) AS priced
        """,
        {
            "journal": journal.id,
            "company": env.company.id,
            "currency": env.company.currency_id.id,
            "months": months,
            "periods": len(months),
            "moves": LINES // LINES_PER_MOVE,
            "lines": LINES_PER_MOVE,
            "accounts": accounts.ids,
            "account_count": len(accounts),
        },
    )
    env.invalidate_all()
    return accounts


def _create_mis_report(env: Any, accounts: Any, months: list[date]) -> Any:
    report = env["mis.report"].create(
        {
            "name": "Benchmark",
            "kpi_ids": [
                (
                    0,
                    0,
                    {
                        "name": f"account_{number}",
                        "description": account.name,
                        "expression": f"balp[{account.code}]",
                        "sequence": number,
                    },
                )
                for number, account in enumerate(accounts)
            ],
        }
    )
    return env["mis.report.instance"].create(
        {
            "name": "Benchmark",
            "report_id": report.id,
            "comparison_mode": True,
            "company_id": env.company.id,
            "target_move": "posted",
            "period_ids": [
                (
                    0,
                    0,
                    {
                        "name": str(month),
                        "mode": "fix",
                        "manual_date_from": month,
                        "manual_date_to": month + relativedelta(months=1, days=-1),
                        "sequence": number,
                    },
                )
                for number, month in enumerate(months)
            ],
        }
    )
