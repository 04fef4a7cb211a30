from odoo.tests import tagged

from .deal_api_case import DealApiCase


@tagged("post_install", "-at_install")
class TestCommissionApi(DealApiCase):
    """The ledger over REST: who may do what, and what stands for good."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # One deal, made as its agent would.
        cls.deal = (
            cls.env["kpi.deal"]
            .with_user(cls.people["user"])
            .create(
                {
                    "title": "Quay 7",
                    "team_id": cls.team.id,
                    "currency_id": cls.euro.id,
                    "estimated_value_amount": 1000.0,
                }
            )
        )
        cls.path = f"/deals/{cls.deal.uuid}"

    def _introduce(self, who="user", **values):
        body = {
            "basis_amount": "1000.00",
            "commission_rate": "0.05",
            "note": "Agreed",
            **values,
        }
        return self.ask(f"{self.path}/commissions", who, json=body)

    def _introduced(self, **values):
        """The path of a new commission of the agent."""
        answer = self._introduce(**values)
        self.assertEqual(answer.status_code, 201, answer.text)
        return f"/commissions/{answer.json()['id']}"

    def _status(self, path, status, who="manager", headers=(), **values):
        body = {"status": status, **values}
        return self.ask(f"{path}/status", who, json=body, headers=dict(headers))

    def _adjust(self, path, amount, who="manager", **values):
        body = {
            "adjustment_type": "correction",
            "amount": amount,
            "note": "Because",
            **values,
        }
        return self.ask(f"{path}/adjustments", who, json=body)

    def test_a_commission_is_introduced_confirmed_invoiced_and_paid(self):
        answer = self._introduce(commission_type="introducer")
        self.assertEqual(answer.status_code, 201, answer.text)
        commission = answer.json()
        for name, value in {
            "agent": {"id": self.people["user"].id, "name": "Api user"},
            "basis_amount": "1000.00",
            "basis_currency": "EUR",
            "commission_amount": "50.00",
            "commission_rate": "0.0500",
            "commission_type": "introducer",
            "confirmed_at": None,
            "deal_uuid": self.deal.uuid,
            "net_amount": "50.00",
            "rule": "plan",
            "status": "pending",
        }.items():
            self.assertEqual(commission[name], value, name)
        path = f"/commissions/{commission['id']}"
        for status in ("confirmed", "invoiced", "paid"):
            answer = self._status(path, status, reason=f"It is {status}")
            self.assertEqual(answer.status_code, 200, answer.text)
            self.assertEqual(answer.json()["status"], status)
            self.assertTrue(answer.json()[f"{status}_at"])
        self.assertEqual(answer.json()["audit_log"]["name"], "Commission paid")
        self.assertEqual(answer.json()["confirmed_by"]["id"], self.people["manager"].id)
        items = self.ask(f"{self.path}/timeline", "user").json()["items"]
        notes = [item["note"] for item in items if item["kind"] == "commission"]
        self.assertEqual(
            notes, ["It is paid", "It is invoiced", "It is confirmed", "Agreed"]
        )
        verdict = self.ask(f"{self.path}/audit", "user").json()
        self.assertEqual((verdict["is_whole"], verdict["faults"]), (True, []))

    def test_a_second_confirmation_is_a_conflict(self):
        path = self._introduced()
        self.assertEqual(self._status(path, "confirmed").status_code, 200)
        body = self.assertProblem(self._status(path, "confirmed"), "conflict")
        self.assertIn("cannot be changed to “Approved”", body["detail"])
        for status in ("pending", "confirmed"):
            self.assertProblem(self._status(path, status), "conflict")

    def test_the_same_confirmation_sent_again_is_answered_again(self):
        path = self._introduced()
        headers = {"Idempotency-Key": "confirm-1"}
        first = self._status(path, "confirmed", headers=headers)
        again = self._status(path, "confirmed", headers=headers)
        self.assertEqual((again.status_code, again.text), (200, first.text))
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        events = self.env["kpi.audit.log"].search(
            [
                ("res_id", "=", self.deal.id),
                ("event_type", "=", "deal_commission_confirmed"),
            ]
        )
        self.assertEqual(len(events), 1)

    def test_a_commission_is_introduced_with_a_reason(self):
        for note in ("", " "):
            answer = self._introduce(commission_type="bonus", note=note)
            self.assertEqual(answer.status_code, 422, answer.text)
        commission = self._introduce(commission_type="bonus").json()
        self.assertEqual(commission["note"], "Agreed")
        self.assertEqual(commission["entered"], "Manually by Api user, who earns it")

    def test_what_was_changed_meanwhile_is_not_confirmed(self):
        path = self._introduced()
        tag = self.ask(path, "manager").headers["ETag"]
        commission = self.env["kpi.commission"].browse(int(path.rpartition("/")[2]))
        commission.commission_rate = 0.06
        headers = {"If-Match": tag}
        answer = self._status(path, "confirmed", headers=headers)
        self.assertProblem(answer, "precondition-failed")
        tag = self.ask(path, "manager").headers["ETag"]
        answer = self._status(path, "confirmed", headers={"If-Match": tag})
        self.assertEqual(answer.json()["commission_amount"], "60.00")

    def test_nobody_settles_the_own_commission(self):
        path = self._introduced()
        for who in ("user", "officer"):
            own = path if who == "user" else None
            if own is None:
                self.deal.agent_id = self.people[who]
                answer = self._introduce(who, commission_type="referral")
                own = f"/commissions/{answer.json()['id']}"
            for status in ("confirmed", "written_off"):
                with self.subTest(who=who, status=status):
                    self.assertProblem(self._status(own, status, who), "forbidden")
            self.assertProblem(self._adjust(own, "5", who), "forbidden")

    def test_another_ones_commission_is_not_found_on_any_verb(self):
        path = self._introduced()
        dispute = self._status(path, "disputed", "user", reason="2%")
        self.assertEqual(dispute.status_code, 200, dispute.text)
        items = self.ask(f"{path}/disputes", "user").json()["items"]
        asked = (
            (path, "GET", None),
            (f"{path}/status", "POST", {"status": "confirmed"}),
            (f"{path}/adjustments", "GET", None),
            (
                f"{path}/adjustments",
                "POST",
                {"adjustment_type": "bonus", "amount": "5", "note": "x"},
            ),
            (f"{path}/disputes", "GET", None),
            (
                f"{path}/disputes/{items[0]['id']}",
                "PATCH",
                {"company_comment": "x"},
            ),
            (f"{self.path}/commissions", "GET", None),
            (
                f"{self.path}/commissions",
                "POST",
                {"commission_type": "bonus", "note": "x"},
            ),
        )
        self.people["stranger"] = self._stranger()
        self.keys["stranger"] = self._key("stranger", ("deals.read", "deals.write"))
        for who in ("other", "director", "stranger"):
            for place, method, body in asked:
                with self.subTest(who=who, place=place, method=method):
                    answer = self.ask(place, who, method, json=body)
                    self.assertProblem(answer, "not-found")
            self.assertEqual(self.ask("/commissions", who).json()["items"], [])
        for place, method, body in asked:
            if "commissions/" in place:
                with self.subTest(who="viewer", place=place, method=method):
                    answer = self.ask(place, "viewer", method, json=body)
                    self.assertProblem(answer, "forbidden")

    def _stranger(self):
        """An administrator of deals, in another company."""
        far = self.env["res.company"].create({"name": "Far"})
        user = self.people["officer"].copy(
            {"login": "api_stranger", "company_ids": far.ids, "company_id": far.id}
        )
        return user

    def test_agents_see_and_claim_their_own_only(self):
        path = self._introduced()
        other = self.people["other"]
        self.env["kpi.deal.split"].create(
            [
                {
                    "deal_id": self.deal.id,
                    "agent_id": user.id,
                    "share_percent": 50.0,
                }
                for user in (other, self.people["user"])
            ]
        )
        answer = self.ask(f"{self.path}/commissions", "other")
        self.assertEqual(answer.json()["items"], [])
        self.assertProblem(self.ask(path, "other"), "not-found")
        self.assertProblem(self._introduce("other"), "forbidden")
        claimed = self._introduce(agent_id=other.id, commission_type="referral")
        self.assertProblem(claimed, "forbidden")
        claimed = self._introduce(
            "manager", agent_id=other.id, commission_type="referral"
        )
        self.assertEqual(claimed.status_code, 201, claimed.text)
        answer = self.ask(f"{self.path}/commissions", "other")
        self.assertEqual(len(answer.json()["items"]), 1)

    def test_what_cannot_be_is_refused(self):
        for values in (
            {"basis_amount": "-1"},
            {"basis_amount": "1e3"},
            {"basis_amount": 1000},
            {"basis_amount": "10000000000000000"},
            {"commission_rate": "1.01"},
            {"commission_rate": "0.00001"},
            {"commission_amount": "0.001"},
            {"basis_currency": "XXX"},
            {"agent_id": 2**31 - 1},
            {"commission_type": "gift"},
            # What only the ledger writes.
            {"status": "paid"},
            {"confirmed_by": 2},
            {"rule": "override"},
            {"plan_id": 1},
            {"deal_id": 1},
            {"earned_on": "2026-01-01"},
        ):
            with self.subTest(values):
                self.assertProblem(self._introduce(**values), "invalid")
        path = self._introduced()
        self.assertProblem(self._introduce(), "invalid")  # there is one already
        for body in (
            {"status": "lost"},
            {"status": "confirmed", "confirmed_at": "2026-01-01T00:00:00Z"},
            {"status": "confirmed", "amount": "5"},
            {"status": "confirmed", "deadline": "2999-01-01"},
            {"status": "confirmed", "document_id": 2**31 - 1},
            {"status": "confirmed", "document_uri": "no address"},
            {"status": "disputed"},
            {"status": "disputed", "reason": " "},
            {"status": "disputed", "reason": "x", "deadline": "2020-01-01"},
        ):
            with self.subTest(body):
                answer = self.ask(f"{path}/status", "manager", json=body)
                self.assertProblem(answer, "invalid")
        self.assertEqual(self.ask(path, "user").json()["status"], "pending")
        empty = self._introduced(
            basis_amount="0", commission_rate="0", commission_type="bonus"
        )
        self.assertIsNone(self.ask(empty, "user").json()["commission_amount"])
        body = self.assertProblem(self._status(empty, "confirmed"), "invalid")
        self.assertIn("no amount yet", body["detail"])

    def test_adjustments_are_booked_and_listed(self):
        path = self._introduced()
        self._status(path, "confirmed")
        answer = self._adjust(
            path, "-20.00", adjustment_type="clawback", note="The tenant left"
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        booked = answer.json()
        self.assertEqual(booked["amount"], "-20.00")
        self.assertEqual((booked["currency"], booked["origin"]), ("EUR", "hand"))
        self.assertEqual(booked["recorded_by"]["id"], self.people["manager"].id)
        self.assertEqual(booked["audit_log"]["name"], "Commission adjusted")
        self._adjust(path, "5", adjustment_type="bonus")
        commission = self.ask(path, "user").json()
        self.assertEqual(commission["commission_amount"], "50.00")
        self.assertEqual(commission["net_amount"], "35.00")
        items = self.ask(f"{path}/adjustments", "user").json()["items"]
        self.assertEqual([item["amount"] for item in items], ["-20.00", "5.00"])
        self.assertEqual(items[0]["note"], "The tenant left")
        answer = self.ask(f"{path}/adjustments?adjustment_type=bonus", "user")
        self.assertEqual(len(answer.json()["items"]), 1)
        for amount, values in (
            ("5", {"adjustment_type": "clawback"}),
            ("-5", {"adjustment_type": "bonus"}),
            ("0", {}),
            ("1e16", {}),
            ("5", {"note": " "}),
            ("5", {"origin": "plan"}),
            ("5", {"recorded_by": 1}),
        ):
            with self.subTest(amount=amount, values=values):
                self.assertProblem(self._adjust(path, amount, **values), "invalid")
        self.assertProblem(self._adjust(path, "5", "user"), "forbidden")
        self._status(path, "written_off")
        self.assertProblem(self._adjust(path, "5"), "invalid")

    def test_a_dispute_holds_the_commission_until_a_third_one_decides(self):
        path = self._introduced()
        self._status(path, "confirmed")
        answer = self._status(
            path,
            "disputed",
            "user",
            reason="We agreed on 6%",
            document_uri="https://files.example.com/letter.pdf",
            deadline="2999-01-01",
        )
        self.assertEqual(answer.json()["status"], "disputed", answer.text)
        self.assertTrue(answer.json()["disputed_at"])
        for status in ("disputed", "paid", "invoiced"):
            with self.subTest(status):
                answer = self._status(path, status, reason="x")
                self.assertProblem(answer, "conflict")
        (dispute,) = self.ask(f"{path}/disputes?state=open", "user").json()["items"]
        self.assertEqual(dispute["reason"], "We agreed on 6%")
        self.assertEqual(dispute["document"]["id"], self.deal.document_ids.id)
        place = f"{path}/disputes/{dispute['id']}"
        for who, name, slug in (
            ("user", "agent_comment", None),
            ("user", "company_comment", "forbidden"),
            ("manager", "agent_comment", "forbidden"),
            ("manager", "company_comment", None),
            ("manager", "decision", "invalid"),
        ):
            with self.subTest(who=who, name=name):
                answer = self.ask(place, who, "PATCH", json={name: "See § 3"})
                if slug:
                    self.assertProblem(answer, slug)
                else:
                    self.assertEqual(answer.json()[name], "See § 3")
        for who in ("user", "manager"):  # who earns, and who confirmed it
            answer = self._status(path, "confirmed", who, reason="No")
            self.assertProblem(answer, "forbidden")
        answer = self._status(path, "confirmed", "officer")
        self.assertProblem(answer, "invalid")  # no reason
        answer = self._status(
            path, "confirmed", "officer", reason="It says so", amount="0.00"
        )
        self.assertProblem(answer, "invalid")  # changes nothing
        answer = self._status(
            path, "confirmed", "officer", reason="It says so", amount="10.00"
        )
        self.assertEqual(answer.json()["status"], "confirmed", answer.text)
        self.assertEqual(answer.json()["net_amount"], "60.00")
        self.assertTrue(answer.json()["resolved_at"])
        (dispute,) = self.ask(f"{path}/disputes", "user").json()["items"]
        self.assertEqual(
            (dispute["state"], dispute["decision"]), ("upheld", "It says so")
        )
        self.assertEqual(dispute["effect_amount"], "10.00")
        answer = self.ask(place, "user", "PATCH", json={"agent_comment": "late"})
        self.assertProblem(answer, "invalid")

    def test_a_dispute_is_rejected_or_ends_in_nothing(self):
        path = self._introduced()
        self._status(path, "disputed", "user", reason="2%")
        answer = self._status(path, "pending", reason="No")
        self.assertEqual(answer.json()["status"], "pending", answer.text)
        self._status(path, "disputed", "user", reason="3%")
        answer = self._status(path, "written_off", reason="Fraud")
        self.assertEqual(answer.json()["net_amount"], "0.00", answer.text)
        states = [
            each["state"]
            for each in self.ask(f"{path}/disputes", "user").json()["items"]
        ]
        self.assertEqual(states, ["rejected", "written_off"])

    def test_a_document_of_the_deal_goes_into_the_entry(self):
        path = self._introduced()
        document = self.env["kpi.deal.document"].create(
            {"deal_id": self.deal.id, "title": "Offer", "uri": "https://example.com/a"}
        )
        self._status(path, "confirmed", document_id=document.id)
        entry = self.env["kpi.audit.log"].search(
            [("event_type", "=", "deal_commission_confirmed")], limit=1
        )
        self.assertIn(f'"document":{document.id}', entry.text.replace(" ", ""))

    def test_lists_are_filtered_sorted_and_paged(self):
        for kind in ("introducer", "exclusive", "bonus"):
            self._introduced(commission_type=kind)
        place = f"{self.path}/commissions"
        page = self.ask(f"{place}?limit=2&sort=-id", "manager").json()
        rest = self.ask(
            f"{place}?limit=2&sort=-id&cursor={page['next_cursor']}", "manager"
        ).json()
        kinds = [each["commission_type"] for each in page["items"] + rest["items"]]
        self.assertEqual(kinds, ["bonus", "exclusive", "introducer"])
        self.assertIsNone(rest["next_cursor"])
        agent = self.people["user"].id
        for query, expected in (
            ("commission_type=bonus", 1),
            ("status=paid", 0),
            (f"agent_id={agent}&status=pending", 3),
            ("earned_from=2026-01-01", 0),
        ):
            for base in (place, "/commissions"):
                with self.subTest(query=query, base=base):
                    items = self.ask(f"{base}?{query}", "user").json()["items"]
                    self.assertEqual(len(items), expected)
        item = self.ask(f"{place}?fields=status", "user").json()["items"][0]
        self.assertEqual(set(item), {"id", "status"})

    def test_a_long_list_takes_no_more_statements(self):
        counts = []
        for kinds in (("exclusive",), ("introducer", "co_broke", "referral", "bonus")):
            for kind in kinds:
                self._introduced(commission_type=kind)
            before = self.env.cr.sql_log_count
            items = self.ask(f"{self.path}/commissions", "user").json()["items"]
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(items), 5)
        self.assertEqual(counts[0], counts[1])

    def test_scopes_are_asked_for(self):
        path = self._introduced()
        key = self._key("user", ("kpi.read", "kpi.write"))
        self.assertProblem(self.ask(path, "user", key=key), "insufficient-scope")
        key = self._key("manager", ("deals.read",))
        self.assertEqual(self.ask(path, "manager", key=key).status_code, 200)
        answer = self.ask(
            f"{path}/status", "manager", key=key, json={"status": "confirmed"}
        )
        self.assertProblem(answer, "insufficient-scope")

    def test_the_description_names_every_path(self):
        paths = self.ask("/openapi.json", None).json()["paths"]
        for path in (
            "/api/v1/deals/{deal_id}/commissions",
            "/api/v1/commissions/{commission_id}/status",
            "/api/v1/commissions/{commission_id}/adjustments",
        ):
            self.assertIn("post", paths[path])
