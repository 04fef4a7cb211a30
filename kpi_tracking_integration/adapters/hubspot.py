"""HubSpot: objects of the CRM, added up by owner.

https://developers.hubspot.com/docs/api-reference/search/guide
"""

import re
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import VendorFault, _lt
from .adapter import OwnedRecords, Pages, ask_measure

PAGE = 200
# of one search
MAX_GROUPS, MAX_FILTERS, MAX_ALL_FILTERS = 5, 6, 18
OPERATORS = {"=": "EQ", "!=": "NEQ", ">": "GT", ">=": "GTE", "<": "LT", "<=": "LTE"}
# that each account has; its schemas list the others
OBJECTS = (
    *("deals", "contacts", "companies", "tickets", "leads", "quotes", "line_items"),
    *("products", "orders", "invoices", "calls", "emails", "meetings", "tasks"),
)
MOST_HITS = 10_000  # of one search, whatever is asked for


class HubSpot(OwnedRecords):
    """Deals and other objects by the day of a property.

    Moments belong to days of the company's time zone; HubSpot has dates in UTC.
    """

    name = "HubSpot"
    pause = 0.21  # five searches a second
    icon = "fa-users"
    gives = _lt("Deals and other objects, summed or counted by owner.")
    needs = _lt("Your app, or a private app token.")
    options = (
        TargetOption("object", _lt("Object"), "text", "deals"),
        TargetOption("day", _lt("Date Property"), "text", "closedate"),
        ask_measure(_lt("Sum of a Property")),
        TargetOption("amount", _lt("Property to Sum"), "text", "amount"),
        TargetOption(
            "only",
            _lt("Only Where"),
            "text",
            "hs_is_closed_won",
            help=_lt(
                "Fields joined by “and” and “or”, e.g. hs_is_closed_won and amount >= "
                '1000 or dealtype = "newbusiness".'
            ),
        ),
    )
    object_form = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)
    field_form = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
    scope = "crm.objects.deals.read crm.objects.owners.read"
    authorize_address = "https://app.hubspot.com/oauth/authorize"
    token_address = "https://api.hubapi.com/oauth/v1/token"
    origin = "https://api.hubapi.com"

    def explain(self, status, said):
        kind = self.read_text("object")
        if status == 403 and "SCOPE" in said.upper():
            return self.caller.fault(
                _lt(
                    "The HubSpot app has no permission to read %(object)s. Add its "
                    "read scope and crm.objects.owners.read to the app, then connect "
                    "again."
                ),
                object=kind,
            )
        if status == 404 or (status == 400 and "object type" in said.lower()):
            return self.caller.fault(
                _lt("HubSpot has no object “%(object)s”. Check “Object”."), object=kind
            )
        if status == 400 and "propert" in said.lower():
            return self.caller.fault(
                _lt(
                    "HubSpot has no property of this name, or not of this type. Check "
                    "“Date Property”, “Property to Sum” and “Only Where”."
                )
            )
        return None

    def test(self):
        found = self.caller.get(f"{self.origin}/account-info/v3/details")
        return str(self.require(found, "portalId", int))

    def add_up(self, period):
        zone = self._day_zone
        start, stop = (
            datetime.combine(day, time(), zone).astimezone(UTC)
            for day in (period.start, period.stop)
        )
        sums = defaultdict(Fraction)
        for properties in self._list_hits(start, stop, Pages(self.caller)):
            owner = properties.get("hubspot_owner_id") or ""
            if not isinstance(owner, str | int):
                self.require(properties, "hubspot_owner_id", str)
            sums[str(owner)] += self._read(properties)
        owners = self._owners
        return [(owners.get(key, key), float(sums[key])) for key in sorted(sums)]

    def list_choices(self):
        own = []
        try:
            found = self.caller.get(f"{self.origin}/crm/v3/schemas")
            own = self.require(found, "results", list)
        except VendorFault as fault:
            if fault.status not in (400, 403, 404):
                raise  # else it has no custom objects, or does not show them
        found = self.caller.get(f"{self.origin}/crm/v3/properties/{self.names[0]}")
        fields = self.require(found, "results", list)
        return {
            "object": [(name, name) for name in OBJECTS] + self.read_choices(own),
            "day": self.read_choices(fields, ("date", "datetime")),
            "amount": self.read_choices(fields, ("number",)),
            "only": self.read_choices(fields),
        }

    @cached_property
    def _filters(self):
        """Filters of each alternative."""
        groups = [
            [
                {
                    "propertyName": condition.field,
                    "operator": OPERATORS[condition.operator],
                    "value": condition.value,
                }
                for condition in conditions
            ]
            for conditions in self.conditions or [[]]
        ]
        most = MAX_FILTERS - 2  # without those of the days
        if len(groups) > MAX_GROUPS or max(map(len, groups)) > most:
            raise self.caller.fault(
                _lt(
                    "HubSpot allows %(groups)s parts joined by “or” with %(most)s "
                    "conditions each. Shorten “Only Where”."
                ),
                groups=MAX_GROUPS,
                most=most,
            )
        if sum(map(len, groups)) + 2 * len(groups) > MAX_ALL_FILTERS:
            raise self.caller.fault(
                _lt(
                    "HubSpot allows %(most)s conditions; each part joined by “or” has "
                    "two for its days. Shorten “Only Where”."
                ),
                most=MAX_ALL_FILTERS,
            )
        return groups

    @cached_property
    def _day_zone(self):
        """UTC where the property is a date, which HubSpot has as midnight in UTC."""
        kind, day, _amount = self.names
        try:
            found = self.caller.get(f"{self.origin}/crm/v3/properties/{kind}/{day}")
        except VendorFault as fault:
            if fault.status not in (400, 403, 404):
                raise
            return self.zone  # not shown to the app, or the search names what is wrong
        is_date = isinstance(found, dict) and found.get("type") == "date"
        return UTC if is_date else self.zone

    @cached_property
    def _owners(self):
        """Id → e-mail of all that own something, those that left as well."""
        owners, pages = {}, Pages(self.caller)
        for archived in ("false", "true"):
            query = {"limit": 500, "archived": archived}
            while query:
                pages.turn((archived, query.get("after")))
                found = self.caller.get(f"{self.origin}/crm/v3/owners", **query)
                for one in self.require(found, "results", list):
                    key = self.require(one, "id", str)
                    email = one.get("email")
                    owners.setdefault(key, email if isinstance(email, str) else key)
                after = self._find_next(found)
                query = {**query, "after": after} if after else {}
        return owners

    def _list_hits(self, start, stop, pages):
        """Properties of all from ``start`` until before ``stop``.

        A span with more hits than are given out is halved until each part fits.
        """
        pages.turn((start, stop, None))
        found = self._search(start, stop)
        total = self.require(found, "total", int)
        if total > MOST_HITS:
            middle = start + (stop - start) / 2
            middle -= timedelta(microseconds=middle.microsecond % 1000)
            if middle <= start:
                raise self.caller.fault(
                    _lt(
                        "HubSpot has too many records (%(count)s) at %(moment)s. "
                        "Choose another date property."
                    ),
                    count=total,
                    moment=start.isoformat(" ", "seconds"),
                )
            yield from self._list_hits(start, middle, pages)
            yield from self._list_hits(middle, stop, pages)
            return
        seen, after = set(), None
        while found:
            for one in self.require(found, "results", list):
                key = self.require(one, "id", str)
                if key not in seen:
                    seen.add(key)
                    yield self.require(one, "properties", dict)
            after = self._find_next(found)
            if after:
                pages.turn((start, stop, after))
            found = after and self._search(start, stop, after)
        if len(seen) != total:
            raise self.caller.fault(
                _lt(
                    "Only %(count)s of %(total)s %(vendor)s records could be read. "
                    "No data was saved; the next sync retries."
                ),
                count=len(seen),
                total=total,
            )

    def _search(self, start, stop, after=None):
        kind, day, amount = self.names
        days = [
            {"propertyName": day, "operator": "GTE", "value": _moment(start)},
            {"propertyName": day, "operator": "LT", "value": _moment(stop)},
        ]
        groups = [{"filters": [*days, *filters]} for filters in self._filters]
        question = {
            "filterGroups": groups,
            "properties": [*filter(None, [amount, "hubspot_owner_id"])],
            # a fixed order: else pages overlap
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "limit": PAGE,
        }
        if after:
            question["after"] = after
        return self.caller.post(f"{self.origin}/crm/v3/objects/{kind}/search", question)

    def _find_next(self, found):
        paging = found.get("paging") or {"next": None}
        if not isinstance(paging, dict):
            self.require({}, "paging", dict)
        following = paging.get("next")
        return self.require(following, "after", str) if following else ""

    def _read(self, properties):
        _kind, _day, name = self.names
        if not name:
            return 1
        return self.read_number(properties.get(name), name)


def _moment(moment):
    return str(int(moment.timestamp() * 1000))
