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

MAX_TITLE_ROW = 1_000
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
            help=_lt("e.g. Actuals or Actuals!A1:D500."),
        ),
        TargetOption(
            "title_row",
            _lt("Title Row"),
            "number",
            1,
            help=_lt("Row of the range that has the column titles."),
        ),
    )
    scope = "https://www.googleapis.com/auth/spreadsheets.readonly"
    authorize_address = "https://accounts.google.com/o/oauth2/v2/auth"
    consent_options = {"access_type": "offline", "prompt": "consent"}
    token_address = "https://oauth2.googleapis.com/token"
    origin = "https://sheets.googleapis.com"
    account = ""  # whom the spreadsheet has to be shared with

    def explain(self, status, said):
        if status == 403 and re.search("SERVICE_DISABLED|has not been used", said):
            return self.caller.fault(
                _lt(
                    "The Google Sheets API is off in your project. Turn it on in the "
                    "Google Cloud console."
                )
            )
        if status == 403 and "rateLimit" in said:
            return self.caller.wait_fault()
        if status == 403 and self.account:
            return self.caller.fault(
                _lt(
                    "The spreadsheet is not shared with %(account)s. Share it with "
                    "this address as a viewer."
                ),
                account=self.account,
            )
        if status == 403:
            return self.caller.fault(
                _lt(
                    "The spreadsheet is not shared with the connected account. Share "
                    "it as a viewer, or connect another account."
                )
            )
        if status == 404:
            return self.caller.fault(
                _lt(
                    "Google Sheets found no spreadsheet at this address. Copy it "
                    "from the browser to “Spreadsheet Address”."
                )
            )
        if status == 400 and "Unable to parse range" in said:
            return self.caller.fault(
                _lt(
                    "The spreadsheet has no tab or range “%(range)s”; it may have been "
                    "renamed. Enter its current name in “Sheet and Range”."
                ),
                range=self.read_text("range"),
            )
        if status == 400 and "not supported for this document" in said:
            return self.caller.fault(
                _lt(
                    "This file is not a Google spreadsheet. In Google Sheets, choose "
                    "File > Save as Google Sheets and enter the new address."
                )
            )
        return None

    def sign_in(self):
        if self.credentials.lstrip().startswith("{"):  # the key file
            try:
                account = read_service_account(self.credentials)
            except KeyFault as fault:
                raise self.caller.fault(
                    _lt("Invalid key file: “%(name)s” is missing or wrong."),
                    name=str(fault),
                ) from fault
            self.account = account.email
            assertion = account.sign(self.token_address, self.scope, datetime.now(UTC))
            token = self.fetch_token(ask_by_assertion(assertion))
            self.credentials = token.access
        return super().sign_in()

    def test(self):
        found = self.caller.get(self._address, fields="properties.title")
        return self.require(self.require(found, "properties", dict), "title", str)

    def list_choices(self):
        found = self.caller.get(self._address, fields="sheets.properties.title")
        tabs = [
            one.get("properties") if isinstance(one, dict) else None
            for one in self.require(found, "sheets", list)
        ]
        return {"range": self.read_choices(tabs, name="title")}

    def pull(self, periods):
        place = self.settings.get("range") or ""
        found = self.caller.get(
            f"{self._address}/values/{quote(place, safe='')}",
            majorDimension="ROWS",
            valueRenderOption="UNFORMATTED_VALUE",
            dateTimeRenderOption="SERIAL_NUMBER",
        )
        # an empty range has no values at all; rows end where their last cell is filled
        if isinstance(found, dict) and "range" in found:
            found.setdefault("values", [])
        rows = self.require(found, "values", list)
        if not rows:
            raise self.caller.fault(_lt("The range “%(range)s” is empty."), range=place)
        if not all(isinstance(row, list) for row in rows):
            rows = self.require({}, "values", list)  # as if there were none
        if any(isinstance(cell, dict | list) for row in rows for cell in row):
            raise self.caller.fault(_lt("%(vendor)s returned cells without a value."))
        start = self._title_row
        if len(rows) < start:
            raise self.caller.fault(
                _lt("The range “%(range)s” has no row %(row)s. Check “Title Row”."),
                range=place,
                row=start,
            )
        titles, *cells = rows[start - 1 :]
        for number, row in enumerate(cells, start + 1):
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
    def _title_row(self):
        number = self.settings["title_row"]
        if number != int(number) or not 1 <= number <= MAX_TITLE_ROW:
            raise self.caller.fault(
                _lt("Enter a whole number from 1 to %(most)s as “Title Row”."),
                most=MAX_TITLE_ROW,
            )
        return int(number)

    @property
    def _address(self):
        found = _ADDRESS.fullmatch(self.read_text("spreadsheet"))
        if not found:
            raise self.caller.fault(_lt("Enter the spreadsheet address."))
        return f"{self.origin}/v4/spreadsheets/{found[1]}"
