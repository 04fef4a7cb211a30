import json
import random
import re
import socket
import time
from datetime import UTC, date, timedelta
from unittest.mock import patch
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_base.tests.web_server import reply

from ...adapters import ADAPTERS, GoogleSheets, HubSpot, Salesforce, WebAddress
from ...engine.caller import MOST_BYTES, Caller, VendorFault
from ..stand_ins import (
    TOKEN,
    EndlessHubSpot,
    HubSpotStandIn,
    SalesforceStandIn,
    SheetsStandIn,
    moment,
)

JANUARY = Period("month", date(2026, 1, 1), date(2026, 2, 1))
FEBRUARY = Period("month", date(2026, 2, 1), date(2026, 3, 1))
SHEET = {"spreadsheet": "https://docs.google.com/spreadsheets/d/" + "s" * 30 + "/edit"}
ACTUALS = {**SHEET, "range": "Actuals!A1:C9"}


def _caller(name, token=TOKEN, **options):
    headers = {"Authorization": f"Bearer {token}"}
    return Caller(name, ["127.0.0.1"], headers, [token], **options)


def _settings(adapter, **values):
    return {option.key: option.default for option in adapter.options} | values


def _pull(adapter, server, periods=(JANUARY,), caller=None, zone=UTC, **settings):
    caller = caller or _caller(adapter.name)
    settings = _settings(adapter, **settings)
    if adapter in (Salesforce, WebAddress):
        settings |= {"domain": server.origin, "address": f"{server.origin}/rows"}
        return _pull_of(adapter, caller, settings, periods, zone)
    with patch.object(adapter, "origin", server.origin):
        return _pull_of(adapter, caller, settings, periods, zone)


def _pull_of(adapter, caller, settings, periods, zone):
    with patch.object(Salesforce, "form", r"http://127\.0\.0\.1:\d+"):
        return adapter(caller, settings, zone=zone).pull(periods)


def _sheets(*rows):
    return SheetsStandIn(**{"Actuals!A1:C9": [list(row) for row in rows]})


def test_a_range_is_a_table():
    rows = [["Day", "User", "Amount"], [46023, "me", 1.5], [46054, "", 2], [46082]]
    with _sheets(*rows) as server:
        pulled = _pull(GoogleSheets, server, **ACTUALS)
    assert pulled.titles == ["Day", "User", "Amount"]
    assert pulled.rows == [[46023, "me", 1.5], [46054, None, 2], [46082, None, None]]
    assert pulled.periods is None


@pytest.mark.parametrize(
    ("rows", "settings", "said"),
    [
        ([], ACTUALS, "The range “Actuals!A1:C9” is empty."),
        ([["A"], ["1", "2"]], ACTUALS, "Row 2 has a cell without a column title"),
        (
            [["A"]],
            {**ACTUALS, "range": "Gone"},
            "has no tab or range “Gone”; it may have been renamed",
        ),
        ([["A"]], {"spreadsheet": "x" * 30, "range": "B"}, "no spreadsheet at this"),
        ([["A"]], {"spreadsheet": "", "range": "B"}, "Enter the spreadsheet address"),
        (
            [["A"]],
            {"spreadsheet": "../v4/x", "range": "B"},
            "Enter the spreadsheet address",
        ),
    ],
)
def test_a_range_that_is_not_there_is_said(rows, settings, said):
    with _sheets(*rows) as server, pytest.raises(VendorFault, match=said):
        _pull(GoogleSheets, server, **settings)


