from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestResConfigSettings(TransactionCase):
    """Settings of all apps, for who has none of our roles."""

    def test_an_administrator_without_our_roles_saves_settings_of_other_apps(self):
        administrator = new_test_user(self.env, "plain-admin", "base.group_system")
        self.assertFalse(administrator.has_group("kpi_base.kpi_base_group_user"))
        settings = self.env["res.config.settings"].with_user(administrator).create({})
        settings.execute()
