from odoo.tests import tagged

from .benefit_api_case import BenefitApiCase

PATH = "/leakages"


@tagged("post_install", "-at_install")
class TestLeakageApi(BenefitApiCase):
    """Value leakages as programs report them and move them on."""

    def _report(self, who="olga", **values):
        return self._post(PATH, who, **{"name": "Paper forms", **values})

    def test_a_leakage_is_reported_and_resolved(self):
        benefit = self._benefit()
        answer = self._report(benefit_id=benefit.id, estimated_impact=600.0)
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        self.assertEqual(made["initiative"]["id"], benefit.initiative_id.id)
        self.assertEqual((made["severity"], made["status"]), ("high", "identified"))
        self.assertEqual((made["source"], made["action_items"]), ("manual", []))
        path = f"{PATH}/{made['id']}"
        self.assertProblem(self._put(path, status="mitigating"), "invalid")
        told = self._put(path, status="mitigating", mitigation_plan="Training")
        self.assertEqual(told.json()["status"], "mitigating")
        told = self._put(
            path, status="resolved", root_cause="Two sites", recovered_amount=200.0
        ).json()
        self.assertEqual((told["status"], told["lost_value"]), ("resolved", 400))
        self.assertIsNotNone(told["closed_on"])
        self.assertEqual(self.ask(path, "sue").json(), told)

    def test_lists_of_an_initiative(self):
        initiative = self._make()
        one = self._report(initiative_id=initiative.id, severity="low").json()
        two = self._report(benefit_id=self._benefit(initiative).id).json()
        self._put(
            f"{PATH}/{two['id']}", status="accepted", acceptance_reason="Too small"
        )
        path = f"{PATH}/initiative/{initiative.id}"
        for query, expected in (
            ("", {one["id"], two["id"]}),
            ("?is_open=true", {one["id"]}),
            ("?status=accepted", {two["id"]}),
            ("?severity=critical", set()),
        ):
            items = self.ask(f"{path}{query}", "olga").json()["items"]
            self.assertEqual({each["id"] for each in items}, expected, query)
        self.assertProblem(self.ask(path, "zoe"), "not-found")

    def test_others_are_refused(self):
        benefit = self._benefit()
        made = self._report(benefit_id=benefit.id).json()
        path = f"{PATH}/{made['id']}"
        self.assertProblem(self.ask(path, "zoe"), "not-found")
        self.assertProblem(self._put(path, "zoe", name="X"), "not-found")
        self.assertProblem(self._report("zoe", benefit_id=benefit.id), "not-found")
        self.assertProblem(self._put(path, "sue", name="X"), "forbidden")
        self.assertProblem(self._report("sue", benefit_id=benefit.id), "forbidden")
        far = self._benefit(self._make_far())
        theirs = self.env["kpi.value.leakage"].create(
            {"name": "Far", "benefit_id": far.id}
        )
        self.env.flush_all()
        self.assertProblem(self.ask(f"{PATH}/{theirs.id}", "pia"), "not-found")
        self.assertProblem(
            self._put(f"{PATH}/{theirs.id}", "pia", name="X"), "not-found"
        )
        self.assertProblem(self._report("pia", benefit_id=far.id), "not-found")
        self.assertProblem(
            self._report("pia", initiative_id=far.initiative_id.id), "not-found"
        )
        self.assertProblem(
            self.ask(f"{PATH}/initiative/{far.initiative_id.id}", "pia"), "not-found"
        )
        self.assertProblem(self._put(path, benefit_id=far.id), "not-found")

    def test_null_is_no_amount(self):
        made = self._report(benefit_id=self._benefit().id).json()
        path = f"{PATH}/{made['id']}"
        self.assertProblem(self._put(path, estimated_impact=None), "invalid")
        self.assertEqual(self._put(path, evidence=None).status_code, 200)

    def test_bad_input_is_named(self):
        benefit = self._benefit()
        for values in (
            {},  # of no initiative
            {"benefit_id": benefit.id, "estimated_impact": 1e300},
            {"benefit_id": benefit.id, "estimated_impact": -1.0},
            {"benefit_id": benefit.id, "severity": "huge"},
            {"benefit_id": benefit.id, "status": "resolved"},
            {"benefit_id": benefit.id, "name": " "},
            {"benefit_id": benefit.id, "recovered_amount": 5.0},
            {"benefit_id": benefit.id, "source": "detected"},
            {"benefit_id": benefit.id, "initiative_id": self._make(name="X").id},
        ):
            with self.subTest(values):
                self.assertProblem(self._report(**values), "invalid")

    def test_the_worst_come_first_and_what_is_open_last(self):
        initiative = self._make()
        path = f"{PATH}/initiative/{initiative.id}"
        made = {
            severity: self._report(
                initiative_id=initiative.id,
                severity=severity,
                severity_reason="Seen on site",
                estimated_impact=impact,
            ).json()["id"]
            for severity, impact in (
                ("medium", 5.0),
                ("critical", 20.0),
                ("low", 20.0),
                ("high", 0.0),
            )
        }
        for severity in ("low", "critical"):
            answer = self._put(
                f"{PATH}/{made[severity]}", status="accepted", acceptance_reason="Small"
            )
            self.assertEqual(answer.status_code, 200, answer.text)
        for sort, expected in (
            ("severity", ("low", "medium", "high", "critical")),
            ("-severity", ("critical", "high", "medium", "low")),
            ("status", ("medium", "high", "critical", "low")),
            ("estimated_impact", ("high", "medium", "critical", "low")),
            ("-estimated_impact", ("low", "critical", "medium", "high")),
            ("closed_on", ("critical", "low", "medium", "high")),
            ("-closed_on", ("low", "critical", "high", "medium")),
        ):
            with self.subTest(sort):
                rows = self._walk(f"{path}?sort={sort}")
                self.assertEqual(rows, [made[severity] for severity in expected])

    def _walk(self, path):
        """Ids of all rows of a list, a page of one after the other."""
        ids, cursor = [], ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            page = self.ask(f"{path}&limit=1{more}", "olga").json()
            ids += [row["id"] for row in page["items"]]
            cursor = page["next_cursor"]
        return ids