def test_deals_are_added_up_by_owner():
    deals = [
        ("1", moment("2026-01-31T23:59:59.999"), "0.1", "7", True),
        ("2", moment("2026-01-01T00:00:00"), "0.2", "7", True),
        ("3", moment("2026-02-01T00:00:00"), "5", "7", True),
        ("4", moment("2026-01-05T10:00:00"), None, "8", True),
        ("5", moment("2026-01-05T10:00:00"), "9", "8", False),
        ("6", moment("2026-01-05T10:00:00"), "4", "", True),
        ("7", moment("2026-01-05T10:00:00"), "3", "99", True),
    ]
    owners = {"7": "jane@x.test", "8": "jim@x.test", "9": "joe@x.test"}
    with HubSpotStandIn(deals, owners) as server:
        pulled = _pull(HubSpot, server, [JANUARY, FEBRUARY])
        assert pulled.periods == [JANUARY, FEBRUARY]
        january, february = JANUARY.start, FEBRUARY.start
        assert pulled.rows == [
            [january, "", 4.0],
            [january, "jane@x.test", 0.3],
            [january, "jim@x.test", 0.0],
            [january, "99", 3.0],
            [february, "jane@x.test", 5.0],
        ]
        counted = _pull(HubSpot, server, measure="count", only="")
    assert [(owner, n) for _day, owner, n in counted.rows if owner == "jim@x.test"] == [
        ("jim@x.test", 2.0)
    ]


def test_moments_belong_to_days_of_the_company():
    deals = [
        ("1", moment("2026-01-01T03:00:00"), "1", "7", True),
        ("2", moment("2026-02-01T03:00:00"), "2", "7", True),
        ("3", moment("2026-02-01T05:00:00"), "4", "7", True),
    ]
    new_york = ZoneInfo("America/New_York")
    with HubSpotStandIn(deals, {"7": "jane@x.test"}) as server:
        pulled = _pull(HubSpot, server, zone=new_york)
        assert pulled.rows == [[JANUARY.start, "jane@x.test", 2.0]]
        # a date has no time, and HubSpot has it as midnight in UTC
        server.deals = [("1", moment("2026-01-01T00:00:00"), "8", "7", True)]
        server.day_type = "date"
        pulled = _pull(HubSpot, server, zone=new_york)
    assert pulled.rows == [[JANUARY.start, "jane@x.test", 8.0]]


def test_times_of_salesforce_belong_to_days_of_the_company():
    rows = [("2026-01-01T00:00:00-05:00", 5, "jane@x.test", True)]
    with SalesforceStandIn(rows) as server:
        settings = {"day": "CreatedDate", "zone": ZoneInfo("America/New_York")}
        pulled = _pull(Salesforce, server, [JANUARY, FEBRUARY], **settings)
        targets = [unquote_plus(one.target) for one in server.received]
    assert pulled.rows == [[JANUARY.start, "jane@x.test", 5]]
    assert len(targets) == 3  # refused once, then always asked with times
    assert "CreatedDate >= 2026-01-01T00:00:00-05:00 AND" in targets[1]
    assert "CreatedDate < 2026-03-01T00:00:00-05:00" in targets[2]


GOOGLE = {
    "not shared": (
        403,
        {"error": {"code": 403, "status": "PERMISSION_DENIED"}},
        "not shared with the connected account",
    ),
    "over quota": (429, {"error": {"status": "RESOURCE_EXHAUSTED"}}, "asks to wait"),
    "the API is off": (
        403,
        {"error": {"details": [{"reason": "SERVICE_DISABLED"}]}},
        "Turn it on in the Google Cloud console",
    ),
    "wrong ID": (404, {"error": {"status": "NOT_FOUND"}}, "no spreadsheet at this"),
    "an Excel file": (
        400,
        {"error": {"message": "This operation is not supported for this document"}},
        "not a Google spreadsheet",
    ),
    "signed out": (401, {"error": {"status": "UNAUTHENTICATED"}}, "Connect again"),
}
HUBSPOT = {
    "missing permission": (
        403,
        {"category": "MISSING_SCOPES", "message": "missing scopes"},
        "no permission to read deals. Add its read scope",
    ),
    "wrong object": (404, {"message": "not found"}, "no object “deals”"),
    "wrong property": (
        400,
        {"message": "Property amount does not exist"},
        "no property of this name",
    ),
    "over quota": (429, {"policyName": "DAILY"}, "asks to wait"),
    "signed out": (401, {"category": "EXPIRED_AUTHENTICATION"}, "Connect again"),
}
SALESFORCE = {
    "over quota": (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}], "asks to wait"),
    "no API": (403, [{"errorCode": "API_DISABLED_FOR_ORG"}], "Turn on “API Enabled”"),
    "wrong object": (400, [{"errorCode": "INVALID_TYPE"}], "no object “Opportunity”"),
    "wrong field": (400, [{"errorCode": "INVALID_FIELD"}], "no such field"),
    "signed out": (401, [{"errorCode": "INVALID_SESSION_ID"}], "Connect again"),
    "another address": (404, [{"errorCode": "NOT_FOUND"}], "Check “My Domain”"),
}
CAUSES = [
    pytest.param(make, adapter, *case, id=f"{adapter.name}: {name}")
    for make, adapter, cases in (
        (lambda: _sheets(["A"]), GoogleSheets, GOOGLE),
        (HubSpotStandIn, HubSpot, HUBSPOT),
        (SalesforceStandIn, Salesforce, SALESFORCE),
    )
    for name, case in cases.items()
]


