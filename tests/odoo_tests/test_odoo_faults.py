"""What a log of Odoo's tests is read as."""

import pytest
from odoo_faults import read_faults, tags_of

LINE = "2026-11-30 21:49:49,213 12015 ERROR kpi_test_1_0 odoo.addons."
WEB = f"{LINE}web.tests.test_js.WebSuite.test_unit_desktop.browser: "
DIALOG = "@web/core/dialog/with a button/closes on Escape, or Enter"
WIDTHS = "@web/views/list/column_widths/no record"
ENDED = f"{WEB}Some tests failed: see above for details\n"
FAILED = f"{LINE}web.tests.test_js: FAIL: WebSuite.test_unit_desktop\n"
MENUS = f"{LINE}web.tests.test_click: ERROR: TestMenus.test_admin\n"


def unit(name: str) -> str:
    return f'{WEB}[HOOT] Test "{name}" failed:\n\nFailed assertion:\n'


@pytest.mark.parametrize(
    ("text", "faults", "tags"),
    [
        ("", set(), []),
        (MENUS, {"/web:TestMenus.test_admin"}, ["/web:TestMenus.test_admin"]),
        (
            unit(DIALOG) + unit(WIDTHS) + ENDED + FAILED + MENUS,
            {
                f"/web:WebSuite.test_unit_desktop[{DIALOG}]",
                f"/web:WebSuite.test_unit_desktop[{WIDTHS}]",
                "/web:TestMenus.test_admin",
            },
            [
                "/web:TestMenus.test_admin",
                "/web:WebSuite.test_unit_desktop[@web/core/dialog]",
                "/web:WebSuite.test_unit_desktop[@web/views/list/column_widths]",
            ],
        ),
        # stopped on the way: nothing is known of the tests behind
        (
            unit(DIALOG) + FAILED,
            {"/web:WebSuite.test_unit_desktop"},
            ["/web:WebSuite.test_unit_desktop"],
        ),
        (
            f"{LINE}sale: ERROR: setUpClass (odoo.addons.sale.tests.test_a.TestA)\n",
            {"/sale:TestA"},
            ["/sale:TestA"],
        ),
    ],
)
def test_each_fault_has_a_name_and_a_tag(text, faults, tags):
    assert read_faults(text) == faults
    assert tags_of(faults) == tags
