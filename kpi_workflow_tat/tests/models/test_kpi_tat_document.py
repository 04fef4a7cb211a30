from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.kpi_base.roles import ADMIN

from .tat_case import TatCase


@tagged("post_install", "-at_install")
class TestKpiTatDocument(TatCase):
    """Requests about records of Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind = cls._allow("res.partner", template_id=cls.template.id)
        cls.supplier = cls.env["res.partner"].create({"name": "Pumps Ltd"})

    @classmethod
    def _allow(cls, model, **values):
        model = cls.env["ir.model"]._get(model)
        return cls.env["kpi.tat.document.type"].create({"model_id": model.id, **values})

    def _ask_about(self, record):
        return self._make_request(res_model=record._name, res_id=record.id)

    def _find_bound(self, model="res.partner"):
        bound = self.env["ir.actions.actions"].get_bindings(model)
        names = ("Request Approval", "Related Requests")
        return [one for one in bound.get("action", []) if one["name"] in names]

    def test_the_menu_of_a_record_makes_a_request_about_it(self):
        ask, show = self._find_bound()
        action = self.env["ir.actions.act_window"].browse(ask["id"])
        values = safe_eval(action.context, {"active_id": self.supplier.id})
        form = Form(
            self.env["kpi.tat.request"].with_user(self.ina).with_context(**values)
        )
        self.assertEqual(form.template_id, self.template)
        form.subject = "New supplier"
        request = form.save()
        self.assertEqual(
            (request.res_model, request.res_id), ("res.partner", self.supplier.id)
        )
        self.assertEqual(request.document_name, "Pumps Ltd")
        opened = request.action_open_document()
        self.assertEqual(
            (opened["res_model"], opened["res_id"]), ("res.partner", self.supplier.id)
        )
        self.assertEqual(show["name"], "Related Requests")

    def test_a_record_that_may_not_be_read_is_not_named(self):
        secret = self.env["res.groups"].create(
            {"name": "Without suppliers", "user_ids": [(4, self.ann.id)]}
        )
        self.env["ir.rule"].search(
            [("model_id.model", "=", "res.partner"), ("groups", "!=", False)]
        ).unlink()
        self.env["ir.rule"].create(
            {
                "name": "No suppliers",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "groups": [(4, secret.id)],
                "domain_force": f"[('id', '!=', {self.supplier.id})]",
            }
        )
        request = self._ask_about(self.supplier)
        request.action_submit()
        self.assertEqual(request.document_name, "Pumps Ltd")
        own = request.with_user(self.ann)
        self.assertFalse(own.document_name)
        with (
            self.assertRaisesRegex(UserError, "record does not exist"),
            self.cr.savepoint(),
        ):
            own.action_open_document()
        own.action_approve()  # still theirs to decide
        with self.assertRaises(AccessError), self.cr.savepoint():
            request.with_user(self.zoe).action_open_document()

    def test_who_cannot_read_it_cannot_ask_about_it(self):
        other = self.env["res.company"].create({"name": "Other"})
        hidden = self.env["hr.department"].create(
            {"name": "Hidden", "company_id": other.id}
        )
        self._allow("hr.department")
        gone = self.env["res.partner"].create({"name": "Gone"})
        number = gone.id
        gone.unlink()
        with (
            self.assertRaisesRegex(AccessError, "not allowed to access"),
            self.cr.savepoint(),
        ):
            self._make_request(res_model="hr.department", res_id=hidden.id)
        for values in (
            {"res_model": "res.partner", "res_id": number},
            {"res_model": "res.partner"},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "record does not exist"),
                self.cr.savepoint(),
            ):
                self._make_request(**values)

    def test_only_types_that_are_allowed_are_asked_about(self):
        calendar = self.calendar
        for values in (
            {"res_model": "resource.calendar", "res_id": calendar.id},
            {"res_model": "no.such.model", "res_id": 1},
            {"res_id": 1},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(
                    ValidationError, "Requests are not available for this record type"
                ),
                self.cr.savepoint(),
            ):
                self._make_request(**values)
        self.kind.active = False
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._ask_about(self.supplier)

    def test_menus_come_and_go_with_the_type(self):
        self.assertEqual(len(self._find_bound()), 2)
        self.kind.active = False
        self.assertFalse(self._find_bound())
        self.kind.active = True
        self.assertEqual(len(self._find_bound()), 2)
        known = self.env["ir.model.data"].search(
            [
                ("model", "=", "ir.actions.act_window"),
                ("res_id", "in", self.kind.action_ids.ids),
            ]
        )
        self.assertEqual(set(known.mapped("module")), {"kpi_workflow_tat"})
        self.kind.unlink()
        self.assertFalse(self._find_bound())

    def test_nobody_chooses_the_actions_that_go_with_a_type(self):
        """They are replaced and deleted as superuser: one of Odoo's must not be."""
        foreign = self.env["ir.actions.act_window"].create(
            {"name": "Of Odoo", "res_model": "res.partner"}
        )
        self.zoe.group_ids = [Command.link(self.env.ref(ADMIN).id)]
        types = self.env["kpi.tat.document.type"].with_user(self.zoe)
        own = types.browse(self.kind.id)
        own.active = False  # who may configure types, may
        model = self.env["ir.model"]._get("hr.department")
        for change in (
            lambda: own.write({"action_ids": [Command.link(foreign.id)]}),
            lambda: types.create(
                {"model_id": model.id, "action_ids": [Command.link(foreign.id)]}
            ),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                change()
        named = types.with_context(default_action_ids=[Command.link(foreign.id)])
        with self.assertRaises(AccessError), self.cr.savepoint():
            named.default_get(["action_ids"])
        own.active = True
        self.assertEqual(len(self._find_bound()), 2)
        own.unlink()
        self.assertTrue(foreign.exists())

    def test_what_configures_odoo_is_refused(self):
        for model in ("ir.model", "res.users.log", "kpi.tat.request", "mail.thread"):
            with (
                self.subTest(model),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                self._allow(model)

    def test_what_was_submitted_stays_about_the_same_record(self):
        request = self._ask_about(self.supplier)
        request.action_submit()
        other = self.env["res.partner"].create({"name": "Other"})
        with self.assertRaises(UserError), self.cr.savepoint():
            request.res_id = other.id
        request.with_user(self.ann).action_approve()
        request.with_user(self.cy).action_approve()
        with self.assertRaises(UserError), self.cr.savepoint():
            request.res_id = other.id

    def test_a_decision_names_the_record_that_was_shown(self):
        request = self._ask_about(self.supplier)
        request.action_submit()
        shown = request.approval_version
        request.action_withdraw()
        request.res_id = self.env["res.partner"].create({"name": "Other"}).id
        request.action_submit()
        own = request.with_user(self.ann).with_context(approval_versions=[shown])
        with self.assertRaisesRegex(UserError, "changed since"):
            own.action_approve()
        request.with_user(self.ann).action_approve()
        self.assertEqual(self._get_row(request, self.ann).decision, "approved")

    def test_what_waits_from_before_the_record_was_part_of_it_is_decided_on(self):
        request = self._ask_about(self.supplier)
        names = ("subject", "description", "template_id", "amount", "department_id")
        about, files = ("res_model", "res_id"), ("file_checksums",)
        content = {}
        self.patch(type(request), "_approval_content", lambda _self: content)
        for before, since in ((names, about + files), (names + about, files)):
            content.clear()
            content |= dict.fromkeys(before)
            request.action_submit()
            shown = request.approval_version
            content |= dict.fromkeys(since)
            own = request.with_user(self.ann).with_context(approval_versions=[shown])
            self.assertIsNone(own.action_approve())
            self.assertEqual(self._get_row(request, self.ann).decision, "approved")
            request.action_withdraw()
        request.action_submit()
        # asked again it is part of it
        request.action_withdraw()
        request.action_submit()
        self.assertNotEqual(request.approval_version, shown)

    def test_a_record_that_was_deleted_leaves_the_request(self):
        request = self._ask_about(self.supplier)
        self.supplier.unlink()
        request.invalidate_recordset()
        self.assertFalse(request.document_name)