@pytest.mark.parametrize(("make", "adapter", "status", "answer", "said"), CAUSES)
def test_each_cause_has_its_sentence(make, adapter, status, answer, said):
    with make() as server:
        body = reply(status, json.dumps(answer).encode())
        server.next_answers = [body] * 3
        settings = ACTUALS if adapter is GoogleSheets else {}
        with pytest.raises(VendorFault, match=said) as caught:
            _pull(adapter, server, **settings)
    assert not re.search(r"[{}\[\]]|Error", str(caught.value))


def test_who_a_spreadsheet_has_to_be_shared_with_is_named():
    with _sheets(["A"]) as server, patch.object(GoogleSheets, "origin", server.origin):
        server.next_answers = [reply(403, b"{}")]
        sheets = GoogleSheets(
            _caller("Google Sheets"), _settings(GoogleSheets, **SHEET)
        )
        sheets.account = "kpi@nordwind.test"
        with pytest.raises(VendorFault, match="not shared with kpi@nordwind.test"):
            sheets.test()


def test_a_span_with_too_many_deals_is_halved():
    chance = random.Random(7)
    start = moment("2026-01-01T00:00:00")
    deals = [
        (
            str(key),
            start + timedelta(milliseconds=chance.randrange(31 * 86_400_000)),
            str(chance.randrange(1000)),
            str(chance.randrange(3)),
            True,
        )
        for key in range(3000)
    ]
    with (
        HubSpotStandIn(deals) as server,
        patch.object(HubSpotStandIn, "most_hits", 400),
        patch("odoo.addons.kpi_tracking_integration.adapters.hubspot.MOST_HITS", 400),
    ):
        pulled = _pull(HubSpot, server, caller=_caller("HubSpot"))
        assert server.searches > 8
    assert {owner: total for _day, owner, total in pulled.rows} == {
        owner: sum(int(d[2]) for d in deals if d[3] == owner) for owner in "012"
    }


def test_too_many_deals_of_one_moment_are_said():
    deals = [(str(k), moment("2026-01-05T10:00:00"), "1", "7", True) for k in range(11)]
    with (
        HubSpotStandIn(deals) as server,
        patch("odoo.addons.kpi_tracking_integration.adapters.hubspot.MOST_HITS", 10),
        pytest.raises(
            VendorFault, match=r"too many records \(11\) at 2026-01-05 10:00:00"
        ),
    ):
        _pull(HubSpot, server)


def test_ten_thousand_and_one_deals_of_one_second_are_halved_or_said():
    start = moment("2026-01-05T10:00:00")
    step = timedelta(milliseconds=1)
    within = [
        (str(k), start + step * (k % 1000), "1", "7", True) for k in range(10_001)
    ]
    with HubSpotStandIn(within) as server:
        pulled = _pull(HubSpot, server, caller=_caller("HubSpot"))
    assert pulled.rows == [[JANUARY.start, "7", 10_001.0]]
    at_once = [(key, start, *rest) for key, _moment, *rest in within]
    with (
        HubSpotStandIn(at_once) as server,
        pytest.raises(VendorFault, match=r"too many records \(10001\) at"),
    ):
        _pull(HubSpot, server, caller=_caller("HubSpot"))


