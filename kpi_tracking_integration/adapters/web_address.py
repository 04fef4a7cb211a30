"""Web address: rows as JSON or CSV, of any server that answers a GET request.

Pointers are those of RFC 6901.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from odoo.addons.kpi_base.engine.nesting import JsonError, parse
from odoo.addons.kpi_base.engine.tabular import (
    TabularError,
    TargetOption,
    find_header,
    has_other_width,
    open_table,
)
from odoo.addons.kpi_base.engine.tabular.cells import MOST_COLUMNS

from ..engine.caller import _lt
from ..engine.pointer import PointerFault, find, parse_pointer
from .adapter import CELLS, Adapter, Pulled

MAX_CELLS = 5_000_000
MAX_PLACES = 5  # of lists that a sentence names
MAX_LIST_DEPTH = 4  # levels down to such a list
BOM = b"\xef\xbb\xbf"
_ZIPPED = (b"\x1f\x8b", b"PK\x03\x04")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})(?:\s*:\s*(\S{0,100}))?")
# of the call itself, not of its sender
_OWN_HEADERS = {
    *("accept-encoding", "connection", "content-length", "expect", "host", "te"),
    *("transfer-encoding", "upgrade"),
}
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?\s?(Z|[+-]\d\d(:?\d\d)?)",
    re.ASCII,
)
_PLAIN_STEP = re.compile(r"[\w .~-]{1,50}")
_CHARSET = re.compile(r"charset=\"?([\w.:-]{1,40})", re.IGNORECASE)
CHARSETS = {  # of CSV; others are detected
    "utf-8": "utf-8-sig",
    "iso-8859-1": "cp1252",  # as browsers read it
    "windows-1252": "cp1252",
}


class WebAddress(Adapter):
    """Whole tables: rows of JSON are objects, or lists of which the first has titles.

    Moments with an offset from UTC belong to days of the company's time zone.
    """

    kind = "pull"
    name = "Web Address (JSON or CSV)"
    icon = "fa-globe"
    gives = _lt("Rows of any web service or file on the web.")
    needs = _lt("Address that returns JSON or CSV; the secret of a header, if any.")
    are_credentials_needed = False
    options = (
        TargetOption(
            "address", _lt("Web Address"), "text", help=_lt("Begins with https://.")
        ),
        TargetOption(
            "format",
            _lt("Format"),
            "choice",
            "json",
            choices=(("json", _lt("JSON")), ("csv", _lt("CSV"))),
        ),
        TargetOption(
            "rows",
            _lt("Rows"),
            "text",
            help=_lt(
                "JSON pointer to the list of rows, e.g. /data/items. Leave empty if "
                "the answer is the list."
            ),
        ),
        TargetOption(
            "header",
            _lt("Header"),
            "text",
            "Authorization: Bearer",
            help=_lt(
                "Header that sends the API credentials, e.g. X-Api-Key or "
                "Authorization: Bearer."
            ),
        ),
    )

    def __init__(self, caller, settings, *args, **kwargs):
        super().__init__(caller, settings, *args, **kwargs)
        if place := self.find_place(settings):
            caller.vendor = urlsplit(place).hostname

    @classmethod
    def find_place(cls, settings):
        try:
            parts = urlsplit((settings.get("address") or "").strip())
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return ""
        return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""

    def explain(self, status, said):
        template = {
            0: _lt("%(vendor)s sent an error instead of data. Check “Web Address”."),
            401: _lt(
                "%(vendor)s did not accept the credentials. Check “Header” and “API "
                "Credentials”."
            ),
            403: _lt(
                "%(vendor)s denied access. Check “API Credentials” and their "
                "permissions there."
            ),
            404: _lt("%(vendor)s found nothing at this address. Check “Web Address”."),
            410: _lt("%(vendor)s found nothing at this address. Check “Web Address”."),
        }.get(status)
        if not template and 300 <= status < 500:
            template = _lt(
                "%(vendor)s refused the request (%(status)s). Check “Web Address”."
            )
        return template and self.caller.fault(template, status=status)

    def sign_in(self):
        found = _HEADER.fullmatch(self.read_text("header"))
        if not found or found[1].lower() in _OWN_HEADERS:
            raise self.caller.fault(
                _lt(
                    "Enter “Header” as a name, e.g. X-Api-Key or Authorization: Bearer."
                )
            )
        if self.credentials:
            kind = f"{found[2]} " if found[2] else ""
            self.caller.sign(self.credentials, name=found[1], kind=kind)

    def test(self):
        self.pull(())
        return self.caller.vendor

    def pull(self, periods):
        answer = self.caller.fetch(self.read_text("address"))
        body = answer.body.removeprefix(BOM)
        is_json = self.settings["format"] == "json"
        if not body.strip():
            raise self.caller.fault(_lt("%(vendor)s sent an empty answer."))
        if body.startswith(_ZIPPED):
            raise self.caller.fault(
                _lt(
                    "%(vendor)s sent a compressed file or a workbook. Enter an address "
                    "that returns JSON or CSV."
                )
            )
        if body.lstrip().startswith(b"<"):
            raise self.caller.fault(
                _lt(
                    "%(vendor)s sent a web page or XML instead of data, such as a "
                    "login page. Check “Web Address” and “API Credentials”."
                )
            )
        titles, rows = self._read_json(body) if is_json else self._read_csv(answer)
        return Pulled(titles, [[self._read_cell(cell) for cell in row] for row in rows])

    def _read_csv(self, answer):
        found = _CHARSET.search(answer.headers.get("content-type", ""))
        encoding = CHARSETS.get(found[1].lower(), "") if found else ""
        if answer.body.removeprefix(BOM).lstrip().startswith((b"{", b"[")):
            raise self.caller.fault(
                _lt("%(vendor)s sent JSON. Choose JSON as “Format”.")
            )
        try:
            table = open_table(answer.body, encoding=encoding)
            header = find_header(table.rows())
            titles = [*header.titles]
            rows = []
            for row in table.rows_below(header.number):
                if has_other_width(row.cells, len(titles), is_text=True):
                    raise self.caller.fault(
                        _lt(
                            "Line %(line)s of %(vendor)s has %(count)s cells, but "
                            "there are %(titles)s column titles."
                        ),
                        line=row.number,
                        count=len(row.cells),
                        titles=len(titles),
                    )
                rows.append([cell or None for cell in row.cells[: len(titles)]])
        except TabularError as error:
            raise self.caller.fault(error.template, **error.parameters) from error
        return titles, rows

    def _read_json(self, body):
        try:
            document = parse(body)
        except JsonError as error:
            raise self.caller.fault(
                _lt("%(vendor)s sent no valid JSON. Check “Web Address” and “Format”.")
            ) from error
        self._check_no_error(document)
        rows = self._find_rows(document)
        if all(isinstance(row, dict) for row in rows):
            return self._read_objects(rows)
        if all(isinstance(row, list) for row in rows):
            return self._read_lists(rows)
        raise self.caller.fault(
            _lt(
                "The rows of %(vendor)s must be objects, or lists of which the first "
                "has the titles. Check “Rows”."
            )
        )

    def _check_no_error(self, document):
        if not isinstance(document, dict):
            return
        several = document.get("errors")
        if error := document.get("error") or (isinstance(several, list) and several):
            raise self._refused(error)

    def _refused(self, error):
        fault = super()._refused(error)
        if fault.status != 400:
            return fault
        return self.caller.refused(0, fault.said)  # it names no status

    def _find_rows(self, document: Any) -> list:
        pointer = self.read_text("rows")
        try:
            rows = find(document, parse_pointer(pointer))
        except PointerFault as error:
            raise self.caller.fault(
                _lt(
                    "Enter “Rows” as a JSON pointer that begins with /, e.g. "
                    "/data/items."
                )
            ) from error
        except LookupError:
            rows = None
        if isinstance(rows, list) and rows:
            return rows
        if isinstance(rows, list):
            raise self.caller.fault(_lt("The list of rows of %(vendor)s is empty."))
        places = [*_list_places(document, "", MAX_LIST_DEPTH)][:MAX_PLACES]
        if not places:
            raise self.caller.fault(
                _lt("%(vendor)s sent no list of rows. Check “Web Address” and “Rows”.")
            )
        raise self.caller.fault(
            _lt(
                "%(vendor)s has no list there. Enter one of its lists as “Rows”: "
                "%(lists)s."
            ),
            lists=", ".join(places),
        )

    def _read_objects(self, rows: list[dict]) -> tuple[list[str], list[list]]:
        flat = [dict(_flatten(row)) for row in rows]
        titles = list(dict.fromkeys(name for row in flat for name in row))
        self._check_size(len(rows), len(titles))
        return titles, [[row.get(title) for title in titles] for row in flat]

    def _read_lists(self, rows: list[list]) -> tuple[list[str], list[list]]:
        titles, *cells = rows
        if not titles or not all(isinstance(title, str) for title in titles):
            raise self.caller.fault(
                _lt("The first row of %(vendor)s must have the column titles.")
            )
        self._check_size(len(rows), len(titles))
        for number, row in enumerate(cells, 2):
            if len(row) > len(titles):
                raise self.caller.fault(
                    _lt("Row %(row)s has a cell without a column title."), row=number
                )
            row += [None] * (len(titles) - len(row))
        return titles, cells

    def _check_size(self, rows, columns):
        if columns > MOST_COLUMNS or rows * columns > MAX_CELLS:
            raise self.caller.fault(
                _lt(
                    "The rows of %(vendor)s have too many different fields "
                    "(%(count)s). Check “Rows”."
                ),
                count=columns,
            )

    def _read_cell(self, cell: Any) -> CELLS:
        """A cell of a table; a moment with an offset is a day in our zone."""
        if isinstance(cell, dict | list):
            return "…" if cell else None
        if isinstance(cell, str) and _MOMENT.fullmatch(cell.strip()):
            day, clock = cell.strip()[:10], cell.strip()[11:].replace(" ", "")
            try:
                moment = datetime.fromisoformat(f"{day}T{clock}")
                return moment.astimezone(self.zone).date()
            except (ValueError, OverflowError):  # month 13, before year 1
                return cell
        return None if cell == "" else cell


def _flatten(row: dict, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """``(title, cell)`` of a row; the title of ``{"amount": {"net": 7}}`` is
    ``amount/net``."""
    for name, cell in row.items():
        title = f"{prefix}{_escape(name)}"
        if isinstance(cell, dict) and cell:
            yield from _flatten(cell, f"{title}/")
        else:
            yield title, cell


def _list_places(value: Any, pointer: str, levels: int) -> Iterator[str]:
    """Pointers to the lists of a document, as far as people can read them."""
    if isinstance(value, list) and value:
        yield pointer or "/"
    elif isinstance(value, dict) and levels:
        for name, part in value.items():
            if _PLAIN_STEP.fullmatch(step := _escape(name)):
                yield from _list_places(part, f"{pointer}/{step}", levels - 1)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
