"""HubSpot: objects of the CRM, added up by owner.

https://developers.hubspot.com/docs/api-reference/search/guide
"""

import re
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from .adapter import OWNED_TITLES, Adapter, Pulled, require

PAGE = 200
MOST_HITS = 10_000  # of one search, whatever is asked for
MILLISECOND = timedelta(milliseconds=1)
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_OBJECT = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)


class HubSpot(Adapter):
    """Deals and other objects by the day of a property, in UTC as HubSpot has it."""

    name = "HubSpot"
    pause = 0.21  # five searches a second
    icon = "fa-users"
    gives = _lt("Deals and other objects, added up or counted by owner.")
    needs = _lt("An app of yours there, or the token of a private app.")
    scope = "crm.objects.deals.read crm.objects.owners.read"
    authorize_address = "https://app.hubspot.com/oauth/authorize"
    token_address = "https://api.hubapi.com/oauth/v1/token"
    origin = "https://api.hubapi.com"

    @classmethod
    def asks(cls):
        sums = [("sum", _lt("Sum of a property")), ("count", _lt("Number of records"))]
        return [
            TargetOption("object", _lt("Object"), "text", "deals"),
            TargetOption("day", _lt("Property with the Day"), "text", "closedate"),
            TargetOption("measure", _lt("Measure"), "choice", "sum", choices=sums),
            TargetOption("amount", _lt("Property to Add Up"), "text", "amount"),
            TargetOption("only", _lt("Only Where"), "text", "hs_is_closed_won"),
        ]

    @classmethod
    def test(cls, caller, settings):
        found = caller.get(f"{cls.origin}/account-info/v3/details")
        return str(require(caller, found, "portalId", int))

    @classmethod
    def pull(cls, caller, settings, periods):
        search = _Search(cls.origin, caller, settings)
        owners, rows = cls._list_owners(caller), []
        for period in periods:
            start, stop = (
                datetime.combine(day, time(), UTC)
                for day in (period.start, period.stop)
            )
            sums = defaultdict(Fraction)
            for owner, amount in search.list_amounts(start, stop):
                sums[owner] += amount
            rows += [
                [period.start, owners.get(owner, owner), float(total)]
                for owner, total in sorted(sums.items())
            ]
        return Pulled(OWNED_TITLES, rows, periods)

    @classmethod
    def _list_owners(cls, caller):
        """Id → e-mail of all that own something, those that left as well."""
        owners = {}
        for archived in ("false", "true"):
            query = {"limit": 500, "archived": archived}
            while query:
                found = caller.get(f"{cls.origin}/crm/v3/owners", **query)
                for one in require(caller, found, "results", list):
                    key = require(caller, one, "id", str)
                    owners.setdefault(key, one.get("email") or key)
                after = _next_page(caller, found)
                query = {**query, "after": after} if after else {}
        return owners


class _Search:
    def __init__(self, origin, caller, settings):
        self.caller = caller
        names = ("day", "amount", "only")
        self.day, self.amount, self.only = (settings.get(name) or "" for name in names)
        if settings.get("measure") == "count":
            self.amount = ""
        kind = settings.get("object") or ""
        checked = [(kind, _OBJECT), (self.day, _PROPERTY)]
        checked += [(one, _PROPERTY) for one in (self.amount, self.only) if one]
        for text, form in checked:
            if not form.fullmatch(text):
                raise caller.fault(
                    _lt("“%(name)s” is no name of %(vendor)s."), name=text[:50]
                )
        self.address = f"{origin}/crm/v3/objects/{kind}/search"

    def list_amounts(self, start, stop):
        """``(owner, amount)`` of all from ``start`` until before ``stop``.

        A span with more hits than are given out is halved until each part fits.
        """
        first = self._ask(start, stop)
        total = require(self.caller, first, "total", int)
        if total > MOST_HITS:
            middle = start + (stop - start) / 2
            middle -= timedelta(microseconds=middle.microsecond % 1000)
            if middle <= start:
                raise self.caller.fault(
                    _lt(
                        "HubSpot has %(count)s records of one moment, %(moment)s: more"
                        " than it gives out. Choose another property with the day."
                    ),
                    count=total,
                    moment=start.isoformat(" ", "seconds"),
                )
            yield from self.list_amounts(start, middle)
            yield from self.list_amounts(middle, stop)
            return
        seen, found = set(), first
        while True:
            for one in require(self.caller, found, "results", list):
                key = require(self.caller, one, "id", str)
                if key not in seen:
                    seen.add(key)
                    yield self._read(require(self.caller, one, "properties", dict))
            after = _next_page(self.caller, found)
            if not after:
                break
            found = self._ask(start, stop, after)
        if len(seen) != total:
            raise self.caller.fault(
                _lt(
                    "%(vendor)s gave %(count)s of %(total)s records: they changed"
                    " meanwhile. Nothing was changed here; the next run tries again."
                ),
                count=len(seen),
                total=total,
            )

    def _ask(self, start, stop, after=None):
        filters = [
            {"propertyName": self.day, "operator": "GTE", "value": _moment(start)},
            {"propertyName": self.day, "operator": "LT", "value": _moment(stop)},
        ]
        if self.only:
            filters.append(
                {"propertyName": self.only, "operator": "EQ", "value": "true"}
            )
        question = {
            "filterGroups": [{"filters": filters}],
            "properties": [*filter(None, [self.amount, "hubspot_owner_id"])],
            # a fixed order: else pages overlap
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "limit": PAGE,
        }
        return self.caller.post(
            self.address, question | ({"after": after} if after else {})
        )

    def _read(self, properties):
        owner = properties.get("hubspot_owner_id") or ""
        if not self.amount:
            return owner, 1
        try:
            return owner, Fraction(properties.get(self.amount) or 0)
        except ValueError:
            raise self.caller.fault(
                _lt("“%(text)s” in %(name)s is no number."),
                text=str(properties[self.amount])[:50],
                name=self.amount,
            ) from None


def _moment(moment):
    return str(int(moment.timestamp() * 1000))


def _next_page(caller, found):
    paging = found.get("paging") or {}
    return require(caller, paging["next"], "after", str) if paging.get("next") else ""