def test_deals_that_change_meanwhile_are_no_total():
    deals = [
        (str(k), moment("2026-01-05T10:00:00"), "1", "7", True) for k in range(300)
    ]
    with HubSpotStandIn(deals) as server:
        whole = server._search

        def shrink(body):
            answer = whole(body)
            del server.deals[250:]
            return answer

        with (
            patch.object(server, "_search", shrink),
            pytest.raises(VendorFault, match="Only 250 of 300 HubSpot records"),
        ):
            _pull(HubSpot, server)


def test_a_list_ends_or_is_none():
    pages = "odoo.addons.kpi_tracking_integration.adapters.adapter.MAX_PAGES"
    with (
        EndlessHubSpot() as server,
        patch(pages, 5),
        pytest.raises(VendorFault, match="more than 5 pages. No data was saved"),
    ):
        _pull(HubSpot, server)
    assert server.searches == 5
    with (
        EndlessHubSpot(is_repeating=True) as server,
        pytest.raises(VendorFault, match="the same page twice"),
    ):
        _pull(HubSpot, server)
    assert server.searches == 2


def test_owners_without_an_end_are_none():
    deals = [("1", moment("2026-01-05T10:00:00"), "1", "7", True)]
    owners = {"results": [], "paging": {"next": {"after": "again"}}}
    with (
        HubSpotStandIn(deals) as server,
        patch.object(server, "_owners", lambda _query: owners),
        pytest.raises(VendorFault, match="the same page twice"),
    ):
        _pull(HubSpot, server)


def test_spans_that_never_fit_are_not_halved_for_ever():
    hits = 200, {"total": 10**9, "results": []}
    with (
        HubSpotStandIn() as server,
        patch.object(server, "_search", lambda _body: hits),
        pytest.raises(VendorFault, match=r"more than 500 pages|too many records"),
    ):
        _pull(HubSpot, server)
    assert server.searches <= 500


def test_a_run_has_its_time():
    with EndlessHubSpot(pause=0.05) as server:
        caller = _caller("HubSpot", deadline=time.monotonic() + 0.3)
        started = time.monotonic()
        with pytest.raises(VendorFault, match="took too long and was stopped"):
            _pull(HubSpot, server, caller=caller)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "settings",
    [
        {"object": "deals/../x"},
        {"day": "a b"},
        {"day": "close-date"},
        {"amount": "A"},
        {"only": "X-y"},
    ],
)
def test_names_are_names(settings):
    with (
        HubSpotStandIn() as server,
        pytest.raises(VendorFault, match="is not a valid HubSpot name"),
    ):
        _pull(HubSpot, server, **settings)
    assert server.received == []


def _list_choices(adapter, server, **settings):
    caller = _caller(adapter.name)
    given = _settings(adapter, **settings)
    if adapter is Salesforce:
        given["domain"] = server.origin
    with (
        patch.object(adapter, "origin", server.origin, create=True),
        patch.object(Salesforce, "form", r"http://127\.0\.0\.1:\d+"),
    ):
        return adapter(caller, given).list_choices()


def test_objects_fields_and_sheets_are_listed():
    with HubSpotStandIn() as server:
        found = _list_choices(HubSpot, server)
        server.next_answers = [reply(403, b"{}")]
        less = _list_choices(HubSpot, server)
    assert found["object"][0] == ("deals", "deals")
    assert found["object"][-1] == ("cars", "Cars")
    assert less["object"] == found["object"][:-1]
    assert found["day"] == [("closedate", "Close Date")]
    assert found["amount"] == [("amount", "Amount")]
    assert [name for name, _label in found["only"]] == [
        *("amount", "closedate", "dealtype"),
    ]
    with SalesforceStandIn() as server:
        found = _list_choices(Salesforce, server)
    assert found["object"] == [("Opportunity", "Opportunity")]
    assert found["day"] == [("CloseDate", "Close Date")]
    assert found["amount"] == [("Amount", "Amount")]
    assert len(found["only"]) == 3
    with SheetsStandIn(Plan=[], Actuals=[]) as server:
        found = _list_choices(GoogleSheets, server, **ACTUALS)
    assert found == {"range": [("Actuals", "Actuals"), ("Plan", "Plan")]}


