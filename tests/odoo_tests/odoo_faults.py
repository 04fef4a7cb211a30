"""Which of Odoo's tests fail, from a server's log, and as what Odoo runs them again."""

import re

FAULT = re.compile(
    r" odoo\.addons\.(\w+)\.\S+: (?:FAIL|ERROR): (?:Subtest )?(\w+\.\w+)"
)
CLASS_FAULT = re.compile(r"ERROR: setUpClass \(odoo\.addons\.(\w+)\.\S+\.(\w+)\)")
# of the web client's unit tests, which are one test of Odoo's; the second line is there
# where they ran to their end
UNIT_FAULT = re.compile(
    r" odoo\.addons\.(\w+)\.\S+\.(\w+\.\w+)\.browser: \[HOOT\] Test \"(.+)\" failed"
)
UNITS_ENDED = re.compile(
    r" odoo\.addons\.(\w+)\.\S+\.(\w+\.\w+)\.browser: Some tests failed"
)
SUITE = re.compile(r"\[(@[\w/-]+)/.*\]$")


def read_faults(text: str) -> set[str]:
    """Tags of what fails: ``/web:TestMenus.test_admin``.

    Unit tests that fail are named one by one, so that one of them hides no other:
    ``/web:WebSuite.test_unit_desktop[@web/core/dialog/closes on Escape]``.
    """
    ended = {f"/{app}:{test}" for app, test in UNITS_ENDED.findall(text)}
    units = {
        f"/{app}:{test}[{unit}]"
        for app, test, unit in UNIT_FAULT.findall(text)
        if f"/{app}:{test}" in ended
    }
    counted = {unit.split("[")[0] for unit in units}
    faults = {f"/{app}:{test}" for app, test in FAULT.findall(text)}
    classes = {f"/{app}:{case}" for app, case in CLASS_FAULT.findall(text)}
    return (faults - counted) | units | classes


def tags_of(faults: set[str]) -> list[str]:
    """What Odoo is to run for these: of unit tests, the files they are in."""
    return sorted({SUITE.sub(r"[\1]", fault) for fault in faults})
