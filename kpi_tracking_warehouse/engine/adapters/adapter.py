"""What is common to all engines: limits of time, faults in words, one way to ask."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from sqlglot import exp

from odoo.addons.kpi_base.engine.fault import Fault
from odoo.addons.kpi_base.engine.outgoing import redact

from ..statement import parse_table
from ..words import _lt

ROWS_AT_ONCE = 10_000
LONGEST_REASON = 500


class WarehouseFault(Fault):
    """Why a warehouse did not answer."""


@dataclass(frozen=True)
class Place:
    """Where a warehouse is, and how long it may take.

    :param folder: below which files may be read; empty: none
    :param path: of the files, or the database
    """

    seconds: float
    host: str = ""
    port: int = 0
    path: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    folder: str = ""
    is_encrypted: bool = True


class Adapter:
    """One connection, which is used in a ``with`` statement.

    :cvar dialect: of sqlglot
    :cvar module: the driver; :cvar package: what brings it
    :cvar port: the usual one; 0: it is no server
    """

    name = ""
    dialect = ""
    module = ""
    package = ""
    port = 0

    def __init__(self, place: Place) -> None:
        self.place = place
        self.connection: Any = None
        self._is_late = False

    def __enter__(self) -> "Adapter":
        with self._reading():
            self.connection = self._connect(import_module(self.module))
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def fetch(self, sql: str) -> list[tuple]:
        """All rows of a small answer."""
        return list(self.iterate(sql))

    def iterate(self, sql: str) -> Iterator[tuple]:
        """The rows as they come.

        :raises WarehouseFault: it refused, broke off or took too long
        """
        with self._reading():
            yield from self._list_rows(sql)

    def find_source(self, table: str) -> exp.Expression:
        """What a SELECT reads a table from; nothing is asked."""
        return parse_table(table)

    def list_columns(self, table: str) -> list[tuple[str, str]]:
        """Names and types of the columns."""
        source = self.find_source(table).sql(dialect=self.dialect)
        return [row[:2] for row in self.fetch(f"DESCRIBE {source}")]

    def estimate_scan(self, sql: str, table: str, columns: list[str]) -> int | None:
        """Bytes that a statement would read; None where nobody knows."""
        return None

    def find_version(self, table: str) -> str | None:
        """A text that changes when the table does; None where nobody knows."""
        return None

    def _connect(self, driver: Any) -> Any:
        """The connection of the driver, with the limits that the engine knows."""
        raise NotImplementedError(f"{type(self).__name__} has no _connect")

    def _execute(self, sql: str) -> Any:
        """A cursor that runs a statement."""
        cursor = self.connection.cursor()
        cursor.execute(sql)
        return cursor

    def _list_rows(self, sql: str) -> Iterator[tuple]:
        """The rows of a statement, some thousands of them at a time."""
        with closing(self._execute(sql)) as cursor:
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows

    def _write_reason(self, error: Exception) -> str:
        return str(error)

    def _cancel(self) -> None:
        """End what runs; engines that know a limit of time need not."""
        self.connection.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        timer = threading.Timer(self.place.seconds, self._end_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Fault:
            raise
        except ImportError as error:
            raise WarehouseFault(
                _lt("%(engine)s requires the Python package %(package)s."),
                engine=self.name,
                package=self.package,
            ) from error
        except Exception as error:  # drivers have no common root
            if self._is_late:
                raise WarehouseFault(
                    _lt("The query exceeded %(seconds)s s and was stopped."),
                    seconds=round(self.place.seconds),
                ) from error
            secrets = [self.place.password] if self.place.password else []
            # what follows the first line is of the query, or where it failed
            reason = redact(self._write_reason(error), secrets).strip()
            reason = reason.partition("\n")[0]
            raise WarehouseFault(
                _lt("%(engine)s: %(reason)s"),
                engine=self.name,
                reason=reason[:LONGEST_REASON] or type(error).__name__,
            ) from error
        finally:
            timer.cancel()

    def _end_late(self) -> None:
        self._is_late = True
        if self.connection:
            self._cancel()
