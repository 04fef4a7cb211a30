from odoo.tests import tagged

from ..models.baseline_case import BaselineCase
from ..models.review_case import ReviewCase
from .benefit_api_case import BenefitApiCase


@tagged("post_install", "-at_install")
class TestProgramListsApi(BenefitApiCase, BaselineCase, ReviewCase):
    """What belongs to a programme, to an initiative below it, and one below that.

    Olga owns all of them. Zoe follows the upper two.
    """

    def setUp(self):
        super().setUp()
        self.top = self._make(name="Programme")
        self.initiative.parent_id = self.top
        self.deep = self._make(name="Deep", parent_id=self.initiative.id)
        self.tree = self.top | self.initiative | self.deep
        seen = self.top | self.initiative
        seen.message_subscribe(self.zoe.partner_id.ids)
        self.records = {"kpis": {}, "leakages": {}, "pirs": {}}
        for initiative in self.tree:
            kpi = self._kpi(f"Hours of {initiative.name}")
            kpi.shared_user_ids |= self.zoe
            made = {
                "kpis": self._baseline(kpi, initiative),
                "leakages": self.env["kpi.value.leakage"].create(
                    {"name": "Paper", "initiative_id": initiative.id}
                ),
                "pirs": self._review(initiative_id=initiative.id),
            }
            for name, record in made.items():
                self.records[name][initiative] = record.id
        self.env.flush_all()

    def _ask_ids(self, name, initiative, who="olga", query=""):
        answer = self.ask(f"/{name}/initiative/{initiative.id}{query}", who)
        self.assertEqual(answer.status_code, 200, answer.text)
        return {one["id"] for one in answer.json()["items"]}

    def test_its_own_or_also_those_below(self):
        for name, by_initiative in self.records.items():
            with self.subTest(name):
                own = {by_initiative[self.top]}
                everything = set(by_initiative.values())
                self.assertEqual(self._ask_ids(name, self.top), own)
                self.assertEqual(
                    self._ask_ids(name, self.top, query="?parts=false"), own
                )
                self.assertEqual(
                    self._ask_ids(name, self.top, query="?parts=true"), everything
                )
                self.assertEqual(
                    self._ask_ids(name, self.initiative, query="?parts=true"),
                    everything - own,
                )
                self.assertEqual(
                    self._ask_ids(name, self.deep, query="?parts=true"),
                    {by_initiative[self.deep]},
                )

    def test_each_gets_what_they_see(self):
        for name, by_initiative in self.records.items():
            with self.subTest(name):
                self.assertEqual(
                    self._ask_ids(name, self.top, "zoe", "?parts=true"),
                    {by_initiative[self.top], by_initiative[self.initiative]},
                )
                path = f"/{name}/initiative/{self.deep.id}?parts=true"
                self.assertProblem(self.ask(path, "zoe"), "not-found")

    def test_what_is_archived_does_not_count(self):
        self.deep.active = False
        self.env.flush_all()
        for name, by_initiative in self.records.items():
            with self.subTest(name):
                self.assertEqual(
                    self._ask_ids(name, self.top, query="?parts=true"),
                    {by_initiative[self.top], by_initiative[self.initiative]},
                )

    def test_nonsense_is_refused(self):
        path = f"/kpis/initiative/{self.top.id}?parts=all"
        self.assertProblem(self.ask(path, "olga"), "malformed-query")
