from datetime import date

from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_base.tests.controllers.api_case import GROUP

from ...schemas.measurement import MeasurementIn
from .api_case import KpiApiCase


@tagged("post_install", "-at_install")
class TestApiResources(KpiApiCase):
    """What the routes read and write, and for whom."""

    def _post(self, path, body, who="officer"):
        return self.ask(path, who=who, json=body, method="POST")

    def _send(self, *rows, who="officer", **more):
        answer = self._post("/measurements", {"rows": rows, **more}, who=who)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def _row(self, day="2025-01-31", value=1.0, **more):
        return {"report_id": self.report.id, "day": day, "value": value, **more}

    def _facts(self):
        rows = self.env["kpi.measurement"].search(
            [("report_id", "=", self.report.id)], order="period_start"
        )
        return [(row.period_start, row.value, row.source) for row in rows]

    def test_values_are_recorded_by_number_or_by_code(self):
        by_code = {"code": "api_visits", "day": "2025-02-10", "value": 2.0}
        found = self._send(self._row(value=1.5), by_code)
        self.assertEqual((found["added"], found["refused"]), (2, 0))
        expected = [(date(2025, 1, 1), 1.5, "api"), (date(2025, 2, 1), 2.0, "api")]
        self.assertEqual(self._facts(), expected)

    def test_what_a_value_has_not_is_null_and_not_zero(self):
        rows = [
            (self.report.id, date(2025, 1, 1), 1.0),
            (self.report.id, date(2025, 2, 1), 1.0, 0.0, 0),
        ]
        self.env["kpi.measurement"]._upsert("month", rows, source="external")
        query = f"report_id={self.report.id}&sort=period_start"
        items = self.ask(f"/measurements?{query}").json()["items"]
        told = [(item["weight"], item["unpriced_count"]) for item in items]
        self.assertEqual(told, [(None, None), (0.0, 0)])
        explained = [
            self.ask(f"/explain/{self.report.id}?period_start={day}").json()
            for day in ("2025-01-01", "2025-02-01")
        ]
        self.assertEqual([one["unpriced_count"] for one in explained], [None, 0])

    def test_a_target_to_date_comes_with_its_day_and_the_whole_target(self):
        path = f"/reports/{self.report.id}"
        names = ("target_value", "target_day", "target_full")
        empty = self.ask(path).json()
        self.assertEqual([empty[name] for name in names], [None] * 3)
        today = date.today()
        self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": date(2025, 1, 1), "value": 60.0}
        )
        self.report.target_ids.flush_recordset()
        self._send(self._row(day="2025-01-31", value=30.0))
        item = self.ask(path).json()
        self.assertEqual([item[name] for name in names], [60.0, None, 60.0])
        self._send(self._row(day=today.isoformat(), value=30.0))
        item = self.ask(path).json()
        self.assertEqual(item["target_full"], 60.0)
        self.assertTrue(item["target_day"])
        own = self.ask(f"{path}?fields=target_full").json()
        self.assertEqual(own, {"id": self.report.id, "target_full": 60.0})

    def test_values_sent_again_change_nothing(self):
        self._send(self._row())
        found = self._send(self._row())
        self.assertEqual((found["added"], found["unchanged"]), (0, 1))
        self.assertFalse(
            self.env["kpi.measurement.revision"].search(
                [("report_id", "=", self.report.id)]
            )
        )

    def test_settled_values_that_became_others_are_listed(self):
        self._send(self._row(value=1.0))
        self.env.cr.execute(
            "UPDATE kpi_measurement SET recorded_at = '2025-02-20 12:00:00'"
            " WHERE report_id = %s",
            [self.report.id],
        )
        self.env.invalidate_all()
        self._send(self._row(value=3.0))
        query = f"/restatements?report_id={self.report.id}"
        (found,) = self.ask(query).json()["items"]
        self.assertEqual((found["settled_value"], found["new_value"]), (1.0, 3.0))
        self.assertEqual(found["cause"], "api")
        explained = self.ask(
            f"/explain/{self.report.id}?period_start={found['period_start']}"
        ).json()
        self.assertEqual(explained["restatement"]["settled_value"], 1.0)
        (again,) = self.ask(f"{query}&since=2025-02-21T00:00:00Z").json()["items"]
        self.assertEqual(again, found)
        future = self.ask(f"{query}&since=2999-01-01T00:00:00Z").json()
        self.assertFalse(future["items"])
        self.assertEqual(self.ask(f"{query}&since=soon").status_code, 422)

    def test_another_value_leaves_the_earlier_one_readable(self):
        self._send(self._row(value=1.0))
        found = self._send(self._row(value=3.0), reason="Counted again")
        self.assertEqual(found["changed"], 1)
        explained = self.ask(
            f"/explain/{self.report.id}?period_start=2025-01-01"
        ).json()
        (revision,) = explained["revisions"]
        self.assertEqual((revision["old_value"], revision["new_value"]), (1.0, 3.0))
        self.assertEqual(revision["reason"], "Counted again")

    def test_rows_of_one_call_are_compared_one_by_one(self):
        daily = self._definition("Days", "api_days", frequency="day")
        daily._track_for("company", self.env.company)
        day = {"code": "api_days", "day": "2025-01-31", "value": 5.0}
        self._send(self._row(), self._row("2025-02-01"), day)
        found = self._send(
            self._row("2025-01-01"),
            {**day, "day": "2025-01-30"},
            self._row("2025-02-28", value=99.0),
            day,
            self._row("2025-03-01"),
        )
        self.assertEqual(
            [(result["index"], result["outcome"]) for result in found["results"]],
            list(enumerate(["unchanged", "added", "changed", "unchanged", "added"])),
        )

    def test_each_row_is_told_what_became_of_it(self):
        self.report.locked_until = date(2024, 12, 31)
        values = {"computation": "formula", "formula": "api_visits * 2"}
        computed = self._definition("Sum", "api_sum", **values)
        sums = computed._track_for("company", self.env.company)
        found = self._send(
            self._row(),
            self._row(day="2025-01-02"),
            self._row(day="2024-12-31"),
            self._row(day="2999-01-01"),
            self._row(report_id=2**31 - 1),
            {"report_id": sums.id, "day": "2025-01-01", "value": 1.0},
        )
        outcomes = [result["outcome"] for result in found["results"]]
        self.assertEqual(outcomes, ["added", *["refused"] * 5])
        details = [result["detail"] for result in found["results"][1:]]
        self.assertEqual(
            details,
            [
                "Duplicate period in this request.",
                "The period is locked.",
                "The period has not started.",
                "This KPI does not exist.",
                "This KPI is computed: values cannot be recorded.",
            ],
        )

    def test_values_are_recorded_by_officers(self):
        answer = self._post("/measurements", {"rows": [self._row()]}, who="user")
        self.assertProblem(answer, "forbidden")
        self.assertFalse(self._facts())

    def test_ten_thousand_rows_are_the_most(self):
        answer = self._post("/measurements", {"rows": [self._row()] * 10_001})
        self.assertProblem(answer, "invalid")

    def test_many_rows_take_as_many_queries_as_few(self):
        rows = [self._row(day=date(year, 1, 1)) for year in range(1990, 2020)]
        measurements = self.env["kpi.measurement"].with_user(self.people["officer"])
        few, many = ([MeasurementIn(**r) for r in rows[:n]] for n in (2, 30))
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        measurements._record_rows(few)
        middle = self.env.cr.sql_log_count
        measurements._record_rows(many)
        self.assertLessEqual(self.env.cr.sql_log_count - middle, middle - before + 5)

    def test_a_value_taken_away_stays_among_the_earlier_ones(self):
        self._send(self._row())
        (row,) = self.ask("/measurements?code=api_visits").json()["items"]
        path = f"/measurements/{row['id']}"
        self.assertProblem(self.ask(path, method="DELETE"), "invalid")
        answer = self.ask(f"{path}?reason=Wrong+branch", method="DELETE")
        self.assertEqual((answer.status_code, answer.content), (204, b""))
        self.assertFalse(self._facts())
        revision = self.env["kpi.measurement.revision"].search(
            [("report_id", "=", self.report.id)]
        )
        self.assertEqual((revision.old_value, revision.reason), (1.0, "Wrong branch"))

    def test_values_come_beside_their_targets(self):
        self._send(self._row(value=3.0), self._row(day="2025-02-01", value=4.0))
        self._post(
            "/targets",
            {"report_id": self.report.id, "date_from": "2025-01-01", "value": 4.0},
        )
        query = "first=2025-01-01&last=2025-03-31"
        path = f"/reports/{self.report.id}/values"
        months = self.ask(f"{path}?{query}").json()["items"]
        found = [(m["period_start"], m["value"], m["target"]) for m in months]
        expected = [("2025-01-01", 3.0, 4.0), ("2025-02-01", 4.0, 4.0)]
        self.assertEqual(found[:2], expected)
        (quarter,) = self.ask(f"{path}?{query}&grain=quarter").json()["items"]
        self.assertEqual(quarter["value"], 7.0)
        answer = self.ask(f"{path}?{query}").json()
        company = {"id": self.env.company.id, "name": self.env.company.name}
        self.assertEqual((answer["company"], answer["user"]), (company, None))
        currency = self.definition.currency_id
        self.assertEqual(answer["currency"], {"id": currency.id, "name": currency.name})
        sort = "sort=-period_start"
        items = self.ask(f"/measurements?report_id={self.report.id}&{sort}").json()
        february, january = items["items"]
        self.assertEqual(january["period_stop"], "2025-02-01")
        self.assertEqual((january["target"], january["status"]), (4.0, "off_target"))
        self.assertEqual((february["target"], february["status"]), (4.0, "on_target"))
        self.assertEqual((january["company"], january["department"]), (company, None))
        self.assertEqual(january["currency"]["name"], currency.name)

    def test_a_verdict_names_its_periods(self):
        self._send(self._row(value=3.0))
        self._post(
            "/targets",
            {"report_id": self.report.id, "date_from": "2025-01-01", "value": 4.0},
        )
        found = self.ask(f"/reports/{self.report.id}/verdict").json()
        self.assertEqual(found["report"]["id"], self.report.id)
        closed = found["closed"]
        self.assertEqual((closed["label"], closed["value"]), ("Jan 2025", 3.0))
        self.assertEqual((closed["status"], closed["achievement"]), ("off_target", 75))
        self.assertTrue(found["running"]["is_running"])
        self.assertEqual(found["running"]["status"], "no_data")
        said = "Jan 2025 missed its target by 25%"
        self.assertEqual(found["finding"], said)

    def test_a_range_of_values_has_an_end(self):
        path = f"/reports/{self.report.id}/values"
        for query in (
            "first=1990-01-01&last=2020-01-01",
            "first=2025-02-01&last=2025-01-01",
            "first=1900-01-01&last=1900-01-02",
        ):
            self.assertProblem(self.ask(f"{path}?{query}"), "invalid")

    def test_what_is_entered_is_an_entry_of_the_keys_owner(self):
        value = {"report_id": self.own_report.id, "day": "2025-01-31", "value": 2.0}
        answer = self._post("/submit", {"values": [value]}, who="user")
        self.assertEqual(answer.status_code, 201, answer.text)
        (entry,) = answer.json()["items"]
        self.assertEqual(entry["entered_by"]["id"], self.people["user"].id)
        self.assertEqual((entry["state"], entry["value"]), ("approved", 2.0))

    def test_what_replaces_a_value_needs_a_note(self):
        value = {"report_id": self.own_report.id, "day": "2025-01-31", "value": 2.0}
        self._post("/submit", {"values": [value]}, who="user")
        answer = self._post("/submit", {"values": [{**value, "value": 3.0}]}, "user")
        self.assertProblem(answer, "invalid")
        corrected = {**value, "value": 3.0, "note": "Counted again"}
        answer = self._post("/submit", {"values": [corrected]}, who="user")
        self.assertEqual(answer.json()["items"][0]["version"], 2)

    def test_entries_are_taken_all_or_none(self):
        good = {"report_id": self.own_report.id, "day": "2025-01-31", "value": 2.0}
        bad = {**good, "day": "2999-01-01"}
        answer = self._post("/submit", {"values": [good, bad]}, who="user")
        self.assertProblem(answer, "invalid")
        self.assertFalse(self.own_report.submission_ids)

    def test_an_entry_that_needs_approval_is_approved_by_somebody_else(self):
        self.definition.has_entry_approval = True
        value = {"report_id": self.own_report.id, "day": "2025-01-31", "value": 2.0}
        answer = self._post("/submit", {"values": [value]}, who="user")
        (entry,) = answer.json()["items"]
        self.assertEqual(entry["state"], "submitted")
        path = f"/submissions/{entry['id']}/approve"
        refused = self.ask(path, who="user", method="POST", json={})
        self.assertIn(refused.status_code, (403, 422))
        approved = self.ask(path, method="POST", json={}).json()
        self.assertEqual(approved["state"], "approved")

    def test_an_entry_is_rejected_with_a_reason(self):
        self.definition.has_entry_approval = True
        value = {"report_id": self.own_report.id, "day": "2025-01-31", "value": 2.0}
        answer = self._post("/submissions", {"values": [value]}, who="user")
        (draft,) = answer.json()["items"]
        self.assertEqual(draft["state"], "draft")
        path = f"/submissions/{draft['id']}"
        self.ask(f"{path}/submit", who="user", method="POST", json={})
        rejected = self._post(f"{path}/reject", {"reason": "Lyon is missing"}).json()
        self.assertEqual(rejected["rejection_reason"], "Lyon is missing")

    def test_what_is_not_ones_own_is_not_found(self):
        """On every verb; colleagues see neither the KPI nor what belongs to it."""
        self._send(self._row())
        target = self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": "2026-01-01", "value": 1.0}
        )
        scorecard = self.env["kpi.report.group"].create({"name": "Api board"})
        fact = self.env["kpi.measurement"].search([("report_id", "=", self.report.id)])
        number = self.report.id
        value = {"report_id": number, "day": "2025-01-31", "value": 2.0}
        new = {"report_id": number, "date_from": "2026-02-01", "value": 1.0}
        for method, path, body in (
            ("GET", f"/reports/{number}", None),
            ("GET", f"/reports/{number}/values?first=2025-01-01&last=2025-01-01", None),
            ("GET", f"/reports/{number}/verdict", None),
            ("PATCH", f"/reports/{number}", {"active": False}),
            ("GET", f"/explain/{number}", None),
            ("GET", f"/targets/{target.id}", None),
            ("PATCH", f"/targets/{target.id}", {"value": 2.0}),
            ("DELETE", f"/targets/{target.id}", None),
            ("POST", "/targets", new),
            ("DELETE", f"/measurements/{fact.id}?reason=x", None),
            ("GET", f"/scorecards/{scorecard.id}", None),
            ("GET", f"/scorecards/{scorecard.id}/lines", None),
            ("POST", "/submit", {"values": [value]}),
        ):
            with self.subTest(method=method, path=path):
                answer = self.ask(path, who="user", method=method, json=body)
                self.assertProblem(answer, "not-found")
        self.assertEqual(target.value, 1.0)
        self.assertTrue(self._facts())

    def test_lists_hold_what_the_keys_owner_sees(self):
        rows = self.ask("/reports?code=api_visits", who="user").json()["items"]
        self.assertEqual([row["id"] for row in rows], self.own_report.ids)

    def test_other_companies_are_not_found(self):
        other = self.env["res.company"].create({"name": "Api Other"})
        stranger = self._definition("Other", "api_other", company_id=other.id)
        report = stranger._track_for("company", other)
        for path in (f"/definitions/{stranger.id}", f"/reports/{report.id}"):
            self.assertProblem(self.ask(path), "not-found")

    def test_a_kpi_is_tracked_once(self):
        body = {"definition_id": self.definition.id, "scope_type": "department"}
        body["scope_id"] = self.department.id
        first, second = (self._post("/reports", body).json() for _n in range(2))
        self.assertEqual(first["id"], second["id"])
        self.assertEqual(first["department"]["name"], "Api Sales")

    def test_a_summary_counts_by_status(self):
        person = self.people["user"]
        found = self.ask(f"/summary/{person.id}", who="user").json()
        self.assertEqual(found["user"], {"id": person.id, "name": "Api user"})
        self.assertEqual([kpi["id"] for kpi in found["kpis"]], self.own_report.ids)
        self.assertEqual(found["by_status"], {"no_data": 1})

    def test_a_summary_of_a_colleague_holds_nothing(self):
        new_test_user(self.env, "api_other_user", GROUP % "user")
        person = self.people["officer"]
        found = self.ask(f"/summary/{person.id}", who="user").json()
        self.assertEqual(found["kpis"], [])

    def test_a_department_is_found_by_number_and_full_name(self):
        below = self.env["hr.department"].create(
            {"name": "North", "parent_id": self.department.id}
        )
        report = self.definition._track_for("department", below)
        for name in (str(below.id), "Api Sales / North", "Api%20Sales%20%2F%20North"):
            with self.subTest(name=name):
                found = self.ask(f"/dashboard/{name}").json()
                self.assertEqual(found["department"]["id"], below.id)
                self.assertEqual([kpi["id"] for kpi in found["kpis"]], report.ids)

    def test_a_department_is_found_by_its_short_name_where_it_is_the_only_one(self):
        north, south = self.env["hr.department"].create(
            [
                {"name": name, "parent_id": self.department.id}
                for name in ("Api North", "Api South")
            ]
        )
        found = self.ask("/dashboard/Api%20North")
        self.assertEqual(found.json()["department"]["id"], north.id, found.text)
        twin = self.env["hr.department"].create(
            {"name": "Api South", "parent_id": north.id}
        )
        answer = self.ask("/dashboard/Api South")
        detail = self.assertProblem(answer, "conflict")["detail"]
        for department in (south, twin):
            named = f"“{department.complete_name}” ({department.id})"
            self.assertIn(named, detail)
        self.assertProblem(self.ask("/dashboard/Api West"), "not-found")
        self.assertProblem(self.ask("/dashboard/api north"), "not-found")
        # What somebody cannot see is no candidate, and makes nothing ambiguous.
        far = self.env["res.company"].create({"name": "Far"})
        twin.company_id = far
        found = self.ask("/dashboard/Api South")
        self.assertEqual(found.json()["department"]["id"], south.id, found.text)

    def test_a_full_name_goes_before_short_names(self):
        below = self.env["hr.department"].create(
            {"name": "Api Sales", "parent_id": self.department.id}
        )
        found = self.ask("/dashboard/Api Sales").json()
        self.assertEqual(found["department"]["id"], self.department.id)
        found = self.ask("/dashboard/Api Sales / Api Sales").json()
        self.assertEqual(found["department"]["id"], below.id)

    def test_a_name_of_two_departments_is_told_with_their_numbers(self):
        twin = self.env["hr.department"].create({"name": "Api Sales"})
        found = self.assertProblem(self.ask("/dashboard/Api Sales"), "conflict")
        for department in (twin, self.department):
            self.assertIn(str(department.id), found["detail"])
