from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..approval_case import LINE, ORDER, ApprovalCase

WAITS = "is waiting for approval and cannot be changed"


@tagged("post_install", "-at_install")
class TestKpiApprovalContent(ApprovalCase):
    """What waits stays as it is, and what was changed all the same is asked anew."""

    def _assert_refused(self, act):
        with self.assertRaisesRegex(UserError, WAITS), self.cr.savepoint():
            act()

    def test_a_document_that_waits_cannot_be_changed(self):
        order = self._asked()
        contexts = (
            {},
            {"force_write": True, "install_mode": True, "approval": True},
            {"kpi_base.approval": {(ORDER, order.id)}, "tracking_disable": True},
        )
        for context in contexts:
            for records in (order, order.sudo(), order.with_user(1)):
                own = records.with_context(**context)
                self._assert_refused(lambda own=own: own.write({"amount": 1.0}))
                self._assert_refused(lambda own=own: own.write({"note": "x"}))
                self._assert_refused(own.unlink)
        order.with_user(self.ann).action_approve()
        order.note = "free again"

    def test_who_may_not_read_it_does_not_learn_its_name(self):
        order = self._asked(name="Secret")
        self.env["ir.rule"].create(
            {
                "name": "not Cy",
                "model_id": self.env["ir.model"]._get_id(ORDER),
                "domain_force": f"[('id', '!=', user.id == {self.cy.id} and"
                f" {order.id} or 0)]",
            }
        )
        own, lines = order.with_user(self.cy), order.line_ids.with_user(self.cy)
        for act in (
            lambda: own.write({"note": "x"}),
            own.unlink,
            lambda: lines.write({"price": 1.0}),
            lines.unlink,
        ):
            with self.assertRaises(AccessError) as refused, self.cr.savepoint():
                act()
            self.assertNotIn("Secret", str(refused.exception))

    def test_its_lines_cannot_be_changed_either(self):
        order, other = self._asked(), self._order()
        lines = order.line_ids.sudo()
        for act in (
            lambda: lines.write({"price": 1.0}),
            lambda: lines.write({"order_id": other.id}),
            lambda: other.line_ids.write({"order_id": order.id}),
            lambda: other.write({"line_ids": [Command.link(lines.id)]}),
            lambda: self.env[LINE].create({"order_id": order.id, "price": 1.0}),
            lines.unlink,
            lambda: order.write({"line_ids": [Command.clear()]}),
            lambda: lines.write({"order_note": "behind a related field"}),
        ):
            self._assert_refused(act)
        ((xml_id,),) = lines.export_data(["id"])["datas"]
        loaded = lines.load(["id", "price"], [[xml_id, "1"]])
        self.assertIn(WAITS, loaded["messages"][0]["message"])
        self.assertEqual(lines.price, 60.0)
        other.line_ids.price = 5.0
        order.with_user(self.ann).action_approve()
        lines.price = 5.0

    def test_lines_of_an_order_that_waits_come_with_no_other(self):
        order = self._order(line_ids=[])
        order.action_ask_approval()
        line = self.env[LINE].create({"price": 1.0})
        self._assert_refused(lambda: line.write({"order_id": order.id}))

    def test_people_go_on_talking(self):
        order = self._asked().sudo()
        order.message_post(body="Why?")
        order.message_subscribe(self.cy.partner_id.ids)
        order.activity_schedule(user_id=self.cy.id, summary="Ask")
        self.env["ir.attachment"].create(
            {"name": "why.txt", "res_model": ORDER, "res_id": order.id, "raw": b"x"}
        )
        self.assertEqual(order.approval_state, "pending")
        order.with_user(self.ann).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_nobody_writes_the_approval_itself(self):
        order = self._order()
        for name, value in (
            ("approval_state", "approved"),
            ("approval_version", "x"),
            ("approval_level", 7),
        ):
            with self.subTest(name):
                for records in (order, order.sudo()):
                    with self.assertRaisesRegex(UserError, "set by approvals"):
                        records.write({name: value})
                    with self.assertRaisesRegex(UserError, "set by approvals"):
                        records.create({name: value})
        made = order.with_context(default_approval_state="approved").create({})
        self.assertEqual(made.approval_state, "none")

    def test_a_copy_is_not_born_pending(self):
        order = self._asked()
        copy = order.copy()
        self.assertEqual(copy.approval_state, "none")
        self.assertFalse(copy.approval_step_ids)
        self.assertFalse(copy.approval_version)
        copy.line_ids.price = 1.0
        self.assertEqual(len(order.line_ids), 1)

    def _assert_asked_anew(self, order):
        """Nothing is decided on what changed; its people are asked once more."""
        told = order.with_user(self.ann).action_approve()
        self.assertIn("A newer version has been submitted", told["params"]["message"])
        self.assertEqual(order.approval_state, "pending")
        self.assertEqual(self._get_people(order), self.ann | self.bo)
        self.assertFalse(order.was_told)
        self.assertIsNone(order.with_user(self.ann).action_approve())
        self.assertEqual(order.approval_state, "approved")

    def test_what_sql_changed_is_asked_anew(self):
        order = self._asked()
        self.cr.execute("UPDATE kpi_test_order SET amount = 7 WHERE id = %s", order.ids)
        self._assert_asked_anew(order)

    def test_a_line_that_sql_changed_is_asked_anew(self):
        order = self._asked()
        self.cr.execute(
            "UPDATE kpi_test_order_line SET price = 7 WHERE order_id = %s", order.ids
        )
        self._assert_asked_anew(order)

    def test_a_line_that_sql_added_is_asked_anew(self):
        order = self._asked()
        self.cr.execute(
            "INSERT INTO kpi_test_order_line (order_id, price) VALUES (%s, 1)",
            order.ids,
        )
        self._assert_asked_anew(order)

    def test_the_record_behind_a_related_field_is_part_of_it(self):
        partner = self.env["res.partner"].create({"name": "Before"})
        order = self._asked(partner_id=partner.id)
        self._assert_refused(lambda: order.sudo().write({"partner_name": "After"}))
        partner.name = "After"
        self._assert_asked_anew(order)

    def test_a_recompute_is_seen(self):
        order = self._asked().sudo()
        field = order._fields["amount"]
        self.env.cache.update(order, field, [8.0], dirty=True)  # as computed fields are
        order.flush_recordset()
        self._assert_asked_anew(order.with_user(self.sam))

    def test_what_is_no_part_of_it_may_change(self):
        order = self._asked()
        self.cr.execute("UPDATE kpi_test_order SET note = 'x' WHERE id = %s", order.ids)
        self.assertIsNone(order.with_user(self.ann).action_approve())
        self.assertEqual(order.approval_state, "approved")

    def test_of_many_only_what_changed_is_asked_anew(self):
        orders = self._asked() | self._asked()
        self.cr.execute(
            "UPDATE kpi_test_order SET amount = 7 WHERE id = %s", orders[0].ids
        )
        results = orders.with_user(self.ann).decide_approvals("approve")
        self.assertEqual([each["is_decided"] for each in results], [False, True])
        self.assertEqual(orders.mapped("approval_state"), ["pending", "approved"])

    def test_nothing_is_decided_that_was_not_shown(self):
        order = self._asked()
        shown, old = order.approval_version, order.sudo()._find_steps("asked")
        order.action_recall()
        order.amount = 999999.0
        order.action_ask_approval()
        new = order.sudo()._find_steps("asked")
        mine = order.with_user(self.ann)
        own = mine.with_context(approval_versions=[shown])
        for act in (
            own.action_approve,
            lambda: own.action_reject("no"),
            lambda: own.action_return("no"),
            lambda: own.action_forward(self.cy.id),
        ):
            with self.assertRaisesRegex(UserError, "changed since"):
                act()
        (told,) = own.decide_approvals("approve")
        self.assertIn("changed since", told["reason"])
        step = old.filtered(lambda one: one.user_id == self.ann).with_user(self.ann)
        for refused in (
            step._decide("approve"),
            step._forward(self.cy),
            {step: step.action_approve() and step.document_name},
        ):
            self.assertTrue(refused[step])
        self.assertEqual(self._get_people(order), self.ann | self.bo)
        new.filtered(lambda one: one.user_id == self.ann).with_user(
            self.ann
        ).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_buttons_name_what_the_screen_shows(self):
        arch = '<{0}><header><button name="action_approve" type="object"/></header>'
        for kind in ("form", "list"):
            self.env["ir.ui.view"].create(
                {
                    "name": kind,
                    "model": ORDER,
                    "arch": arch.format(kind) + f'<field name="note"/></{kind}>',
                }
            )
        for kind, count in (("form", 1), ("list", 0)):
            root = etree.fromstring(self.env[ORDER].get_view(view_type=kind)["arch"])
            self.assertEqual(
                root.xpath("//button/@context"),
                ["{'approval_versions': [approval_version]}"] * count,
            )
            self.assertTrue(root.xpath("//field[@name='approval_version']"))

    def test_screens_show_it_as_it_is(self):
        self.env["ir.ui.view"].create(
            {
                "name": "order",
                "model": ORDER,
                "arch": """
                    <form>
                        <field name="amount" readonly="note == 'x'" />
                        <field name="note" />
                        <field name="was_told" />
                    </form>
                """,
            }
        )
        # what nobody may change is not opened by the status
        with Form(self._order()) as form:
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form.was_told = "x"
        order = self._asked()
        with Form(order) as form:
            for name in ("amount", "note"):
                with self.assertRaisesRegex(AssertionError, "readonly"):
                    setattr(form, name, 5)
        order.with_user(self.ann).action_approve()
        with Form(order) as form:
            form.note = "x"
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form.amount = 5.0
