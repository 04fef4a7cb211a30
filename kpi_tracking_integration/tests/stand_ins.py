"""Servers that stand for vendors, written from what these document."""

import json
import operator
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

from odoo.addons.kpi_base.tests.web_server import WebServer, reply

TOKEN = "token-7f3a9c"


class StandIn(WebServer):
    """A vendor: ``answer(method, path, query, body)`` gives a status and what is said.

    :ivar token: what a call needs as its bearer; None = nothing
    :ivar next_answers: what is answered instead, once each, before anything else
    """

    token = TOKEN

    def __init__(self):
        super().__init__(self._serve)
        self.next_answers = []

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def _serve(self, handler):
        request = self.received[-1]
        if self.next_answers:
            handler.wfile.write(self.next_answers.pop(0))
            return
        if (
            self.token
            and request.headers.get("authorization") != f"Bearer {self.token}"
        ):
            handler.wfile.write(reply(401, b'{"message": "expired"}'))
            return
        parts = urlsplit(request.target)
        query = {name: value for name, (value,) in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body else None
        status, said = self.answer(request.method, unquote(parts.path), query, body)
        handler.wfile.write(reply(status, json.dumps(said).encode()))

    def answer(self, method, path, query, body):
        raise NotImplementedError


class SheetsStandIn(StandIn):
    """Spreadsheets: id → name of a range → rows."""

    def __init__(self, **ranges):
        super().__init__()
        self.sheets = {"s" * 30: ranges}

    def answer(self, method, path, query, body):
        _empty, _v4, _spreadsheets, key, *rest = path.split("/")
        if key not in self.sheets:
            return 404, {"error": {"message": "Requested entity was not found."}}
        if not rest:
            tabs = [{"properties": {"title": name}} for name in self.sheets[key]]
            return 200, {"properties": {"title": "Plans"}, "sheets": tabs}
        rows = self.sheets[key].get(rest[1])
        if rows is None:
            message = f"Unable to parse range: {rest[1]}"
            return 400, {"error": {"code": 400, "message": message}}
        assert query["valueRenderOption"] == "UNFORMATTED_VALUE"
        found = {"range": rest[1], "majorDimension": query["majorDimension"]}
        return 200, found | ({"values": rows} if rows else {})


COMPARISONS = {
    "EQ": operator.eq,
    "NEQ": operator.ne,
    "GT": operator.gt,
    "GTE": operator.ge,
    "LT": operator.lt,
    "LTE": operator.le,
}
PROPERTIES = [
    {"name": "closedate", "label": "Close Date", "type": "datetime"},
    {"name": "amount", "label": "Amount", "type": "number"},
    {"name": "dealtype", "label": "Deal Type", "type": "enumeration"},
]


class HubSpotStandIn(StandIn):
    """Deals: id, moment, amount as text, id of the owner, whether won."""

    most_hits = 10_000
    day_type = "datetime"  # of the property with the day

    def __init__(self, deals=(), owners=None):
        super().__init__()
        self.deals = [*deals]
        self.owners = owners or {}
        self.searches = 0

    def answer(self, method, path, query, body):
        if path == "/account-info/v3/details":
            return 200, {"portalId": 4711}
        if path == "/crm/v3/owners":
            return 200, self._owners(query)
        if path == "/crm/v3/properties/deals/closedate":
            return 200, {"name": "closedate", "type": self.day_type}
        if path == "/crm/v3/schemas":
            return 200, {"results": [{"name": "cars", "label": "Cars"}]}
        if path == "/crm/v3/properties/deals":
            return 200, {"results": PROPERTIES}
        if path == "/crm/v3/objects/deals/search":
            self.searches += 1
            return self._search(body)
        return 404, {"message": "no such path"}

    def _owners(self, query):
        found = [
            {"id": key, "email": email, "archived": False}
            for key, email in sorted(self.owners.items())
            if query["archived"] == "false"
        ]
        start = int(query.get("after", 0))
        answer = {"results": found[start : start + 2]}
        if start + 2 < len(found):
            answer["paging"] = {"next": {"after": str(start + 2)}}
        return answer

    def _search(self, body):
        groups = [group["filters"] for group in body["filterGroups"]]
        assert len(groups) <= 5 and sum(map(len, groups)) <= 18
        hits = [
            deal for deal in self.deals if any(_is_hit(deal, one) for one in groups)
        ]
        after = int(body.get("after", 0))
        if after + body["limit"] > self.most_hits:
            return 400, {"message": "after is too large"}
        page = hits[after : after + body["limit"]]
        answer = {
            "total": len(hits),
            "results": [
                {
                    "id": key,
                    "properties": {"amount": amount, "hubspot_owner_id": owner},
                }
                for key, _moment, amount, owner, _won in page
            ],
        }
        if after + len(page) < len(hits):
            answer["paging"] = {"next": {"after": str(after + len(page))}}
        return 200, answer


def _is_hit(deal, filters):
    """Whether a deal has all that the filters of a group ask for."""
    first, last, *further = filters
    assert (first["operator"], last["operator"]) == ("GTE", "LT")
    start, stop = int(first["value"]), int(last["value"])
    values = {"amount": deal[2], "hs_is_closed_won": deal[4]}
    return start <= deal[1].timestamp() * 1000 < stop and all(
        COMPARISONS[one["operator"]](
            float(values[one["propertyName"]] or 0), float(json.loads(one["value"]))
        )
        for one in further
    )


class EndlessHubSpot(HubSpotStandIn):
    """A search whose pages never end.

    :param is_repeating: each page leads to itself
    :param pause: seconds before a page is answered
    """

    def __init__(self, *, is_repeating=False, pause=0.0):
        super().__init__()
        self.is_repeating = is_repeating
        self.pause = pause

    def _search(self, body):
        time.sleep(self.pause)
        page = 0 if self.is_repeating else int(body.get("after", 0)) + 1
        hit = {"id": str(self.searches), "properties": {"amount": "1"}}
        paging = {"next": {"after": str(page)}}
        return 200, {"total": 1, "results": [hit], "paging": paging}


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


FIELDS = [
    {"name": "CloseDate", "label": "Close Date", "type": "date"},
    {"name": "Amount", "label": "Amount", "type": "currency"},
    {"name": "StageName", "label": "Stage", "type": "picklist"},
]


class SalesforceStandIn(StandIn):
    """Opportunities: day, amount, e-mail of the owner, whether won."""

    def __init__(self, opportunities=()):
        super().__init__()
        self.opportunities = [*opportunities]

    def answer(self, method, path, query, body):
        if path == "/services/oauth2/userinfo":
            return 200, {"preferred_username": "api@nordwind.test"}
        if path == "/services/data/v62.0/sobjects":
            named = {"name": "Opportunity", "label": "Opportunity"}
            return 200, {"sobjects": [named]}
        if path == "/services/data/v62.0/sobjects/Opportunity/describe":
            return 200, {"fields": FIELDS}
        if path != "/services/data/v62.0/query":
            return 404, [{"errorCode": "NOT_FOUND"}]
        soql = query["q"]
        days = [word for word in soql.split() if word[:4].isdigit()]
        if "CreatedDate" in soql and "T" not in days[0]:
            message = (
                "filter criterion for field 'CreatedDate' must be of type dateTime"
            )
            return 400, [{"errorCode": "INVALID_FIELD", "message": message}]
        sums = {}
        for day, amount, email, won in self.opportunities:
            if days[0] <= day < days[1] and (won or "IsWon" not in soql):
                added = 1 if "COUNT(Id)" in soql else amount
                sums[email] = sums.get(email, 0) + added
        records = [
            {"attributes": {"type": "AggregateResult"}, "email": email, "total": total}
            for email, total in sums.items()
        ]
        return 200, {"totalSize": len(records), "done": True, "records": records}


class WebStandIn(StandIn):
    """A document at one address."""

    def __init__(self, document):
        super().__init__()
        self.document = document

    def answer(self, method, path, query, body):
        if (method, path) == ("GET", "/rows"):
            return 200, self.document
        return 404, {"message": "no such path"}


GUID = "0a1b2c3d-0000-4000-8000-%012d"


class SlackStandIn(StandIn):
    """Slack's Web API: what it was asked to show whom."""

    def __init__(self):
        super().__init__()
        self.shown = []

    def answer(self, method, path, query, body):
        if path == "/api/auth.test":
            return 200, {"ok": True, "team": "Nordwind"}
        if path == "/api/chat.postEphemeral":
            if body["channel"] != "C1":
                return 200, {"ok": False, "error": "channel_not_found"}
            self.shown.append(body)
            return 200, {"ok": True, "message_ts": "1"}
        return 200, {"ok": False, "error": "unknown_method"}


class PowerBiStandIn(StandIn):
    """A dataset, and who may have it refreshed."""

    token = None
    secret = TOKEN
    dataset = f"/v1.0/myorg/groups/{GUID % 3}/datasets/{GUID % 4}"

    def __init__(self):
        super().__init__()
        self.refreshes = 0

    def _serve(self, handler):
        request = self.received[-1]
        if request.target == f"/{GUID % 1}/oauth2/v2.0/token":
            form = {key: value for key, (value,) in parse_qs(request.body).items()}
            assert form[b"grant_type"] == b"client_credentials"
            assert form[b"scope"].endswith(b"/powerbi/api/.default")
            granted = {"error": "invalid_client"}
            if form[b"client_secret"].decode() == self.secret:
                self.token = "granted"
                granted = {"access_token": self.token, "token_type": "Bearer"}
            handler.wfile.write(reply(200, json.dumps(granted).encode()))
            return
        super()._serve(handler)

    def answer(self, method, path, query, body):
        if path == self.dataset:
            return 200, {"id": GUID % 4, "name": "Nordwind KPIs"}
        if (method, path) == ("POST", f"{self.dataset}/refreshes"):
            self.refreshes += 1
            return 202, None
        return 404, {"error": {"code": "PowerBIEntityNotFound"}}


class TableauStandIn(StandIn):
    """A published data source of a site."""

    token = None

    def __init__(self):
        super().__init__()
        self.refreshes = 0

    def answer(self, method, path, query, body):
        request = self.received[-1]
        assert request.headers["accept"] == "application/json"
        if path == "/api/3.24/auth/signin":
            given = body["credentials"]
            if given["personalAccessTokenSecret"] != TOKEN:
                return 401, {"error": {"code": "401001"}}
            assert given["site"] == {"contentUrl": "nordwind"}
            site = {"id": GUID % 5, "contentUrl": "nordwind"}
            return 200, {"credentials": {"site": site, "token": "session"}}
        if request.headers.get("x-tableau-auth") != "session":
            return 401, {"error": {"code": "401002"}}
        source = f"/api/3.24/sites/{GUID % 5}/datasources/{GUID % 6}"
        if path == source:
            return 200, {"datasource": {"id": GUID % 6, "name": "KPIs"}}
        if (method, path) == ("POST", f"{source}/refresh"):
            self.refreshes += 1
            return 202, {"job": {"id": GUID % 7}}
        return 404, {"error": {"code": "404004"}}
