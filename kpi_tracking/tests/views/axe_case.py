"""Checks of screens in a browser by axe-core, for an ``HttpCase``."""

from importlib.util import find_spec
from pathlib import Path
from unittest import skipUnless

AXE = find_spec("axe_core_python")
# Inside of an embedded view stands a page of Odoo's own.
CHECK = """
    const exclude = [[".o_kpi_tile_records"]];
    const found = await axe.run({ include: [["%s"]], exclude });
    const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
    if (told.length) throw new Error(told.join(", "));
    if (!found.passes.length) throw new Error("nothing was checked");
"""


@skipUnless(AXE, "axe-core-python is not installed")
class AxeMixin:
    """What axe-core finds on our screens: nothing."""

    def _check(self, path, css, ready, login):
        """Refuse what axe-core finds below ``css``, once ``ready`` is true."""
        axe = Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8")
        check = f"{CHECK % css} console.log('test successful');"
        self.browser_js(
            path,
            f"{axe}; (async () => {{ {check} }})()",
            ready=ready,
            login=login,
            timeout=120,
        )
