from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

USER = "kpi_base.kpi_base_group_user"


@tagged("post_install", "-at_install")
class TestKpiApiKeyWizard(TransactionCase):
    """Making keys in the dialog; what they open is tried over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = new_test_user(cls.env, "ann_key", USER)
        cls.scopes = cls.env["kpi.api.scope"].search([("code", "=like", "kpi.%")])
        cls.env = cls.env(user=cls.ann)
        cls.wizards = cls.env["kpi.api.key.wizard"]

    def _made(self, wizard):
        """The key made, behind the question for the password."""
        type(wizard).action_make_key.__wrapped__(wizard)
        own = [("user_id", "=", self.ann.id)]
        return self.env["kpi.api.key"].search(own, limit=1)

    def test_a_new_key_reads_for_three_months(self):
        with Form(self.wizards) as form:
            form.name = "Dashboard"
        wizard = form.record
        self.assertEqual(wizard.scope_ids.mapped("code"), ["kpi.read"])
        self.assertIn("(kpi.read)", wizard.scope_ids.display_name)  # as refusals say
        left = wizard.expires_on - fields.Date.today()
        self.assertEqual(left, timedelta(days=89))
        key = self._made(wizard)
        self.assertEqual((key.name, key.state), ("Dashboard", "active"))
        self.assertEqual(key.scope_ids, wizard.scope_ids)
        self.assertFalse(key.last_used_at)

    def test_only_scopes_of_use_are_offered(self):
        view = self.wizards.get_view(view_type="form")["arch"]
        self.assertIn("is_usable_by_me", view)
        usable = [("is_usable_by_me", "=", True)]
        own = self.env["kpi.api.scope"].search(usable)
        self.assertIn("kpi.read", own.mapped("code"))
        self.assertNotIn("audit.read", own.mapped("code"))
        self.assertEqual(own, own.search([]).filtered("is_usable_by_me"))
        needed = own._get_needed_groups()
        for code, groups in needed.items():
            with self.subTest(code):
                self.assertTrue(own.search([("code", "=", code)]))
                for group in groups:
                    self.assertTrue(self.env.ref(group))
        admin = self.env.ref("base.user_admin")
        self.assertIn("audit.read", own.with_user(admin).search(usable).mapped("code"))

    def test_a_successor_takes_over_what_the_old_key_may(self):
        scopes = [fields.Command.set(self.scopes.ids)]
        first = {"name": "First", "scope_ids": scopes, "allowed_addresses": "127.0.0.1"}
        old = self._made(self.wizards.create(first))
        action = old.action_rotate()
        defaults = self.wizards.with_context(**action["context"])
        with Form(defaults) as form:
            form.overlap_hours = 3
        new = self._made(form.record)
        self.assertNotEqual(new, old)
        for name in ("name", "scope_ids", "allowed_addresses"):
            self.assertEqual(new[name], old[name])
        left = old.expires_at - fields.Datetime.now()
        self.assertLessEqual(left, timedelta(hours=3))

    def test_a_successor_gets_no_scope_that_its_owner_can_no_longer_use(self):
        codes = ["kpi.read", "audit.read"]
        scopes = self.env["kpi.api.scope"].search([("code", "in", codes)])
        values = {"name": "First", "scope_ids": [fields.Command.set(scopes.ids)]}
        keys = self.env["kpi.api.key"]
        _text, old = keys._generate(values, fields.Datetime.to_datetime(self._day(9)))
        self.assertEqual(old.scope_ids, scopes)  # from when they were an administrator
        defaults = self.wizards.with_context(**old.action_rotate()["context"])
        with Form(defaults) as form:
            self.assertEqual([scope.code for scope in form.scope_ids], ["kpi.read"])
        self.assertEqual(self._made(form.record).scope_ids.mapped("code"), ["kpi.read"])
        values["scope_ids"] = [fields.Command.set(scopes.ids)]
        made = self._made(self.wizards.create(values))
        self.assertEqual(made.scope_ids.mapped("code"), ["kpi.read"])

    def test_an_overlap_never_makes_the_old_key_live_longer(self):
        old = self._made(self.wizards.create({"name": "First"}))
        end = old.expires_at
        values = {"name": "Next", "replaced_id": old.id, "overlap_hours": 99_999}
        self._made(self.wizards.create(values))
        self.assertEqual(old.expires_at, end)

    def test_hours_below_zero_are_refused(self):
        wizard = self.wizards.create({"name": "New", "overlap_hours": -1})
        with self.assertRaisesRegex(UserError, "must be 0 hours or more"):
            self._made(wizard)

    def test_only_whose_key_it_is_makes_its_successor(self):
        key = self._made(self.wizards.create({"name": "Mine"}))
        admin = new_test_user(
            self.env(su=True), "boss_key", "kpi_base.kpi_base_group_admin"
        )
        with self.assertRaisesRegex(AccessError, "Only the key's owner"):
            key.with_user(admin).action_rotate()

    def test_only_people_of_the_company_make_keys(self):
        portal = new_test_user(self.env(su=True), "portal_key", "base.group_portal")
        keys = self.env["kpi.api.key"].with_user(portal)
        with self.assertRaisesRegex(AccessError, "Only internal users"):
            keys._generate({"name": "Mine"}, fields.Datetime.now())

    def test_a_key_that_has_run_out_says_so(self):
        key = self._made(self.wizards.create({"name": "Mine"}))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = '2020-01-01'"
        )
        self.env.invalidate_all()
        self.assertEqual(key.state, "expired")
        key.action_revoke()
        self.assertEqual(key.state, "revoked")

    def test_people_open_the_dialog_from_their_own_preferences(self):
        self.assertIn("kpi_api_key_ids", self.ann.SELF_READABLE_FIELDS)
        action = self.ann.with_user(self.ann).action_kpi_api_key()
        self.assertEqual(action["res_model"], self.wizards._name)
        key = self._made(self.wizards.create({"name": "Mine"}))
        self.assertEqual(self.ann.with_user(self.ann).kpi_api_key_ids, key)

    def test_limits_in_the_settings_have_a_meaning(self):
        settings = self.env(su=True)["res.config.settings"]
        for values in (
            {"kpi_api_per_minute": 0},
            {"kpi_api_log_days": 0},
            {"kpi_api_per_day": -1},
        ):
            with self.subTest(**values), self.assertRaises(ValidationError):
                settings.create(values)
        settings.create({"kpi_api_per_minute": 5, "kpi_api_log_days": 7}).execute()
        param = self.env["ir.config_parameter"].sudo().get_param
        self.assertEqual(param("kpi_base.api_per_minute"), "5")
        self.assertEqual(param("kpi_base.api_log_days"), "7")

    def test_the_last_day_is_asked_for(self):
        key = self._made(self.wizards.create({"name": "A", "expires_on": self._day(3)}))
        self.assertEqual(key.expires_at.date(), self._day(3))

    def _day(self, days) -> date:
        return fields.Date.today() + timedelta(days=days)
