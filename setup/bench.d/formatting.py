"""Days as the reader writes them, beside Odoo's ``format_date``."""

from collections.abc import Iterator
from datetime import date, timedelta

from odoo.tools import format_date

from _harness import Bench, Figure, case

FIRST, YEARS, ROWS = date(2024, 1, 1), 3, 10_000
# Odoo's own default is days of digits: these write what ours do.
PATTERNS = {"en_US": "MMM d, y", "de_DE": "d. MMM y"}


@case("engine")
def days(bench: Bench) -> Iterator[Figure]:
    """Seconds for the days of a long list: with the table of a language, and by the
    function that finds the reader's table for each."""
    rows = [FIRST + timedelta(days=row % (365 * YEARS)) for row in range(ROWS)]
    for code in PATTERNS:
        bench.env["res.lang"]._activate_lang(code)
        yield from _write_days(bench, code, rows)


def _write_days(bench: Bench, code: str, rows: list[date]) -> Iterator[Figure]:
    from odoo.addons.kpi_base.engine import formatting
    from odoo.addons.kpi_base.formatting import format_day, reader_table

    env = bench.env(context={**bench.env.context, "lang": code})
    table, pattern = reader_table(env), PATTERNS[code]
    ways = {
        "days_vs_odoo": lambda: [formatting.day(table, row) for row in rows],
        "reader_days_vs_odoo": lambda: [
            format_day(env, row, with_year=True) for row in rows
        ],
    }
    for metric, write in ways.items():
        yield bench.compare(
            f"{metric}_{code}",
            ours=write,
            reference=lambda: [
                format_date(env, row, date_format=pattern) for row in rows
            ],
            target="<= 1.2",
        )
