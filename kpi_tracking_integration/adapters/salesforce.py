"""Salesforce: sums by owner that it works out itself.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_groupby.htm
"""

import re

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from .adapter import OWNED_TITLES, Adapter, Pulled, require

VERSION = "v62.0"
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}")


class Salesforce(Adapter):
    """One question a period: no more than 2,000 owners are grouped at once."""

    name = "Salesforce"
    form = r"https://[a-z0-9-]+(\.[a-z0-9-]+)*\.(salesforce|force)\.com"
    icon = "fa-cloud"
    gives = _lt("Sums or counts by owner, which Salesforce works out itself.")
    needs = _lt("An app of yours there, to which somebody who may use the API agrees.")
    scope = "api id refresh_token"
    authorize_address = "/services/oauth2/authorize"  # at My Domain
    token_address = "/services/oauth2/token"

    @classmethod
    def asks(cls):
        sums = [("sum", _lt("Sum of a field")), ("count", _lt("Number of records"))]
        return [
            TargetOption("domain", _lt("My Domain"), "text"),
            TargetOption("object", _lt("Object"), "text", "Opportunity"),
            TargetOption("day", _lt("Field with the Day"), "text", "CloseDate"),
            TargetOption("measure", _lt("Measure"), "choice", "sum", choices=sums),
            TargetOption("amount", _lt("Field to Add Up"), "text", "Amount"),
            TargetOption("only", _lt("Only Where"), "text", "IsWon"),
        ]

    @classmethod
    def access_addresses(cls, caller, settings):
        origin = cls._domain(caller, settings)
        return f"{origin}{cls.authorize_address}", f"{origin}{cls.token_address}"

    @classmethod
    def test(cls, caller, settings):
        address = f"{cls._domain(caller, settings)}/services/oauth2/userinfo"
        return require(caller, caller.get(address), "preferred_username", str)

    @classmethod
    def pull(cls, caller, settings, periods):
        names = ("object", "day", "amount", "only")
        kind, day, amount, only = (settings.get(name) or "" for name in names)
        is_count = settings.get("measure") == "count"
        for name in filter(None, [kind or " ", day or " ", amount, only]):
            if not _FIELD.fullmatch(name):
                raise caller.fault(
                    _lt("“%(name)s” is no name of %(vendor)s."), name=name[:50]
                )
        address = f"{cls._domain(caller, settings)}/services/data/{VERSION}/query"
        total = "COUNT(Id)" if is_count else f"SUM({amount})"
        where = f" AND {only} = true" if only else ""
        rows = []
        for period in periods:
            found = caller.get(
                address,
                q=(
                    f"SELECT Owner.Email email, {total} total FROM {kind}"
                    f" WHERE {day} >= {period.start} AND {day} < {period.stop}{where}"
                    " GROUP BY Owner.Email"
                ),
            )
            records = require(caller, found, "records", list)
            if not require(caller, found, "done", bool) or len(records) != require(
                caller, found, "totalSize", int
            ):
                raise caller.fault(
                    _lt("%(vendor)s gave only a part of the owners of %(day)s."),
                    day=period.start,
                )
            rows += [
                [period.start, one.get("email") or "", _number(caller, one)]
                for one in records
            ]
        return Pulled(OWNED_TITLES, rows, periods)

    @classmethod
    def _domain(cls, caller, settings):
        text = (settings.get("domain") or "").strip().rstrip("/").lower()
        if "://" not in text:
            text = f"https://{text}"
        if not re.fullmatch(cls.form, text):
            raise caller.fault(_lt("Enter My Domain, such as x.my.salesforce.com."))
        return text


def _number(caller, record):
    value = record.get("total")
    if value is None:  # a sum of nothing
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise caller.fault(_lt("“%(text)s” is no number."), text=str(value)[:50])
    return value
