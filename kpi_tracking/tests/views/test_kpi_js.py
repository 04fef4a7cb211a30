from odoo.tests import tagged

from odoo.addons.web.tests.test_js import HOOTCommon, unit_test_error_checker

OUR_TESTS = "@kpi_tracking"


@tagged("post_install", "-at_install")
class TestKpiJs(HOOTCommon):
    """Our drawing in the browser; filtered, so that Odoo's own tests do not run."""

    def get_hoot_filters(self):
        return f"&id={self._generate_hash(OUR_TESTS)}"

    def test_generate_hoot_hash(self):
        self.skipTest("Odoo's own test")

    def test_get_hoot_filter(self):
        self.skipTest("Odoo's own test")

    def test_unit_tests_on_a_desktop(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"{self.hoot_filters}",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
