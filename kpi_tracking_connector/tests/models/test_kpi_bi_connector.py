from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.kpi_base.tests.user_links import end_connection

GROUP = "kpi_base.kpi_base_group_%s"


@tagged("post_install", "-at_install")
class TestKpiBiConnector(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, "connector_officer", GROUP % "officer")
        cls.other = new_test_user(cls.env, "connector_other", GROUP % "officer")
        cls.connectors = cls.env["kpi.bi.connector"].with_user(cls.officer)

    def test_it_says_where_to_read_what(self):
        kpi = self.env["kpi.definition"].create({"name": "Calls"})
        kpi._track_for("company", self.env.company)
        mine = self.connectors.create({"name": "Sales for Power BI"})
        self.assertTrue(mine.address.endswith("/odata/kpi/"))
        self.assertRegex(mine.gives, r"^\S+ KPIs?, \S+ compan(y|ies), \S+ values?$")
        self.assertNotRegex(mine.gives, r"\b1 (KPIs|companies|values)")
        self.assertEqual(mine.last_reading, "Not read in the last 7 days")
        self.assertIn("Test passed", mine.action_test()["params"]["message"])

    def test_its_owner_makes_the_key(self):
        mine = self.connectors.create({"name": "Sales for Power BI"})
        context = mine.action_make_key()["context"]
        wizard = self.env["kpi.api.key.wizard"].with_user(self.officer)
        new = wizard.with_context(**context).create({})
        self.assertEqual(new.scope_ids.code, "kpi.read")
        with self.assertRaises(UserError):
            mine.with_user(self.env.ref("base.user_admin")).action_make_key()

    def test_connections_list_it_and_archive_it(self):
        mine = self.connectors.create({"name": "By ODBC", "connector_type": "odbc"})
        end_connection(self, mine, self.officer)
        self.assertFalse(mine.active)

    def test_nobody_hands_out_what_somebody_else_may_see(self):
        with self.assertRaises(ValidationError):
            self.connectors.create({"name": "Others", "owner_id": self.other.id})

    def test_a_password_is_in_no_script(self):
        mine = self.connectors.create({"name": "By ODBC", "connector_type": "odbc"})
        self.assertRegex(mine.login, rf"^kpi_bi_{mine.id}_{self.officer.id}_\w{{8}}$")
        self.assertIn("Create a password", mine.login_state)
        schema = type(self.env["kpi.bi.schema"])
        with patch.object(schema, "_may_make_roles", lambda _self: False):
            shown = mine._make_password()
        script = shown["default_script"]
        self.assertIn("SCRAM-SHA-256", script)
        self.assertNotIn(shown["default_password"], script)
        self.assertIn(f"CREATE ROLE {mine.login}", script)
        with self.assertRaises(UserError):  # asks who it is, in a browser
            mine.action_make_password()
