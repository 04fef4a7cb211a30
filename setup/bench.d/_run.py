"""``setup/bench``: runs the cases and shows their figures."""

import argparse
import importlib
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from _database import own_database
from _harness import (
    CASES,
    HERE,
    LEAST_REPEAT,
    Bench,
    Case,
    DifferentResults,
    Figure,
    table,
    write_json,
)
from databases import DatabaseError
from installer import OdooFailed, say
from odoo_environment import environment, load_odoo

DEFAULT_ROWS = 200_000


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    load_odoo()
    for file in sorted(HERE.glob("[!_]*.py")):
        importlib.import_module(file.stem)
    cases, asked = [], set(options.names)
    for one in CASES.values():
        if not options.names or asked & {one.name, one.file}:
            cases.append(one)
    unknown = asked.difference(*({one.name, one.file} for one in cases))
    if unknown:
        sys.exit(f"bench: there is no {min(unknown)}: see setup/bench --list.")
    if options.list:
        for one in cases:
            print(f"{one.file:12} {one.name}")
        return 0
    figures, failed = measure(cases, options)
    print(table(figures))
    if options.json:
        write_json(figures, options.json)
    for sentence in failed:
        print(sentence, file=sys.stderr)
    return 1 if failed else 0


def measure(
    cases: Iterable[Case], options: argparse.Namespace
) -> tuple[list[Figure], list[str]]:
    """The figures of all cases, and a sentence for each that did not come to its end.

    What a case had measured before stays.
    """
    figures, failed = [], []
    for chosen in cases:
        say(f"measuring {chosen.name}")
        try:
            figures.extend(_run(chosen, options))
        except DifferentResults as difference:
            failed.append(f"{chosen.name}: results differ: {difference}")
        except (DatabaseError, OdooFailed):
            raise
        except Exception as error:
            traceback.print_exc()
            failed.append(f"{chosen.name}: {type(error).__name__}: {error}")
    return figures, failed


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="setup/bench")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--rows", type=_at_least(1), default=DEFAULT_ROWS)
    parser.add_argument("--repeat", type=_at_least(LEAST_REPEAT), default=LEAST_REPEAT)
    parser.add_argument("--list", action="store_true")
    return parser.parse_args(arguments)


def _at_least(least: int):
    def number(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"must be {least} or more")
        return int(text)

    return number


def _run(chosen: Case, options: argparse.Namespace) -> Iterator[Figure]:
    bench = Bench(options.repeat)
    with ExitStack() as stack:
        if chosen.database:
            own = own_database(chosen.database, options.rows)
            bench.database = stack.enter_context(own)
            bench.env = stack.enter_context(environment(bench.database))
        yield from chosen.function(bench)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nbench: interrupted.")
    except (DatabaseError, OdooFailed) as error:
        sys.exit(f"{error}\nbench: no database to measure in (the reason is above).")
