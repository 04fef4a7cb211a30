"""Salesforce: sums by owner that it works out itself.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_groupby.htm
"""

import re
from datetime import datetime, time

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import VendorFault, _lt
from .adapter import OwnedRecords, ask_measure, complete_address

VERSION = "v62.0"
_DAY = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d))?", re.ASCII
)


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
        TargetOption(
            "only",
            _lt("Only Where"),
            "text",
            "IsWon",
            help=_lt(
                "Fields joined by “and” and “or”, e.g. IsWon and Amount >= 1000 or "
                'StageName = "Closed Won".'
            ),
        ),
    )
    object_form = field_form = re.compile(
        r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}"
    )
    scope = "api id refresh_token"
    authorize_address = "/services/oauth2/authorize"  # at My Domain
    token_address = "/services/oauth2/token"

    are_moments = False  # whether the date field has times, found out when it is read

    def explain(self, status, said):
        if "REQUEST_LIMIT_EXCEEDED" in said:
            return self.caller.wait_fault(3600.0)
        if "API_DISABLED" in said or "API_CURRENTLY_DISABLED" in said:
            return self.caller.fault(
                _lt(
                    "The Salesforce user has no API access. Turn on “API Enabled” in "
                    "their profile or permission set."
                )
            )
        if "INVALID_TYPE" in said:
            return self.caller.fault(
                _lt(
                    "Salesforce has no object “%(object)s” that its user can read. "
                    "Check “Object” and the user's permissions."
                ),
                object=self.read_text("object"),
            )
        if "INVALID_FIELD" in said:
            return self.caller.fault(
                _lt(
                    "Salesforce has no such field that its user can read. Check “Date "
                    "Field”, “Field to Sum”, “Only Where” and the user's permissions."
                )
            )
        if status == 404:
            return self.caller.fault(
                _lt("Salesforce found nothing at this address. Check “My Domain”.")
            )
        return None

    @classmethod
    def find_place(cls, settings):
        return complete_address((settings.get("domain") or "").lower())

    def access_addresses(self):
        return (
            f"{self._domain}{self.authorize_address}",
            f"{self._domain}{self.token_address}",
        )

    def test(self):
        found = self.caller.get(f"{self._domain}/services/oauth2/userinfo")
        return self.require(found, "preferred_username", str)

    def add_up(self, period):
        kind, day, amount = self.names
        is_count = self.settings.get("measure") == "count"
        # without a field to add up, Salesforce refuses
        total = "COUNT(Id)" if is_count else f"SUM({amount})"
        where = f" AND ({self._where})" if self.conditions else ""
        question = (
            f"SELECT Owner.Email email, {total} total FROM {kind}"
            f" WHERE {day} >= %(start)s AND {day} < %(stop)s{where}"
            " GROUP BY Owner.Email"
        )
        found = self._ask(question, period)
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
        return [self._read_total(one) for one in records]

    def list_choices(self):
        address = f"{self._domain}/services/data/{VERSION}/sobjects"
        objects = self.require(self.caller.get(address), "sobjects", list)
        found = self.caller.get(f"{address}/{self.names[0]}/describe")
        fields = self.require(found, "fields", list)
        return {
            "object": self.read_choices(objects),
            "day": self.read_choices(fields, ("date", "datetime")),
            "amount": self.read_choices(
                fields, ("currency", "double", "int", "long", "percent")
            ),
            "only": self.read_choices(fields),
        }

    @property
    def _where(self):
        """The filter in SOQL, where % is doubled."""
        return " OR ".join(
            "({})".format(" AND ".join(map(_write_condition, conditions)))
            for conditions in self.conditions
        ).replace("%", "%%")

    def _ask(self, question, period):
        """What Salesforce answers; of a field with times, about days in our zone."""
        days = period.start, period.stop
        if self.are_moments:
            days = (
                datetime.combine(day, time(), self.zone).isoformat() for day in days
            )
        start, stop = days
        try:
            return self.caller.get(
                f"{self._domain}/services/data/{VERSION}/query",
                q=question % {"start": start, "stop": stop},
            )
        except VendorFault as fault:
            if self.are_moments or "must be of type dateTime" not in fault.said:
                raise
        self.are_moments = True
        return self._ask(question, period)

    def _read_total(self, record):
        """``(e-mail, amount)`` of a record; a sum of nothing is 0."""
        if not isinstance(record, dict):
            self.require({}, "total", dict)
        email, value = record.get("email") or "", record.get("total")
        if not isinstance(email, str):
            self.require({}, "email", str)
        if isinstance(value, str):
            raise self.caller.fault(_lt("“%(text)s” is not a number."), text=value[:50])
        number = self.read_number(value, "total")
        return email, int(number) if number.denominator == 1 else float(number)

    @property
    def _domain(self):
        text = self.find_place(self.settings)
        if not re.fullmatch(self.form, text):
            raise self.caller.fault(_lt("Enter My Domain, e.g. x.my.salesforce.com."))
        return text


def _write_condition(condition):
    value = condition.value
    is_plain = value.lower() in ("true", "false", "null") or _DAY.fullmatch(value)
    if condition.is_quoted or not (condition.is_number or is_plain):
        value = "'{}'".format(value.replace("\\", "\\\\").replace("'", "\\'"))
    return f"{condition.field} {condition.operator} {value}"
