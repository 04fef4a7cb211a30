import runpy
from pathlib import Path

from odoo.modules import get_module_path
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..approval_case import ORDER, ApprovalCase


@tagged("post_install", "-at_install")
class TestRecordNames(TransactionCase):
    """Odoo's own models name records of ours to whoever may read them only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = new_test_user(cls.env, "names-stranger", "base.group_user")
        cls.reader = new_test_user(
            cls.env, "names-reader", "kpi_base.kpi_base_group_user"
        )

    def _name_activity(self, user, record):
        values = {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_model": record._name,
            "res_id": record.id,
        }
        activities = self.env["mail.activity"].with_user(user)
        answer = activities.onchange(values, ["res_id"], {"res_name": {}})
        return answer["value"].get("res_name")

    def _name_message(self, user, record):
        values = {"model": record._name, "res_id": record.id}
        messages = self.env["mail.message"].with_user(user)
        answer = messages.onchange(values, ["res_id"], {"record_name": {}})
        return answer["value"].get("record_name")

    def test_each_model_of_ours(self):
        users = (self.stranger, self.reader)
        tried = set()
        for model in self.env.values():
            if not model._name.startswith("kpi.") or model._abstract:
                continue
            for user in users:
                record = model.search([], limit=1) if model._auto else model.browse()
                record = record or model.browse(1)
                readable = record.exists().with_user(user)._filtered_access("read")
                expected = bool(readable) and readable.sudo().display_name
                for ask in (self._name_activity, self._name_message):
                    with self.subTest(model._name, user=user.login, way=ask.__name__):
                        name = ask(user, record)
                        self.assertEqual(name or False, expected)
                tried.add((bool(readable), user))
        self.assertLessEqual({(False, self.stranger), (True, self.reader)}, tried)


@tagged("post_install", "-at_install")
class TestActivityNames(ApprovalCase):
    """Names that activities store are those that their assignees may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(name="Merger").sudo()
        cls.env["ir.rule"].create(
            {
                "name": "Bo sees no orders",
                "model_id": cls.env["ir.model"]._get_id(ORDER),
                "domain_force": f"[(0 if user.id == {cls.bo.id} else 1, '=', 1)]",
            }
        )

    def _schedule(self, user):
        return self.order.activity_schedule(user_id=user.id)

    def _read_name(self, activity):
        activity.flush_recordset()
        activity.invalidate_recordset()
        return activity.with_user(activity.user_id).read(["res_name"])[0]["res_name"]

    def test_an_assignee_reads_only_the_name_of_what_they_may_see(self):
        company = self.env["res.company"].create({"name": "Of the author only"})
        self.sam.company_ids += company
        order = self.order.with_context(allowed_company_ids=company.ids)
        for user, name in ((self.ann, "Merger"), (self.bo, False)):
            with self.subTest(user=user.login):
                activity = order.activity_schedule(user_id=user.id)
                self.assertEqual(self._read_name(activity), name)

    def test_another_assignee_gets_the_name_that_they_may_see(self):
        activity = self._schedule(self.ann)
        for user, name in ((self.bo, False), (self.ann, "Merger")):
            activity.user_id = user
            self.assertEqual(self._read_name(activity), name)

    def test_an_update_takes_away_names_stored_before(self):
        hidden, seen, done = map(self._schedule, (self.bo, self.ann, self.bo))
        done.active = False
        partner = self.order.partner_id.create({"name": "Supplier"})
        other = partner.activity_schedule(user_id=self.bo.id)
        every = hidden | seen | done | other
        every.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE mail_activity SET res_name = 'Old' WHERE id IN %s", every._ids)
        )
        self.env.invalidate_all()
        folder = Path(get_module_path("kpi_base"), "migrations/19.0.1.4.0")
        runpy.run_path(folder / "end-activity-names.py")["migrate"](self.cr, "")
        self.env.invalidate_all()
        self.assertEqual(
            [one.res_name for one in every], [False, "Merger", False, "Old"]
        )


@tagged("post_install", "-at_install")
class TestRefusedNames(HttpCase):
    """A refusal does not name what it refuses, in debug mode either."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scope = cls.env["kpi.api.scope"].search([], limit=1)
        cls.env["ir.rule"].create(
            {
                "name": "Nobody",
                "model_id": cls.env["ir.model"]._get_id(cls.scope._name),
                "domain_force": "[(0, '=', 1)]",
            }
        )
        new_test_user(cls.env, "names-refused", "kpi_base.kpi_base_group_user")

    def test_a_refusal_names_no_record_that_the_user_may_not_read(self):
        login = "names-refused"
        self.authenticate(login, login, session_extra={"debug": "1"})
        asked = {
            "model": self.scope._name,
            "method": "read",
            "args": [self.scope.ids, ["name"]],
            "kwargs": {},
        }
        with mute_logger("odoo.http"):
            answer = self.url_open("/web/dataset/call_kw", json={"params": asked})
        said = answer.json()["error"]["data"]["message"]
        self.assertIn(f"{self.scope._name}: {self.scope.id}", said)
        self.assertNotIn(self.scope.display_name, said)