def test_a_list_of_another_kind_is_a_sentence():
    for said in (b"[]", b'{"results": 7}', b'{"sobjects": {}}'):
        for adapter, server in (
            (HubSpot, HubSpotStandIn()),
            (Salesforce, SalesforceStandIn()),
        ):
            with server, pytest.raises(VendorFault, match="returned no “"):
                server.next_answers = [reply(200, said)] * 2
                _list_choices(adapter, server)


def test_deals_are_filtered_by_several_fields():
    day = moment("2026-01-05T10:00:00")
    deals = [
        ("1", day, "100", "7", True),
        ("2", day, "2000", "7", True),
        ("3", day, "2000", "7", False),
        ("4", day, "5", "7", False),
    ]
    for only, total in (
        ("hs_is_closed_won and amount >= 1000", 2000.0),
        ("hs_is_closed_won or amount < 10", 2105.0),
        ("hs_is_closed_won = false AND amount > 5 or amount = 100", 2100.0),
        ("amount != 2000", 105.0),
        ("", 4105.0),
    ):
        with HubSpotStandIn(deals, {"7": "jane@x.test"}) as server:
            pulled = _pull(HubSpot, server, only=only)
        assert pulled.rows == [[JANUARY.start, "jane@x.test", total]], only


@pytest.mark.parametrize(
    "only",
    [
        " or ".join(["amount = 1"] * 6),
        " and ".join(["amount = 1"] * 5),
        " or ".join(["amount = 1 and amount = 2"] * 5),
    ],
)
def test_a_filter_that_hubspot_does_not_take_is_said(only):
    with (
        HubSpotStandIn() as server,
        pytest.raises(VendorFault, match="Shorten “Only Where”"),
    ):
        _pull(HubSpot, server, only=only)
    assert not [one for one in server.received if one.method == "POST"]


def test_opportunities_are_filtered_by_several_fields():
    for only, where in (
        ("IsWon", "(IsWon = true)"),
        (
            "IsWon and Amount >= 1000 or StageName = 'Closed Won'",
            "(IsWon = true AND Amount >= 1000) OR (StageName = 'Closed Won')",
        ),
        ('Name != "O\'Hara\\ 100%s {start}"', r"(Name != 'O\'Hara\\ 100%s {start}')"),
        ("CreatedDate > 2026-01-01T00:00:00Z", "(CreatedDate > 2026-01-01T00:00:00Z)"),
        (
            "CloseDate<2026-01-31 and Type = New",
            "(CloseDate < 2026-01-31 AND Type = 'New')",
        ),
        ('Code = "7"', "(Code = '7')"),
    ):
        with SalesforceStandIn() as server:
            _pull(Salesforce, server, only=only)
            asked = unquote_plus(server.received[-1].target)
        assert f"AND ({where}) GROUP BY Owner.Email" in asked, asked


def test_titles_can_be_in_a_row_below():
    rows = [["Report"], [], ["Day", "Value"], [46023, 1.5]]
    with _sheets(*rows) as server:
        pulled = _pull(GoogleSheets, server, **ACTUALS, title_row=3)
        assert (pulled.titles, pulled.rows) == (["Day", "Value"], [[46023, 1.5]])
        for row in (5, 0, 1.5, -1, 10**9):
            with pytest.raises(VendorFault, match="“Title Row”"):
                _pull(GoogleSheets, server, **ACTUALS, title_row=row)


def test_text_where_a_number_was_is_said():
    deals = [("1", moment("2026-01-05T10:00:00"), "many", "7", True)]
    with (
        HubSpotStandIn(deals) as server,
        pytest.raises(VendorFault, match="“many” in amount is not a number"),
    ):
        _pull(HubSpot, server)


