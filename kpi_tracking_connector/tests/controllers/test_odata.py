"""What Excel, Power BI and Tableau read, over HTTP."""

from base64 import b64encode
from datetime import date
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

from odatapy.client.client import ODataClient
from odatapy.client.responses import ClientResponse

from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ...engine.odata.options import read_options
from ...models import kpi_bi_feed
from ...models.kpi_bi_feed import SUMMARIES

TRACK = {"Prefer": "odata.track-changes"}
NASTY = "=cmd|' /C calc'!A1 \"quoted\" back\\slash\ttab\x01 \u202ertl ü"
JANUARY, FEBRUARY, MARCH = (date(2025, month, 1) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestOData(KpiApiCase):
    prefix = "/odata/kpi"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.definition._track_for("department", cls.department)
        cls.second.shared_user_ids = cls.people["user"]
        cls._record(cls.report, {JANUARY: 0.1, FEBRUARY: 1e300, MARCH: -5})
        cls._record(cls.own_report, {JANUARY: 7, FEBRUARY: 5})
        cls._record(cls.second, {JANUARY: 8, FEBRUARY: 9})
        cls.mine = [cls.report.id, cls.own_report.id, cls.second.id]
        cls.env.flush_all()

    @classmethod
    def _record(cls, report, values):
        rows = [(report.id, day, value) for day, value in values.items()]
        cls.env["kpi.measurement"]._upsert("month", rows, source="api")

    def query(self, name, who="officer", headers=None, **options):
        """The answer to a question about a set."""
        query = urlencode({f"${key}": value for key, value in options.items()})
        return self.ask(f"/{name}?{query}", who, headers=headers or {})

    def follow(self, link, who="officer", headers=None):
        return self.ask(link.partition(self.prefix)[2], who, headers=headers or {})

    def read_all(self, answer, who="officer", between=()):
        """Rows of an answer and of the pages after it; and the last of these.

        :param between: called one by one before a next page
        """
        between = list(between)
        rows = []
        while True:
            self.assertEqual(answer.status_code, 200, answer.text[:300])
            body = answer.json()
            rows += body["value"]
            if "@odata.nextLink" not in body:
                return rows, body
            if between:
                between.pop(0)()
                self.env.flush_all()
            answer = self.follow(body["@odata.nextLink"], who)

    def assertFault(self, answer, status):
        self.assertEqual(answer.status_code, status, answer.text[:300])
        self.assertEqual(answer.headers["OData-Version"], "4.0")
        error = answer.json()["error"]
        self.assertEqual(error["code"], str(status))
        self.assertNotIn("Traceback", answer.text)
        return error["message"]

    @property
    def of_mine(self):
        return "kpi_id in ({})".format(",".join(map(str, self.mine)))

    def test_an_independent_client_reads_facts_equal_to_the_table(self):
        case = self

        class Transport:
            def send(self, method, url, headers, body):
                answer = case.ask(
                    url.partition(case.prefix)[2], method=method, headers=headers
                )
                return ClientResponse(
                    answer.status_code, dict(answer.headers), answer.content
                )

        client = ODataClient(f"{self.base_url()}{self.prefix}/", Transport())
        entries = client.get_service_document().entries
        self.assertEqual([each.name for each in entries], list(kpi_bi_feed.SETS))
        self.assertIn("EntityContainer", client.get_metadata_document())
        uri = client.entity_set_uri("Facts").filter(self.of_mine)
        with patch.object(kpi_bi_feed, "PAGE_ROWS", 2):
            found = [
                {one.name: one.value for one in entity.properties}
                for entity in client.iter_entities(uri)
            ]
        facts = self.env["kpi.measurement"].search([("report_id", "in", self.mine)])
        self.assertEqual(
            {
                (*self._key_of(row)[:2], str(row["period_start"]), float(row["value"]))
                for row in found
            },
            {(f.report_id.id, f.grain, str(f.period_start), f.value) for f in facts},
        )
        self.assertEqual(len(found), 7)

    def test_a_key_is_asked_for_as_programs_expect_it(self):
        answer = self.query("Facts", who=None)
        self.assertFault(answer, 401)
        self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Basic "))
        basic = b64encode(f"anybody:{self.keys['officer']}".encode()).decode()
        answer = self.query(
            "Facts", who=None, headers={"Authorization": f"Basic {basic}"}
        )
        self.assertEqual(answer.status_code, 200)
        key = self._key("officer", scopes=["kpi.write"])
        self.assertFault(self.ask("/Facts", key=key), 403)
        nobody = new_test_user(self.env, "odata_nobody", "base.group_user")
        self.people["nobody"] = nobody
        self.assertFault(self.ask("/Facts", key=self._key("nobody")), 403)

    def test_everybody_reads_what_they_may_see(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = (
            self.env["kpi.definition"]
            .create({"name": "Foreign", "company_id": other.id})
            ._track_for("company", other)
        )
        self._record(foreign, {JANUARY: 1})
        for who, mine in (("officer", self.mine), ("user", self.mine[1:])):
            for name, column in (("Facts", "kpi_id"), ("Kpis", "id")):
                rows, _last = self.read_all(self.query(name, who), who)
                ids = {row[column] for row in rows}
                self.assertEqual(ids & {*self.mine, foreign.id}, set(mine), (who, name))
            rows, _last = self.read_all(
                self.query(
                    "Summaries", who, filter=f"kpi_id in ({foreign.id},{mine[0]})"
                ),
                who,
            )
            self.assertEqual({row["kpi_id"] for row in rows}, {mine[0]})
            count = self.query("Facts/$count", who, filter=f"kpi_id eq {foreign.id}")
            self.assertEqual(count.text, "0")

    def test_columns_order_and_places(self):
        options = {"filter": self.of_mine, "select": "kpi_id,value", "count": "true"}
        with patch.object(kpi_bi_feed, "PAGE_ROWS", 2):
            answer = self.query("Facts", orderby="value desc", skip=1, top=4, **options)
            self.assertEqual(answer.json()["@odata.count"], 7)
            rows, _last = self.read_all(answer)
        self.assertEqual([row["value"] for row in rows], [9, 8, 7, 5])
        self.assertEqual(set(rows[0]), {"kpi_id", "value"})

    def test_nothing_comes_before_all_values_and_stays_in_place_over_pages(self):
        given = {"filter": f"id in ({','.join(map(str, self.mine))})"}
        for orderby in ("target", "target desc", "value desc,target", "is_active,name"):
            with patch.object(kpi_bi_feed, "PAGE_ROWS", 1):
                rows, _last = self.read_all(
                    self.query("Kpis", orderby=orderby, **given)
                )
            self.assertEqual({row["id"] for row in rows}, set(self.mine), orderby)
            self.assertEqual(len(rows), 3, orderby)

    def test_conditions_hold_as_odata_says(self):
        named = self.definition.copy({"name": NASTY, "code": "nasty"})
        kpi = named._track_for("company", self.env.company)
        quoted = NASTY.replace("'", "''")
        for condition, holds in (
            (f"kpi eq '{quoted}'", True),
            ("contains(name,'\\')", True),
            ("startswith(name,'=cmd|')", True),
            ("startswith(name,'_cmd')", False),  # no placeholder
            ("tolower(code) eq 'nasty'", True),
            ("value eq null and not (value lt 5)", True),  # nothing is not less
            ("value ne 5", True),
            ("value lt 5 or value ge 5", False),
            ("is_active and decimals ge 0", True),
        ):
            answer = self.query("Kpis", filter=f"id eq {kpi.id} and ({condition})")
            rows, _last = self.read_all(answer)
            self.assertEqual([row["kpi"] for row in rows], [NASTY] * holds, condition)

    def test_what_cannot_be_read_says_why(self):
        for name, status, options in (
            ("Facts", 400, {"filter": "value eq NaN"}),
            ("Facts", 400, {"filter": " or ".join(["kpi_id eq 1"] * 501)}),
            ("Facts", 400, {"filter": "source eq 5"}),
            ("Facts", 501, {"apply": "aggregate(value with sum as total)"}),
            ("Facts", 501, {"search": "x"}),
            ("Facts", 400, {"expand": "Nope"}),
            ("Facts", 400, {"expand": "KpiDetails,KpiDetails"}),
            ("Facts", 400, {"expand": "KpiDetails($select=nope)"}),
            ("Facts", 501, {"expand": "KpiDetails($expand=TeamDetails)"}),
            ("Kpis", 501, {"expand": "TeamDetails("}),
            ("Facts", 410, {"skiptoken": "forged"}),
            ("Nope", 404, {}),
            ("Facts/1/value", 404, {}),
        ):
            self.assertFault(self.query(name, **options), status)
        self.assertIn(
            "Summaries", self.assertFault(self.query("Facts", apply="x"), 501)
        )
        self.assertFault(self.ask("/$batch", method="POST", data="{}"), 501)
        self.assertFault(self.ask("/Facts", method="POST", data="{}"), 405)
        deep = "(" * 10_000 + "kpi_id eq 0" + ")" * 10_000
        self.assertEqual(self.query("Facts", filter=deep).json()["value"], [])

    def test_the_place_of_a_next_page_serves_its_reader_set_and_query_only(self):
        with patch.object(kpi_bi_feed, "PAGE_ROWS", 1):
            body = self.query("Facts", filter=self.of_mine).json()
            link = body["@odata.nextLink"]
            token = parse_qs(urlsplit(link).query)["$skiptoken"][0]
            self.assertEqual(self.follow(link).status_code, 200)
            self.assertFault(self.follow(link, "admin"), 400)
            self.assertFault(self.query("Targets", skiptoken=token), 400)
            self.assertFault(self.query("Facts", skiptoken=token), 400)
            self.assertFault(
                self.query("Facts", filter=self.of_mine, deltatoken=token), 400
            )
            broken = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
            self.assertFault(
                self.query("Facts", filter=self.of_mine, skiptoken=broken), 410
            )

    def test_values_change_between_two_pages(self):
        with patch.object(kpi_bi_feed, "PAGE_ROWS", 1):
            rows, _last = self.read_all(
                self.query("Facts", "user", filter=self.of_mine),
                "user",
                between=(
                    # behind the place and before it; then one is gone
                    lambda: self._record(self.own_report, {JANUARY: 1, MARCH: 3}),
                    lambda: self._record(self.own_report, {JANUARY: 2, MARCH: 4}),
                    lambda: self._record(self.second, {JANUARY: None}),
                ),
            )
        values = [(row["kpi_id"], row["period_start"], row["value"]) for row in rows]
        own = self.own_report.id
        self.assertEqual(
            values,
            [
                (own, "2025-01-01", 7),
                (own, "2025-02-01", 5),
                (own, "2025-03-01", 4),
                (self.second.id, "2025-02-01", 9),
            ],
        )

    def test_a_kpi_is_hidden_between_two_pages(self):
        """What was read before was theirs to read; nothing of it comes after."""
        chosen = {"filter": self.of_mine, "orderby": "period_start,kpi_id"}
        with patch.object(kpi_bi_feed, "PAGE_ROWS", 2):
            rows, _last = self.read_all(
                self.query("Facts", "user", **chosen),
                "user",
                between=[lambda: self.second.write({"shared_user_ids": False})],
            )
        own, second = self.own_report.id, self.second.id
        self.assertEqual(
            [(row["kpi_id"], row["period_start"]) for row in rows],
            [(own, "2025-01-01"), (second, "2025-01-01"), (own, "2025-02-01")],
        )

    def test_a_kpi_is_deleted_between_two_pages(self):
        """It has no values, else nobody could; no other is left out or comes twice."""
        doomed, last = (
            self._definition(name, name)._track_for("company", self.env.company)
            for name in ("doomed", "last")
        )
        ids = [self.second.id, doomed.id, last.id]
        chosen = f"id in ({','.join(map(str, ids))})"
        with patch.object(kpi_bi_feed, "PAGE_ROWS", 1):
            rows, _last = self.read_all(
                self.query("Kpis", filter=chosen),
                between=[doomed.unlink],
            )
        self.assertEqual([row["id"] for row in rows], [self.second.id, last.id])

    def test_changes_since_the_first_page_make_a_reader_exact(self):
        with patch.object(kpi_bi_feed, "PAGE_ROWS", 2):
            answer = self.query("Facts", headers=TRACK)
            self.assertEqual(answer.headers["Preference-Applied"], TRACK["Prefer"])
            rows, last = self.read_all(
                answer,
                between=(
                    lambda: self._record(self.report, {JANUARY: 2, FEBRUARY: None}),
                    lambda: self._record(self.own_report, {MARCH: 4}),
                ),
            )
            known = {self._key_of(row): row for row in rows}
            changes, last = self.read_all(self.follow(last["@odata.deltaLink"]))
            self.assertIn("@odata.deltaLink", last)
        for row in changes:
            if "@removed" in row:
                known.pop(self._key_of(row), None)
            else:
                known[self._key_of(row)] = row
        now, _last = self.read_all(self.query("Facts"))
        self.assertEqual(known, {self._key_of(row): row for row in now})
        self.assertEqual(known[self.report.id, "month", "2025-01-01"]["value"], 2)

    def _key_of(self, row):
        return row["kpi_id"], row["grain"], row["period_start"]

    def test_changes_are_not_told_where_what_is_gone_could_not_be(self):
        _rows, last = self.read_all(self.query("Facts", "user", headers=TRACK), "user")
        link = last["@odata.deltaLink"]
        self.assertEqual(self.follow(link, "user").status_code, 200)
        self.second.shared_user_ids = False
        self.assertFault(self.follow(link, "user"), 410)
        _rows, last = self.read_all(self.query("Facts", headers=TRACK))
        with patch.object(kpi_bi_feed, "OLDEST_MARK", 0):
            self.assertFault(self.follow(last["@odata.deltaLink"]), 410)
        self.definition._track_for("user", self.people["admin"])  # a new one is no loss
        self.env.flush_all()
        self.assertEqual(self.follow(last["@odata.deltaLink"]).status_code, 200)
        some = self.query("Facts", headers=TRACK, filter="kpi_id eq 1")
        self.assertNotIn("Preference-Applied", some.headers)

    def test_summaries_are_rolled_up_as_the_kpi_declares(self):
        self.definition.aggregation_time = "sum"
        self._record(self.report, {FEBRUARY: 2})
        given = {"filter": f"kpi_id eq {self.report.id} and grain eq 'quarter'"}
        (row,), _last = self.read_all(self.query("Summaries", **given))
        # 0.1 + 2 - 5
        self.assertAlmostEqual(row["value"], -2.9)
        self.assertEqual(row["period_stop"], "2025-04-01")
        with patch.object(kpi_bi_feed, "PAGE_KPIS", 1):
            some, _last = self.read_all(self.query("Summaries", **given))
        self.assertEqual(some, [row])
        answer = self.query("Summaries", orderby="value desc", top=1, **given)
        self.assertEqual(answer.json()["value"], [row])

    def test_calendars_targets_and_alerts_are_read(self):
        self.definition.calendar_id._ensure_days(JANUARY, MARCH)
        calendar = self.definition.calendar_id.id
        given = {"filter": f"calendar_id eq {calendar} and day eq 2025-02-15"}
        (row,), _last = self.read_all(self.query("Calendar", **given))
        self.assertEqual(row["month_start"], "2025-02-01")
        self.assertEqual(row["quarter_start"], "2025-01-01")
        for name in ("Targets", "Alerts"):
            self.assertEqual(self.query(name, top=1).status_code, 200)

    def test_a_row_has_an_address_of_its_own(self):
        answer = self.ask(f"/Kpis({self.report.id})?$select=id,name")
        self.assertEqual(answer.status_code, 200, answer.text)
        body = answer.json()
        self.assertTrue(body.pop("@odata.context").endswith("$metadata#Kpis/$entity"))
        self.assertEqual(body, {"id": self.report.id, "name": self.report.name})
        key = f"kpi_id={self.report.id},grain='month',period_start=2025-01-01"
        self.assertEqual(self.ask(f"/Facts({key})").json()["value"], 0.1)
        self.assertFault(self.ask(f"/Kpis({self.report.id})", who="user"), 404)
        for path in ("Kpis(0)", "Kpis()", "Kpis(name='x')", "Facts(5)", "Kpis(5"):
            self.assertFault(self.ask(f"/{path}"), 404)
        self.assertFault(self.ask("/Kpis(1 or 1 eq 1)"), 404)
        self.assertFault(self.ask(f"/Kpis({self.report.id})?$top=1"), 400)

    def test_a_value_has_names_unit_target_and_status(self):
        self.env["kpi.target"].create(
            {"report_id": self.second.id, "date_from": JANUARY, "value": 10}
        )
        self.second._judge_periods()
        self.env.flush_all()
        given = {"filter": f"kpi_id eq {self.second.id} and period_start eq 2025-01-01"}
        names = {
            "kpi": "Visits",
            "code": "api_visits",
            "unit": self.definition.unit,
            "currency": self.definition.currency_id.name,
            "company": self.env.company.name,
            "department": "Api Sales",
            "team": None,
            "person": None,
        }
        for name, grain in (("Facts", "month"), ("Summaries", "month")):
            given["filter"] += f" and grain eq '{grain}'"
            (row,), _last = self.read_all(self.query(name, **given))
            self.assertEqual({key: row[key] for key in names}, names, name)
            self.assertEqual(row["period_stop"], "2025-02-01", name)
            self.assertEqual((row["target"], row["status"]), (10, "at_risk"), name)
        (row,), _last = self.read_all(
            self.query("Kpis", filter=f"id eq {self.own_report.id}")
        )
        self.assertEqual(row["person"], "Api user")
        self.assertEqual(row["owner"], self.own_report.owner_id.name or None)

    def test_what_kpis_are_tracked_for_are_sets(self):
        other = self.env["hr.department"].create({"name": "Api Untracked"})
        team = self.env["kpi.team"].create({"name": "Api Team"})
        self.definition._track_for("team", team)
        self.env.flush_all()
        for name, mine, hidden in (
            ("Departments", self.department, other),
            ("People", self.people["user"], self.people["admin"]),
            ("Teams", team, self.env["kpi.team"].create({"name": "Untracked"})),
            (
                "Companies",
                self.env.company,
                self.env["res.company"].create({"name": "X"}),
            ),
        ):
            self.env.flush_all()
            rows, _last = self.read_all(self.query(name))
            found = {row["id"]: row["name"] for row in rows}
            self.assertEqual(found.get(mine.id), mine.name, name)
            self.assertNotIn(hidden.id, found, name)
        rows, _last = self.read_all(self.query("Teams", "user"), "user")
        self.assertNotIn(team.id, [row["id"] for row in rows])

    def test_rows_lead_to_those_that_they_name(self):
        given = {"filter": f"kpi_id eq {self.second.id}", "select": "value", "top": 1}
        answer = self.query("Facts", expand="KpiDetails($select=name,code)", **given)
        body = answer.json()
        (row,) = body["value"]
        self.assertEqual(
            row["KpiDetails"], {"name": self.second.name, "code": "api_visits"}
        )
        self.assertIn("KpiDetails(name,code)", body["@odata.context"])
        self.assertEqual(set(row), {"value", "KpiDetails"})
        kpis = f"/Kpis({self.second.id})"
        row = self.ask(f"{kpis}?$expand=DepartmentDetails,TeamDetails").json()
        self.assertEqual(row["DepartmentDetails"]["name"], "Api Sales")
        self.assertIsNone(row["TeamDetails"])
        row = self.ask(f"{kpis}/DepartmentDetails").json()
        self.assertEqual((row["id"], row["name"]), (self.department.id, "Api Sales"))
        self.assertEqual(self.ask(f"{kpis}/TeamDetails").status_code, 204)
        self.assertFault(self.ask(f"{kpis}/Nope"), 404)
        self.assertFault(
            self.ask(f"/Kpis({self.report.id})/CompanyDetails", who="user"), 404
        )
        text = self.ask("/$metadata").text
        self.assertIn('<NavigationProperty Name="KpiDetails" Type="kpi.Kpi"', text)

    def test_what_a_row_leads_to_is_for_who_may_see_it(self):
        """A team's KPI is the officer's: the user finds nothing of it by any way."""
        for path in ("Departments", "Teams", "People", "Companies"):
            rows, _last = self.read_all(self.query(path, "user"), "user")
            kpis, _last = self.read_all(self.query("Kpis", "user"), "user")
            columns = {
                "Departments": ["department_id"],
                "Teams": ["team_id"],
                "People": ["user_id", "owner_id"],
                "Companies": ["company_id"],
            }[path]
            named = {kpi[column] for kpi in kpis for column in columns} - {None}
            self.assertEqual({row["id"] for row in rows}, named, path)

    def test_summaries_are_worked_out_for_the_kpis_asked_for(self):
        """The same statements, however many others there are."""
        feed = self.env(user=self.people["officer"])["kpi.bi.feed"]
        summarised = []

        def summarise(model, reports, options):
            summarised.append(reports.ids)
            return real(model, reports, options)

        real = type(feed)._summarise
        self.patch(type(feed), "_summarise", summarise)
        last = self.second.id

        def count(text, **given):
            pairs = [("$filter", text), *((f"${k}", v) for k, v in given.items())]
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            options = read_options(pairs, SUMMARIES)
            page = feed._read_page(SUMMARIES, options)
            self.assertIn(b'"kpi_id":%d,' % last, page.rows)
            self.assertFalse(page.next)
            return self.cr.sql_log_count - before

        asked = (
            (f"kpi_id eq {last} and value gt 0", {}),
            ("department eq 'Api Sales'", {"orderby": "value desc"}),
            (f"grain eq 'year' and kpi_id in ({last})", {"count": "true"}),
        )
        count(asked[0][0])  # what Odoo reads once, of rights and rules
        before = [count(text, **given) for text, given in asked]
        for number in range(6):
            other = self._definition(f"Other {number}", f"api_other_{number}")
            report = other._track_for("company", self.env.company)
            self._record(report, {JANUARY: number, MARCH: number})
        with patch.object(kpi_bi_feed, "PAGE_KPIS", 2):
            after = [count(text, **given) for text, given in asked]
        self.assertEqual(after, before)
        self.assertEqual(summarised, [[last]] * 7)

    def test_summaries_in_any_order_are_those_of_all_kpis(self):
        """Computed for some KPIs at a time, they come as if they were one list."""
        for number in range(5):
            other = self._definition(f"Other {number}", f"api_other_{number}")
            report = other._track_for("company", self.env.company)
            self._record(report, {JANUARY: number, MARCH: -number})
        rows, _last = self.read_all(self.query("Summaries"))
        self.assertGreater(len(rows), 20)

        def rank(row):  # nothing comes first, from low to high
            known = row["value"] is not None
            key = [row[name] for name in SUMMARIES.key]
            return known, row["value"] or 0, key

        expected = sorted(rows, key=rank)
        is_quarter = [row for row in expected if row["grain"] == "quarter"]
        march = "2025-03-01"
        late = [row for row in expected if row["period_start"] >= march]
        for kpis, page_rows in ((2, 3), (2, 20_000), (200, 4)):
            with (
                patch.object(kpi_bi_feed, "PAGE_KPIS", kpis),
                patch.object(kpi_bi_feed, "PAGE_ROWS", page_rows),
                self.subTest(kpis=kpis, page_rows=page_rows),
            ):
                for given, wanted in (
                    ({}, expected),
                    ({"count": "true"}, expected),
                    ({"skip": 7}, expected[7:]),
                    ({"top": 5, "skip": 3}, expected[3:8]),
                    ({"filter": "grain eq 'quarter'"}, is_quarter),
                    ({"filter": f"period_start ge {march}"}, late),
                ):
                    answer = self.query("Summaries", orderby="value", **given)
                    if "count" in given:
                        self.assertEqual(answer.json()["@odata.count"], len(rows))
                    self.assertEqual(self.read_all(answer)[0], wanted, given)
                count = self.query("Summaries/$count", filter="grain eq 'quarter'")
                self.assertEqual(int(count.text), len(is_quarter))

    def test_summaries_are_computed_for_the_periods_asked_for(self):
        feed = self.env(user=self.people["officer"])["kpi.bi.feed"]
        reports = self.report | self.second
        for text, wanted in (
            ("grain eq 'quarter'", {"quarter": (JANUARY, JANUARY)}),
            ("grain ne 'year' and value gt 1", {"month", "quarter"}),
            ("period_start ge 2025-03-01", {"month": (MARCH, MARCH)}),
            ("value gt 1 or grain eq 'year'", {"month", "quarter", "year"}),
            ("grain eq 'week'", set()),
        ):
            options = read_options([("$filter", text)], SUMMARIES)
            spans = feed._find_spans(reports, options)
            with self.subTest(text):
                self.assertEqual(spans.keys(), set(wanted))
                if isinstance(wanted, dict):
                    (grain,) = wanted
                    self.assertEqual(tuple(spans[grain]), wanted[grain])

    def test_moments_have_parts(self):
        year = self.own_report.measurement_ids[0].recorded_at.year
        day = self.own_report.measurement_ids[0].recorded_at.date()
        for condition, holds in (
            (f"year(recorded_at) eq {year}", True),
            (f"year(recorded_at) eq {year - 1}", False),
            (f"date(recorded_at) eq {day}", True),
            (f"date(recorded_at) gt {day}", False),
            ("hour(recorded_at) lt 24 and month(period_start) eq 1", True),
        ):
            given = f"kpi_id eq {self.own_report.id} and month(period_start) eq 1"
            answer = self.query("Facts", filter=f"{given} and {condition}")
            self.assertEqual(len(answer.json()["value"]), holds, condition)

    def test_long_answers_are_compressed_for_who_can_read_it(self):
        plain = self.query("Facts", headers={"Accept-Encoding": "identity"})
        self.assertNotIn("Content-Encoding", plain.headers)
        zipped = self.query("Facts", headers={"Accept-Encoding": "br, gzip"})
        self.assertEqual(zipped.headers["Content-Encoding"], "gzip")
        self.assertIn("Accept-Encoding", zipped.headers["Vary"])
        self.assertEqual(zipped.json(), plain.json())
        self.assertLess(int(zipped.headers["Content-Length"]), len(plain.content) / 2)
        none = self.query("Facts", headers={"Accept-Encoding": "gzip;q=0"})
        self.assertNotIn("Content-Encoding", none.headers)
        short = self.query("Facts", top=0, headers={"Accept-Encoding": "gzip"})
        self.assertNotIn("Content-Encoding", short.headers)

    def test_what_cannot_be_given_is_not_acceptable(self):
        excel = (
            "application/json;odata.metadata=minimal;q=1.0,"
            "application/atomsvc+xml;q=0.8"
        )
        for path, accept, status in (
            ("/Facts", excel, 200),
            ("/Facts", "*/*", 200),
            ("/Facts", "application/atom+xml, application/*;q=0.1", 200),
            ("/Facts", "application/atom+xml", 406),
            ("/Facts", "text/csv", 406),
            ("/Facts", "application/json;q=0, text/csv", 406),
            ("/Facts?$format=json", "text/csv", 200),
            ("/Facts?$format=atom", "*/*", 415),
            ("/$metadata", "application/xml", 200),
            ("/$metadata", "application/json", 406),
            ("/Facts/$count", "text/plain", 200),
            ("/Facts/$count", "application/xml", 406),
            (f"/Kpis({self.report.id})", "application/xml", 406),
            (f"/Kpis({self.report.id})/CompanyDetails", "application/xml", 406),
            ("", "application/xml", 406),
        ):
            answer = self.ask(path, headers={"Accept": accept})
            self.assertEqual(answer.status_code, status, (path, accept))
            if status >= 400:
                self.assertFault(answer, status)
