"""Google Sheets: the values of a range.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/get
"""

import re
from urllib.parse import quote

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from .adapter import Adapter, Pulled, require

_ADDRESS = re.compile(r"/spreadsheets/d/([\w-]{20,100})", re.ASCII)
_ID = re.compile(r"[\w-]{20,100}", re.ASCII)


class GoogleSheets(Adapter):
    """Whole tables: their first row has the titles."""

    name = "Google Sheets"
    icon = "fa-table"
    gives = _lt("The rows of a range; its first row has the titles.")
    needs = _lt(
        "The key file of a service account with which the spreadsheet is shared, or an"
        " app of yours there."
    )
    scope = "https://www.googleapis.com/auth/spreadsheets.readonly"
    authorize_address = "https://accounts.google.com/o/oauth2/v2/auth"
    consent_options = {"access_type": "offline", "prompt": "consent"}
    token_address = "https://oauth2.googleapis.com/token"
    origin = "https://sheets.googleapis.com"

    @classmethod
    def asks(cls):
        return [
            TargetOption("spreadsheet", _lt("Address of the Spreadsheet"), "text"),
            TargetOption(
                "range",
                _lt("Sheet and Range"),
                "text",
                help=_lt("Such as Actuals or Actuals!A1:D500. The first row: titles."),
            ),
        ]

    @classmethod
    def test(cls, caller, settings):
        fields = "properties.title"
        found = caller.get(cls._address(caller, settings), fields=fields)
        return require(caller, require(caller, found, "properties", dict), "title", str)

    @classmethod
    def pull(cls, caller, settings, periods):
        place = settings.get("range") or ""
        address = f"{cls._address(caller, settings)}/values/{quote(place, safe='')}"
        found = caller.get(
            address,
            majorDimension="ROWS",
            valueRenderOption="UNFORMATTED_VALUE",
            dateTimeRenderOption="SERIAL_NUMBER",
        )
        # an empty range has no values at all; rows end where their last cell is filled
        rows = require(caller, {"values": [], **found}, "values", list)
        if not rows:
            raise caller.fault(_lt("The range “%(range)s” is empty."), range=place)
        titles = [str(cell) for cell in rows[0]]
        width = len(titles)
        if any(len(row) > width for row in rows):
            number = next(at for at, row in enumerate(rows, 1) if len(row) > width)
            raise caller.fault(
                _lt("Row %(row)s of the range has a cell without a title above it."),
                row=number,
            )
        pulled = Pulled(titles)
        pulled.rows = [
            [
                *(None if cell == "" else cell for cell in row),
                *[None] * (width - len(row)),
            ]
            for row in rows[1:]
        ]
        return pulled

    @classmethod
    def _address(cls, caller, settings):
        text = (settings.get("spreadsheet") or "").strip()
        found = _ADDRESS.search(text)
        key = found[1] if found else text
        if not _ID.fullmatch(key):
            raise caller.fault(_lt("Enter the address of the spreadsheet."))
        return f"{cls.origin}/v4/spreadsheets/{key}"
