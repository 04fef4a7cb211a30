from datetime import date

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from ..approval_case import ApprovalCase
from ..common import ClockMixin

CLAIM = "kpi.test.claim"


class Claim(models.Model):
    """Has states of its own: it only asks who may decide."""

    _module, _name, _description = None, CLAIM, "Claim"
    _inherit = ["kpi.approval.resolver"]

    name = fields.Char()
    user_id = fields.Many2one("res.users")
    party_ids = fields.Json()

    def _get_approval_submitters(self):
        return {claim: claim.user_id for claim in self}

    def _get_approval_parties(self):
        users = self.env["res.users"]
        return {claim: users.browse(claim.party_ids or ()) for claim in self}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-25 10:00:00")
class TestKpiApprovalResolver(ClockMixin, ApprovalCase):
    """Models that ask who may decide, without anybody being asked."""

    definitions = (Claim,)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._make_workflow([("any", cls.ann | cls.bo)], model=CLAIM)
        cls.claim = cls._claim()

    @classmethod
    def _claim(cls, **values):
        return cls.env[CLAIM].create({"name": "C", "user_id": cls.sam.id, **values})

    def _delegate(self, user, delegate):
        return self.env["kpi.approval.delegation"].create(
            {
                "user_id": user.id,
                "delegate_id": delegate.id,
                "date_from": date(2026, 3, 20),
                "date_to": date(2026, 3, 30),
            }
        )

    def _deciders(self, claim=None):
        return (claim or self.claim)._find_deciders()[claim or self.claim]

    def test_those_whom_the_workflow_names_decide(self):
        own, nobody = {self.ann.id: None, self.bo.id: None}, {}
        self.assertEqual(self._deciders(), own)
        for user, people in ((self.ann, own), (self.sam, nobody), (self.cy, nobody)):
            found = self.claim.with_user(user)._find_decidable()
            self.assertEqual(bool(found), user.id in people, user.login)
        self.rule.active = False
        self.assertEqual(self._deciders(), {})

    def test_a_delegate_decides_in_place_of_who_is_away(self):
        self._delegate(self.ann, self.dee)
        self.assertEqual(self._deciders(), {self.dee.id: self.ann.id, self.bo.id: None})
        own = self.claim.with_user(self.dee)
        self.assertEqual(own._find_decidable(), {own: self.ann})
        self.assertFalse(self.claim.with_user(self.ann)._find_decidable())

    def test_neither_parties_nor_their_delegates_decide(self):
        self._delegate(self.ann, self.dee)
        self._delegate(self.bo, self.cy)
        self.assertEqual(set(self._deciders()), {self.dee.id, self.cy.id})
        claim = self._claim(party_ids=(self.ann | self.cy).ids)
        # Bo's delegate has a part in it, and Bo no manager: the one above Sam's, who
        # has a part in it too
        self.assertEqual(self._deciders(claim), {self.dee.id: None})
        claim.party_ids = [*claim.party_ids, self.bo.id]
        # Sam's manager has a part in it: the one above
        self.assertEqual(self._deciders(claim), {self.dee.id: None})
        claim.party_ids = [*claim.party_ids, self.dee.id]
        self.assertEqual(self._deciders(claim), {self.olga.id: None})
        claim.party_ids = [*claim.party_ids, self.olga.id]
        self.assertEqual(self._deciders(claim), {})

    def test_many_are_asked_about_in_as_many_statements_as_one(self):
        many = self.env[CLAIM].create(
            [{"name": str(number), "user_id": self.sam.id} for number in range(50)]
        )
        counts = []
        for claims in (self.claim, self.claim, many):  # the first fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = claims.with_user(self.bo)._find_decidable()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(found), len(claims))
        self.assertEqual(counts[1], counts[2])

    def test_a_workflow_without_asking_has_no_more_than_one_level(self):
        level = self.rule.level_ids
        self.assertTrue(self.rule.is_decided_at_once)
        self.assertFalse(self.workflow.is_decided_at_once)
        for change in (
            lambda: self.rule.write({"approval_levels": 2}),
            lambda: self.rule.write({"escalation_timeout": 8}),
            lambda: self.rule.write({"auto_approve_threshold": 5.0}),
            lambda: level.write({"rule": "all"}),
            lambda: level.create({"workflow_id": self.rule.id, "sequence": 2}),
        ):
            with self.assertRaisesRegex(ValidationError, "one person decides"):
                with self.cr.savepoint():
                    change()
                    self.env.flush_all()
        self.workflow.level_ids.rule = "all"  # of documents that people are asked about
        with self.assertRaisesRegex(ValidationError, "one person decides"):
            with self.cr.savepoint():
                self.workflow.model = CLAIM