OPPORTUNITIES = [
    ("2026-01-31", 1000.5, "jane@x.test", True),
    ("2026-02-01", 7, "jane@x.test", True),
    ("2026-01-02", 5, "jane@x.test", False),
    ("2026-01-02", 3, None, True),
]


def test_opportunities_are_added_up_by_salesforce():
    with SalesforceStandIn(OPPORTUNITIES) as server:
        pulled = _pull(Salesforce, server, [JANUARY, FEBRUARY])
        counted = _pull(Salesforce, server, measure="count", only="")
    january, february = JANUARY.start, FEBRUARY.start
    assert pulled.rows == [
        [january, "jane@x.test", 1000.5],
        [january, "", 3],
        [february, "jane@x.test", 7],
    ]
    assert pulled.periods == [JANUARY, FEBRUARY]
    assert counted.rows[0] == [january, "jane@x.test", 2]
    assert json.dumps([one.target for one in server.received]).count("GROUP+BY") == 3


@pytest.mark.parametrize(
    "settings",
    [
        {"object": "Opportunity WHERE 1=1"},
        {"object": ""},
        {"day": "CloseDate OR Id != null"},
        {"amount": "Amount) FROM User--"},
        {"only": "IsWon.x; = true"},
    ],
)
def test_no_question_is_smuggled_in(settings):
    with (
        SalesforceStandIn() as server,
        pytest.raises(VendorFault, match="is not a valid Salesforce name"),
    ):
        _pull(Salesforce, server, **settings)
    assert server.received == []


@pytest.mark.parametrize("total", [False, "", "7"])
def test_a_total_of_salesforce_is_a_number(total):
    records = [{"email": "jane@x.test", "total": total}]
    said = {"totalSize": 1, "done": True, "records": records}
    with SalesforceStandIn() as server:
        server.next_answers = [reply(200, json.dumps(said).encode())]
        with pytest.raises(VendorFault, match="is not a number"):
            _pull(Salesforce, server)


def test_a_sum_without_a_field_is_no_count():
    with SalesforceStandIn() as server:
        _pull(Salesforce, server, amount="")
        (asked,) = server.received
    assert "SUM" in asked.target and "COUNT" not in asked.target


def test_a_part_of_the_owners_is_no_total():
    said = {"totalSize": 2001, "done": False, "records": []}
    with SalesforceStandIn() as server:
        server.next_answers = [reply(200, json.dumps(said).encode())]
        with pytest.raises(VendorFault, match="only some owners for 2026-01-01"):
            _pull(Salesforce, server)


def test_each_vendor_is_tested_by_its_name():
    for adapter, server, name in (
        (GoogleSheets, _sheets(["A"]), "Plans"),
        (HubSpot, HubSpotStandIn(), "4711"),
        (Salesforce, SalesforceStandIn(), "api@nordwind.test"),
    ):
        with server, patch.object(adapter, "origin", server.origin, create=True):
            settings = _settings(adapter, **ACTUALS, domain=server.origin)
            with patch.object(Salesforce, "form", r"http://127\.0\.0\.1:\d+"):
                assert adapter(_caller(adapter.name), settings).test() == name


BROKEN = [
    (reply(200, b"<html>Sign in</html>"), "such as a login page"),
    (reply(200, b"[]"), "returned no “records”"),
    (reply(200, b'{"error": "gone"}'), r"refused the request \(400\)"),
    (reply(200, b"null"), "returned no “records”"),
    (reply(200, b'{"records": {}}'), "returned no “records”"),
    (reply(200, b"[" * 100_000), "cannot be read"),
    (reply(302, Location="http://127.0.0.1:1/"), r"refused the request \(302\)"),
    (reply(500, TOKEN.encode() + b" is wrong"), r"has a problem \(500\)"),
    (reply(200, b" " * (MOST_BYTES + 1)), "over 16 MB"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "cannot be reached"),
]


