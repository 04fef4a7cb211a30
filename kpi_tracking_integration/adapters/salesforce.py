"""Salesforce: sums by owner that it works out itself.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_groupby.htm
"""

import re

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from .adapter import OwnedRecords, ask_measure

VERSION = "v62.0"


class Salesforce(OwnedRecords):
    """One question a period: no more than 2,000 owners are grouped at once."""

    name = "Salesforce"
    form = r"https://[a-z0-9-]+(\.[a-z0-9-]+)*\.(salesforce|force)\.com"
    icon = "fa-cloud"
    gives = _lt("Sums or counts by owner.")
    needs = _lt("Your app, authorized by a user with API access.")
    options = (
        TargetOption("domain", _lt("My Domain"), "text"),
        TargetOption("object", _lt("Object"), "text", "Opportunity"),
        TargetOption("day", _lt("Date Field"), "text", "CloseDate"),
        ask_measure(_lt("Sum of a Field")),
        TargetOption("amount", _lt("Field to Sum"), "text", "Amount"),
        TargetOption("only", _lt("Only Where"), "text", "IsWon"),
    )
    object_form = field_form = re.compile(
        r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}"
    )
    scope = "api id refresh_token"
    authorize_address = "/services/oauth2/authorize"  # at My Domain
    token_address = "/services/oauth2/token"

    def access_addresses(self):
        return (
            f"{self._domain}{self.authorize_address}",
            f"{self._domain}{self.token_address}",
        )

    def test(self):
        found = self.caller.get(f"{self._domain}/services/oauth2/userinfo")
        return self.require(found, "preferred_username", str)

    def add_up(self, period):
        kind, day, amount, only = self.names
        is_count = self.settings.get("measure") == "count"
        # without a field to add up, Salesforce refuses
        total = "COUNT(Id)" if is_count else f"SUM({amount})"
        where = f" AND {only} = true" if only else ""
        found = self.caller.get(
            f"{self._domain}/services/data/{VERSION}/query",
            q=(
                f"SELECT Owner.Email email, {total} total FROM {kind}"
                f" WHERE {day} >= {period.start} AND {day} < {period.stop}{where}"
                " GROUP BY Owner.Email"
            ),
        )
        records = self.require(found, "records", list)
        is_whole = len(records) == self.require(found, "totalSize", int)
        if not (self.require(found, "done", bool) and is_whole):
            raise self.caller.fault(
                _lt(
                    "%(vendor)s returned only some owners for %(day)s. No data was "
                    "saved. Use “Only Where” to read fewer owners."
                ),
                day=period.start,
            )
        return [(one.get("email") or "", self._read_total(one)) for one in records]

    def _read_total(self, record):
        value = record.get("total")
        if value is None:  # a sum of nothing
            return 0
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.caller.fault(
                _lt("“%(text)s” is not a number."), text=str(value)[:50]
            )
        return value

    @property
    def _domain(self):
        text = self.read_text("domain").rstrip("/").lower()
        if "://" not in text:
            text = f"https://{text}"
        if not re.fullmatch(self.form, text):
            raise self.caller.fault(_lt("Enter My Domain, e.g. x.my.salesforce.com."))
        return text
