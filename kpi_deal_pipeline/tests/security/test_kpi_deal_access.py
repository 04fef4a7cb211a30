from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..deal_case import DealCase

OWNED = ("kpi.deal.contact", "kpi.deal.document", "kpi.deal.split")
HISTORY = ("kpi.deal.stage.event", "kpi.deal.value.event", "kpi.deal.stage.interval")


@tagged("post_install", "-at_install")
class TestKpiDealAccess(DealCase):
    """Rights to see and change deals, against a table made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._user("boss", "manager")
        employee = cls.env["hr.employee"].create(
            {"name": "Boss", "user_id": cls.boss.id, "company_id": cls.company.id}
        )
        above = cls.env["hr.department"].create(
            {"name": "Above", "company_id": cls.company.id, "manager_id": employee.id}
        )
        below = cls.env["hr.department"].create(
            {"name": "Below", "company_id": cls.company.id, "parent_id": above.id}
        )
        cls.env["hr.employee"].create(
            {
                "name": "Other",
                "user_id": cls.other.id,
                "company_id": cls.company.id,
                "department_id": below.id,
            }
        )
        far = cls.env["res.company"].create({"name": "Far"})
        cls.deals = {
            "own": cls._deal("Own", team_id=False),
            "team": cls._deal("Team", agent_id=cls.env.uid),
            "shared": cls._deal(
                "Shared",
                agent_id=cls.other.id,
                team_id=False,
                split_ids=[
                    Command.create({"agent_id": user.id, "share_percent": 50.0})
                    for user in (cls.agent, cls.other)
                ],
            ),
            "far": cls._left_deal(far),
        }
        for deal in cls.deals.values():
            deal.contact_ids = [Command.create({"name": "Roy"})]
            deal.document_ids = [
                Command.create({"title": "Offer", "uri": "https://example.com/a"})
            ]
        cls.people = {
            "agent": (cls.agent, {"own", "shared"}, {"own"}),
            "other": (cls.other, {"shared"}, {"shared"}),
            "viewer": (cls.viewer, {"team"}, set()),
            "manager": (cls.manager, {"team"}, {"team"}),
            "boss": (cls.boss, {"shared"}, {"shared"}),
            "plain": (cls.env.ref("base.user_demo", False) or cls.env.user, None, None),
        }
        del cls.people["plain"]

    def _as(self, user, model):
        context = {"allowed_company_ids": self.company.ids}
        return self.env(user=user, context=context)[model]

    def test_who_reads_and_writes_which(self):
        ids = {deal.id: key for key, deal in self.deals.items()}
        for person, (user, read, written) in self.people.items():
            deals = self._as(user, "kpi.deal")
            with self.subTest(person):
                found = deals.search([("id", "in", list(ids))])
                self.assertEqual({ids[deal.id] for deal in found}, read)
                for key, deal in self.deals.items():
                    own = deals.browse(deal.id)
                    self.assertEqual(own.has_access("read"), key in read, key)
                    self.assertEqual(own.has_access("write"), key in written, key)

    def test_what_belongs_to_a_deal_follows_it(self):
        for person, (user, read, written) in self.people.items():
            for model in (*OWNED, *HISTORY):
                records = self.env[model].search(
                    [("deal_id", "in", [deal.id for deal in self.deals.values()])]
                )
                own = self._as(user, model)
                with self.subTest(person=person, model=model):
                    found = own.search([("id", "in", records.ids)])
                    found.read()
                    titles = {self.deals[key].title for key in read}
                    seen = set(found.sudo().deal_id.mapped("title"))
                    self.assertEqual(
                        seen, titles & set(records.deal_id.mapped("title"))
                    )
                    for record in records:
                        deal = record.deal_id
                        may = model in OWNED and deal in [
                            self.deals[key] for key in written
                        ]
                        self.assertEqual(own.browse(record.id).has_access("write"), may)

    def test_nothing_is_put_into_deals_of_others(self):
        contacts = self._as(self.agent, "kpi.deal.contact")
        for key in ("team", "far", "shared"):
            with self.subTest(key), self.assertRaises(AccessError):
                contacts.create({"deal_id": self.deals[key].id, "name": "Spy"})

    def test_a_new_team_leader_sees_at_once_and_the_former_no_more(self):
        deal = self.deals["team"]
        self.assertTrue(deal.with_user(self.manager).has_access("read"))
        self.team.user_id = self.boss
        self.env.invalidate_all()
        self.assertFalse(
            self._as(self.manager, "kpi.deal").search([("id", "=", deal.id)])
        )
        self.assertTrue(self._as(self.boss, "kpi.deal").search([("id", "=", deal.id)]))
