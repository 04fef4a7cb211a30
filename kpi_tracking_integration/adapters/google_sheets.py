"""Google Sheets: the values of a range.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/get
"""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from ..engine.oauth import KeyFault, ask_by_assertion, read_service_account
from .adapter import Adapter, Pulled

_ADDRESS = re.compile(r"(?:.*/spreadsheets/d/)?([\w-]{20,100})(?:/.*)?", re.ASCII)


class GoogleSheets(Adapter):
    """Whole tables: their first row has the titles."""

    kind = "pull"
    name = "Google Sheets"
    icon = "fa-table"
    gives = _lt("A range with a title row.")
    needs = _lt(
        "Key file of a service account with spreadsheet access, or your own app."
    )
    options = (
        TargetOption("spreadsheet", _lt("Spreadsheet Address"), "text"),
        TargetOption(
            "range",
            _lt("Sheet and Range"),
            "text",
            help=_lt("e.g. Actuals or Actuals!A1:D500, titles in the first row."),
        ),
    )
    scope = "https://www.googleapis.com/auth/spreadsheets.readonly"
    authorize_address = "https://accounts.google.com/o/oauth2/v2/auth"
    consent_options = {"access_type": "offline", "prompt": "consent"}
    token_address = "https://oauth2.googleapis.com/token"
    origin = "https://sheets.googleapis.com"

    def sign_in(self):
        if self.credentials.lstrip().startswith("{"):  # the key file
            try:
                account = read_service_account(self.credentials)
            except KeyFault as fault:
                raise self.caller.fault(
                    _lt("Invalid key file: “%(name)s” is missing or wrong."),
                    name=str(fault),
                ) from fault
            assertion = account.sign(self.token_address, self.scope, datetime.now(UTC))
            token = self.fetch_token(ask_by_assertion(assertion))
            self.credentials = token.access
        return super().sign_in()

    def test(self):
        found = self.caller.get(self._address, fields="properties.title")
        return self.require(self.require(found, "properties", dict), "title", str)

    def pull(self, periods):
        place = self.settings.get("range") or ""
        found = self.caller.get(
            f"{self._address}/values/{quote(place, safe='')}",
            majorDimension="ROWS",
            valueRenderOption="UNFORMATTED_VALUE",
            dateTimeRenderOption="SERIAL_NUMBER",
        )
        # an empty range has no values at all; rows end where their last cell is filled
        rows = self.require({"values": [], **found}, "values", list)
        if not rows:
            raise self.caller.fault(_lt("The range “%(range)s” is empty."), range=place)
        titles, *cells = rows
        for number, row in enumerate(cells, 2):
            if len(row) > len(titles):
                raise self.caller.fault(
                    _lt("Row %(row)s has a cell without a column title."),
                    row=number,
                )
            if "" in row:
                row[:] = (None if cell == "" else cell for cell in row)
            row += [None] * (len(titles) - len(row))
        return Pulled([*map(str, titles)], cells)

    @property
    def _address(self):
        found = _ADDRESS.fullmatch(self.read_text("spreadsheet"))
        if not found:
            raise self.caller.fault(_lt("Enter the spreadsheet address."))
        return f"{self.origin}/v4/spreadsheets/{found[1]}"
