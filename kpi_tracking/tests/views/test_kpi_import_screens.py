import base64

from odoo.tests import HttpCase, new_test_user, tagged

OFFICER = "kpi_base.kpi_base_group_officer"
ROWS = [
    *(f'pulse,2025-{number:02},"{number},5"' for number in range(1, 8)),
    'mails,2025-01,"1,25"',
]


class KpiImportScreensCase(HttpCase):
    """A file whose numbers have a comma, read with a point; a KPI is missing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, login="kpi_officer", groups=OFFICER)
        cls.pulse = (
            cls.env["kpi.definition"]
            .create({"code": "pulse", "name": "Pulse", "computation": "manual"})
            ._track_for("company", cls.env.company)
        )
        content = "\n".join(["code,period,value", *ROWS]).encode()
        cls.job = (
            cls.env["kpi.import"]
            .with_user(cls.user)
            .create({"file": base64.b64encode(content), "file_name": "values.csv"})
        )
        cls.job.action_read()
        cls.job.column_ids.filtered(
            lambda each: each.name == "value"
        ).decimal_mark = "."

    @property
    def address(self):
        return f"/odoo/kpi-import/{self.job.id}"


@tagged("post_install", "-at_install")
class TestKpiImportScreens(KpiImportScreensCase):
    def test_rows_with_errors_are_fixed_and_imported(self):
        self.start_tour(self.address, "kpi_tracking.import_check", login="kpi_officer")
        self.assertEqual(self.job.state, "done")
        values = self.pulse.measurement_ids.mapped("value")
        self.assertEqual(sorted(values), [number + 0.5 for number in range(1, 8)])
        self.assertTrue(self.env["kpi.definition"].search([("code", "=", "mails")]))


@tagged("post_install", "-at_install")
class TestKpiImportScreensPhone(KpiImportScreensCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_rows_with_errors_fit_on_a_phone(self):
        self.job.action_check()
        fits = """
            const page = document.querySelector(".o_kpi_import_check");
            for (const part of [document.documentElement, page]) {
                if (part.scrollWidth > part.clientWidth) {
                    throw new Error(`scrolls sideways: ${part.scrollWidth}`);
                }
            }
            console.log("test successful");
        """
        self.browser_js(
            self.address,
            fits,
            "!!document.querySelector('.o_kpi_import_check_wrong')",
            login="kpi_officer",
        )