@pytest.mark.parametrize(("answer", "said"), BROKEN)
def test_an_answer_of_another_kind_is_said(answer, said):
    with SalesforceStandIn() as server:
        server.next_answers = [answer]
        with pytest.raises(VendorFault, match=said) as caught:
            _pull(Salesforce, server)
    assert TOKEN not in str(caught.value)


def test_a_hundred_megabytes_are_not_read():
    sent = []

    def pour(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
        for _part in range(100):
            handler.wfile.write(b" " * 2**20)
            sent.append(1)

    with SalesforceStandIn() as server:
        server.answers = [pour]
        with pytest.raises(VendorFault, match="over 16 MB. Request less"):
            _pull(Salesforce, server)
    assert len(sent) < 50


def test_a_byte_a_second_ends_with_its_time():
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n")
        while not handler.server.is_over.wait(0.05):
            handler.wfile.write(b" ")

    with SalesforceStandIn() as server:
        server.answers = [drip]
        slow = _caller("Salesforce", seconds=0.4)
        started = time.monotonic()
        with pytest.raises(VendorFault, match="did not answer in time"):
            _pull(Salesforce, server, caller=slow)
    assert time.monotonic() - started < 2


def test_a_name_that_changes_to_a_host_of_ours_is_not_called():
    place = "odoo.addons.kpi_base.engine.outgoing.client"
    public = (socket.AF_INET, ("203.0.113.7", 443))
    ours = (socket.AF_INET, ("127.0.0.1", 443))
    called = []

    def connect(places, _deadline):
        called.extend(places)
        raise OSError("nobody is there")

    caller = Caller("Salesforce")
    with (
        patch(f"{place}.is_public", lambda host: host == public[1][0]),
        patch(f"{place}._connect", connect),
        patch(f"{place}.resolve", side_effect=[[public], [ours]]) as looked_up,
    ):
        with pytest.raises(VendorFault, match="cannot be reached"):
            caller.get("https://x.my.salesforce.com/1")
        with pytest.raises(VendorFault, match="not on the public internet"):
            caller.get("https://x.my.salesforce.com/2")
    # looked up once a call: what was checked is what was called
    assert looked_up.call_count == 2
    assert called == [public]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (reply(429), 60.0),
        (reply(429, Retry_After="7"), 7.0),
        (reply(503, Retry_After="120"), 120.0),
    ],
)
def test_who_asks_us_to_wait_is_left_alone(answer, seconds):
    with SalesforceStandIn() as server:
        server.next_answers = [answer]
        with pytest.raises(VendorFault, match="asks to wait") as caught:
            _pull(Salesforce, server)
    assert caught.value.seconds == seconds


def test_a_token_that_ends_in_mid_run_is_renewed_once():
    with SalesforceStandIn(OPPORTUNITIES) as server:
        old = _caller("Salesforce", "old", renew=lambda: TOKEN)
        pulled = _pull(Salesforce, server, [JANUARY, FEBRUARY], old)
        assert len(pulled.rows) == 3
        assert len(server.received) == 3
        for renew in (lambda: "none", lambda: "", None):
            other = _caller("Salesforce", "old", renew=renew)
            with pytest.raises(
                VendorFault, match="no longer grants access. Connect again"
            ):
                _pull(Salesforce, server, caller=other)


def test_a_host_of_ours_is_not_called():
    with SalesforceStandIn() as server, pytest.raises(VendorFault):
        _pull(Salesforce, server, caller=Caller("Salesforce"))
    assert server.received == []


def test_calls_are_paced():
    with SalesforceStandIn() as server, patch("time.sleep") as sleep:
        _pull(Salesforce, server, [JANUARY, FEBRUARY], _caller("S", pause=5.0))
    waits = [call.args[0] for call in sleep.call_args_list]
    assert waits[0] == 0.0
    assert 4 < waits[1] <= 5


def test_each_has_a_name_and_says_what_it_asks():
    for adapter in ADAPTERS.values():
        assert adapter.name
        assert all(option.label for option in adapter.options)
