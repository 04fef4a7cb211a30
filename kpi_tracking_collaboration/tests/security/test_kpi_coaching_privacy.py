from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.coaching_case import SECRET, CoachingCase

MODELS = (
    "kpi.performance.coaching",
    "kpi.performance.coaching.action",
    "kpi.performance.coaching.line",
)
OF_ODOO = (  # by which Odoo's apps tell of records
    "mail.activity",
    "mail.followers",
    "mail.mail",
    "mail.message",
    "mail.notification",
)


@tagged("post_install", "-at_install")
class TestKpiCoachingPrivacy(CoachingCase, HttpCase):
    """Coach, employee and HR managers see a coaching; nobody else does, anywhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = {name: cls.env[name].search([]) for name in OF_ODOO}
        cls.logged = cls.env["kpi.audit.log"].search([], order="id desc", limit=1).id
        cls.cr.execute("SELECT coalesce(max(id), 0) FROM bus_bus")
        (cls.bus,) = cls.cr.fetchone()
        cls.draft = cls._coach(line_ids=[], action_ids=[])
        cls.coaching = cls._sign()
        cls.env.flush_all()

    def _rows(self):
        """Each row of the signed coaching, and the coaching."""
        coaching = self.coaching.sudo()
        return (coaching, coaching.action_ids, coaching.line_ids)

    def test_the_two_and_hr_managers_see_it_once_it_is_shared(self):
        for user in (self.coach, self.trainee, self.hr):
            with self.subTest(user.name):
                own = self._own(user, self.coaching)
                self.assertIn(SECRET, own.employee_response)
                self.assertIn(SECRET, own.action_ids.description)
                found = self._own(user, self.coachings).search([])
                mine = self.coaching | (self.draft if user == self.coach else own)
                self.assertEqual(found, mine)
                own.read()

    def test_hr_managers_see_numbers_of_kpis_that_they_see_only(self):
        self.assertFalse(self._own(self.hr, self.coaching).line_ids)
        self.assertFalse(self._own(self.hr, self.env[MODELS[2]]).search([]))
        self.env.invalidate_all()
        self.assertTrue(self._own(self.trainee, self.coaching).line_ids)

    def test_hr_managers_write_nothing(self):
        self.hr.group_ids = [
            Command.link(self.env.ref("kpi_base.kpi_base_group_admin").id)
        ]
        for row in self._rows():
            own = self._own(self.hr, row)
            name = "coaching_type" if row._name == MODELS[0] else "coaching_id"
            with self.assertRaises(UserError), self.cr.savepoint():
                own.write({name: own[name] if name == "coaching_type" else row.id})
            with self.assertRaises(UserError), self.cr.savepoint():
                own.unlink()

    def test_others_find_read_and_export_nothing(self):
        for who, user in self.others.items():
            for row in self._rows():
                own = self._own(user, row)
                with self.subTest(who, model=row._name):
                    self.assertFalse(own.search([]))
                    self.assertFalse(own.search_count([]))
                    self.assertFalse(own.search([("id", "=", row.id)]))
                    self.assertFalse(own.name_search(""))
                    self.assertFalse(own.name_search("user"))
                    (counted,) = own._read_group([], [], ["__count"])
                    self.assertFalse(counted[0])
                    self.assertFalse(own.formatted_read_group([], ["id"], ["__count"]))
                    self.assertFalse(own.web_search_read([], {"id": {}})["records"])
                    for ask in (
                        own.read,
                        own.copy,
                        own.unlink,
                        lambda own=own: own.export_data([".id", "display_name"]),
                        lambda own=own: own.web_read({"display_name": {}}),
                        lambda own=own: own.display_name,
                    ):
                        with self.assertRaises(UserError):
                            ask()

    def test_the_employee_knows_nothing_of_a_draft(self):
        for user in (self.trainee, self.hr, *self.others.values()):
            with self.subTest(user.name):
                own = self._own(user, self.draft)
                self.assertFalse(own.search([("id", "=", self.draft.id)]))
                with self.assertRaises(AccessError):
                    own.read(["coaching_type"])
                with self.assertRaises(AccessError):
                    own.write({"employee_response": "X"})

    def test_in_another_company_it_is_not_there(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        for user in (self.hr, self.coach):
            user.company_ids = [Command.link(company.id)]
            own = self.coaching.with_user(user)
            own = own.with_context(allowed_company_ids=company.ids)
            self.assertFalse(own.search([]))
            with self.assertRaises(AccessError):
                own.read(["coaching_type"])

    def test_no_record_of_others_leads_to_it(self):
        for name, model in self.env.registry.items():
            for field in model._fields.values():
                if field.comodel_name in MODELS:
                    self.assertIn(name, {*MODELS, f"{MODELS[0]}.part.mixin"})
        for name in MODELS:
            for mixin in ("mail.thread", "mail.activity.mixin", "bus.listener.mixin"):
                mixed = self.env.registry[mixin]
                self.assertFalse(issubclass(self.env.registry[name], mixed))

    def test_odoo_tells_nobody(self):
        for name, before in self.before.items():
            with self.subTest(name):
                new = self.env[name].search([]) - before
                self.assertNotIn(SECRET, str(new.read()))
                if name not in ("mail.mail", "mail.notification"):
                    model = "res_model" if "res_model" in new._fields else "model"
                    self.assertFalse([each for each in new if each[model] in MODELS])
        self.cr.execute("SELECT message FROM bus_bus WHERE id > %s", (self.bus,))
        self.assertNotIn("oaching", str(self.cr.fetchall()))

    def test_nobody_can_be_made_to_follow_or_do_something_about_it(self):
        own = self.coaching
        model_id = self.env["ir.model"]._get_id(own._name)
        target = {"res_model": own._name, "res_id": own.id}
        for model, values in (
            ("mail.followers", {**target, "partner_id": self.head.partner_id.id}),
            (
                "mail.activity",
                {
                    "res_model_id": model_id,
                    "res_id": own.id,
                    "user_id": self.head.id,
                    "summary": "X",
                },
            ),
            (
                "mail.message",
                {
                    "model": own._name,
                    "res_id": own.id,
                    "partner_ids": [Command.link(self.head.partner_id.id)],
                },
            ),
        ):
            for user in (self.coach, self.trainee, self.head):
                with self.subTest(model, user=user.name):
                    with self.assertRaises(UserError), self.cr.savepoint():
                        self._own(user, self.env[model]).create(values)

    def test_files_are_refused(self):
        files = self.env["ir.attachment"]
        values = {"name": "x", "res_model": MODELS[0], "res_id": self.coaching.id}
        for user in (self.coach, self.trainee, self.head, self.admin):
            with self.subTest(user.name):
                with self.assertRaises(UserError), self.cr.savepoint():
                    self._own(user, files).create(values)

    def test_the_outbox_and_the_audit_log_say_nothing(self):
        outbox = self._own(self.admin, self.env["kpi.delivery"]).search([])
        self.assertNotIn("oaching", str(outbox.read()))
        new = self.env["kpi.audit.log"].search([("id", ">", self.logged or 0)])
        self.assertTrue(new)
        said = str(self._own(self.admin, new).read())
        for word in (SECRET, self.trainee.name + "'", f"({self.coach.id},"):
            self.assertNotIn(word, said)
        jobs = self.env["kpi.job"].search([])
        self.assertNotIn(SECRET, str(jobs.read()))

    def test_no_kpi_counts_it(self):
        definitions = self._own(self.officer, self.env["kpi.definition"])
        for name in MODELS:
            with self.subTest(name):
                self.assertFalse(definitions._is_measurable(name))
                with self.assertRaises(UserError):
                    with self.cr.savepoint():
                        definitions.create(
                            {
                                "name": "Spy",
                                "company_id": self.company.id,
                                "calendar_id": self.calendar.id,
                                "computation": "records",
                                "model_name": name,
                                "date_field": "create_date",
                            }
                        )

    def test_no_event_webhook_pack_or_import_knows_it(self):
        self.assertFalse(
            [m for m in self.env["kpi.event"]._event_models().values() if m in MODELS]
        )
        contents = self.env["kpi.webhook"]._get_content_fields()
        self.assertFalse(set(MODELS) & set(contents))
        targets = self.env["kpi.import.options"]._fields["target_model"]
        known = [name for name, _label in targets._description_selection(self.env)]
        self.assertFalse([name for name in known if "coaching" in name])

    def test_other_screens_of_a_kpi_say_nothing(self):
        for user in (self.officer, self.admin, self.coach):
            report = self._own(user, self.revenue)
            self.assertNotIn(SECRET, str(report.read()))
            home = self._own(user, self.env["kpi.home"])
            if user != self.coach:
                self.assertNotIn("oaching", str(home.get_summary()))
        actions = self._own(self.officer, self.env["kpi.action.item"]).search([])
        self.assertNotIn(SECRET, str(actions.read()))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_programs_find_nothing(self):
        self.authenticate("officer", "officer")
        for name, row in zip(MODELS, self._rows(), strict=True):
            for method, args in (
                ("read", [row.ids]),
                ("web_read", [row.ids, {"display_name": {}}]),
                ("export_data", [row.ids, ["display_name"]]),
            ):
                with self.subTest(name, method=method):
                    with self.assertRaises(Exception) as caught:
                        self.make_jsonrpc_request(
                            "/web/dataset/call_kw",
                            {
                                "model": name,
                                "method": method,
                                "args": args,
                                "kwargs": {},
                            },
                        )
                    self.assertNotIn(SECRET, str(caught.exception))
            found = self.make_jsonrpc_request(
                "/web/dataset/call_kw",
                {"model": name, "method": "search_read", "args": [[]], "kwargs": {}},
            )
            self.assertEqual(found, [])
        page = self.url_open(f"/web/content/{MODELS[0]}/{self.coaching.id}/salts")
        self.assertEqual(page.status_code, 404)
        paths = self.url_open("/api/kpi/openapi.json").json()["paths"]
        written = [
            path
            for path, methods in paths.items()
            if "coaching" in path and methods.keys() - {"get"}
        ]
        # The key's user answers; programs of others find nothing, see there.
        self.assertEqual(written, ["/api/kpi/coachings/{coaching_id}/answer"])
