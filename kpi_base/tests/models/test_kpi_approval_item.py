from lxml import etree

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged

from ...models.approval.kpi_approval_item import CHANGED
from ..approval_case import ORDER, ApprovalCase

BILL, ITEM, DECISION = "kpi.test.bill", "kpi.approval.item", "kpi.approval.decision"


class Bill(models.Model):
    """Has states of its own, and waits in the list of all that is to be decided."""

    _module, _name, _description = None, BILL, "Bill"
    _inherit = ["kpi.approval.resolver"]

    name = fields.Char()
    state = fields.Char(default="open")
    reason = fields.Char()
    user_id = fields.Many2one("res.users")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)

    def _get_approval_submitters(self):
        return {bill: bill.user_id for bill in self}

    def _get_undecided_domain(self):
        return Domain("state", "=", "open")

    def _get_approval_facts(self):
        return [("Reason", self.reason)]

    def _say_effect(self):
        return "It is paid."

    def _say_rejection(self):
        return "It is thrown away."

    def _open_approval_dialog(self):
        return {"type": "dialog"} if self.reason == "dialog" else None

    def _decide_listed(self, decision, comment=""):
        if decision == "return":
            return super()._decide_listed(decision, comment)
        if any(bill.reason == "blocked" for bill in self):
            raise UserError("It is blocked.")
        self.state = decision
        return {}


@tagged("post_install", "-at_install")
class TestKpiApprovalItem(ApprovalCase):
    """One list of what waits: what people are asked about, and what they may decide."""

    definitions = (Bill,)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._make_workflow([("any", cls.ann)], model=BILL)

    def _bill(self, **values):
        values = {"name": "Paper", "reason": "Empty", "user_id": self.sam.id} | values
        return self.env[BILL].create(values)

    def _list(self, user):
        return self.env[ITEM].with_user(user).search([("user_id", "=", user.id)])

    def _decide(self, items, decision, **values):
        wizard = (
            items.env[DECISION]
            .with_context(active_model=ITEM, active_ids=items.ids)
            .create({"decision": decision, **values})
        )
        return wizard, wizard.action_decide()

    def test_both_kinds_stand_in_one_list_with_their_facts(self):
        self._asked(name="Tools")
        bill = self._bill()
        order, listed = self._list(self.ann).sorted("res_model", reverse=True)
        self.assertEqual((order.kind, order.document_name), (ORDER, "Tools"))
        self.assertEqual((listed.kind, listed.document_name), (BILL, "Paper"))
        self.assertEqual(listed.submitter_id, self.sam)
        self.assertEqual(listed.asked_at, bill.create_date)
        self.assertEqual(listed.facts, "Reason: Empty · If approved: It is paid.")
        opened = listed.action_open_document()
        self.assertEqual((opened["res_model"], opened["res_id"]), (BILL, bill.id))
        for name in ("bo", "sam", "cy"):
            kinds = self._list(getattr(self, name)).mapped("kind")
            self.assertNotIn(BILL, kinds, name)

    def test_it_has_the_amount_as_the_document_writes_it(self):
        self._asked(name="Tools", amount=42)
        self._bill()
        order, bill = self._list(self.ann).sorted("res_model", reverse=True)
        self.assertEqual((order.amount_text, bill.amount_text), ("42 EUR", ""))

    def test_rows_emphasize_neither_a_button_nor_that_somebody_waits(self):
        view = self.env.ref("kpi_base.kpi_approval_item_view_list")
        arch = etree.fromstring(view.arch)
        for button in arch.xpath("/list/button"):
            self.assertEqual(button.get("class"), "btn-secondary")
        (asked_at,) = arch.xpath("//field[@name='asked_at']")
        self.assertEqual(asked_at.get("options"), "{'classes': {}}")

    def test_who_is_asked_next_is_said(self):
        self.workflow.unlink()
        self._make_workflow([("any", self.ann), ("any", self.cy | self.dee)])
        order = self._asked(name="Tools")
        for user, text in ((self.ann, "Next approver: .* or "), (self.cy, "^$")):
            item = self._list(user)
            facts = {fact["label"]: fact["text"] for fact in item.details or ()}
            self.assertRegex(facts.get("If approved", ""), text)
            order.with_user(user).action_approve()
            self.env.invalidate_all()

    def test_it_is_searched_and_grouped_as_one(self):
        self._asked(name="Tools")
        self._bill()
        items = self.env[ITEM].with_user(self.ann)
        found = items.search([("document_name", "ilike", "pap")])
        self.assertEqual(found.kind, BILL)
        self.assertEqual(items.search([("kind", "=", BILL)]), found)
        groups = items._read_group([], ["kind"], ["__count"])
        self.assertEqual(dict(groups), {ORDER: 1, BILL: 1})
        page = items.web_search_read([], {"facts": {}}, order="asked_at, id")
        self.assertEqual(page["length"], 2)
        kinds = dict(items._fields["kind"]._description_selection(items.env))
        self.assertEqual(kinds[BILL], "Bill")

    def test_what_one_may_not_read_is_not_there(self):
        self._bill()
        self.env["ir.rule"].create(
            {
                "name": "nobody sees open bills",
                "model_id": self.env["ir.model"]._get_id(BILL),
                "domain_force": "[('state', '!=', 'open')]",
            }
        )
        self.assertFalse(self._list(self.ann))

    def test_other_companies_are_left_out(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.ann.company_ids |= company
        self._bill(company_id=company.id)
        items = self.env[ITEM].with_user(self.ann)
        for chosen, count in ((company, 1), (self.env.company, 0)):
            own = items.with_context(allowed_company_ids=chosen.ids)
            self.assertEqual(own.get_waiting_count(), count)

    def test_all_kinds_are_approved_at_once(self):
        order, bill = self._asked(), self._bill()
        items = self._list(self.ann)
        self.assertEqual(items.get_waiting_count(), 2)
        answer = items.action_approve()
        self.assertEqual(answer["params"]["message"], "Approved: 2")
        self.assertEqual((order.approval_state, bill.state), ("approved", "approve"))
        self.assertEqual(items.get_waiting_count(), 0)

    def test_what_is_refused_is_named_and_the_rest_done(self):
        order, bill = self._asked(), self._bill(name="Ink", reason="blocked")
        wizard, answer = self._decide(self._list(self.ann), "reject", comment="No")
        self.assertEqual(answer["target"], "new")
        self.assertEqual(wizard.result, "Rejected: 1")
        (refusal,) = wizard.refusal_ids
        self.assertEqual((refusal.name, refusal.reason), ("Ink", "It is blocked."))
        self.assertEqual((order.approval_state, bill.state), ("rejected", "open"))

    def test_what_is_lost_is_said_before(self):
        self._asked()
        self._bill(name="One")
        self._bill(name="Two")
        items = self._list(self.ann)
        dialogs = self.env[DECISION].with_user(self.ann)
        ticked = dialogs.with_context(active_model=ITEM, active_ids=items.ids)
        for decision, text in (("reject", "It is thrown away."), ("approve", False)):
            dialog = ticked.create({"decision": decision})
            self.assertEqual(dialog.warning, text)
            self.assertEqual(dialog.step_count, 3)

    def test_what_a_kind_cannot_is_said(self):
        self._bill()
        for decision, values, reason in (
            (
                "return",
                {"comment": "Why"},
                "Paper cannot be decided on from the list. Open it instead.",
            ),
            ("forward", {"successor_id": self.dee.id}, "cannot be forwarded"),
        ):
            wizard, _answer = self._decide(self._list(self.ann), decision, **values)
            self.assertIn(reason, wizard.refusal_ids.reason)

    def test_what_needs_more_than_a_yes_asks_for_it(self):
        self._bill(reason="dialog")
        item = self._list(self.ann)
        self.assertEqual(item.action_approve(), {"type": "dialog"})
        self._bill()
        self.assertEqual((self._list(self.ann) - item).needs_dialog, False)
        self.assertTrue(item.needs_dialog)  # its button says “Decide”

    def test_rows_of_others_are_not_decided_on(self):
        bill = self._bill()
        items = self._list(self.ann).with_user(self.bo)
        with self.assertRaises(UserError):
            items.action_approve()
        with self.assertRaises(UserError), self.cr.savepoint():
            items.env[DECISION].create({"item_ids": [Command.set(items.ids)]})
        self.assertEqual(bill.state, "open")

    def test_what_others_decided_meanwhile_is_said_and_stops_nothing(self):
        order, bill = self._asked(name="Tools"), self._bill()
        items = self._list(self.ann)
        order.with_user(self.bo).action_approve()
        self.env.invalidate_all()
        wizard, _answer = self._decide(items, "reject", comment="No")
        self.assertEqual(wizard.result, "Rejected: 1")
        self.assertEqual(wizard.refusal_ids.name, "Tools")
        self.assertIn("was approved by", wizard.refusal_ids.reason)
        self.assertEqual(bill.state, "reject")

    def test_badges_count_anew_where_something_changed(self):
        precommit = self.env.cr.precommit
        precommit.run()
        order = self._asked()
        people = {("res.users", user.id) for user in self.ann | self.bo}
        self.assertEqual(precommit.data.get(CHANGED), people)
        precommit.run()
        order.with_user(self.ann).action_approve()
        self.assertEqual(precommit.data.get(CHANGED), people)
        precommit.run()
        last = self.env["bus.bus"].search([], order="id desc", limit=2)
        self.assertEqual({CHANGED in row.message for row in last}, {True})
