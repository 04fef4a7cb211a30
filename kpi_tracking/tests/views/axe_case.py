"""Checks of screens in a browser by axe-core, for an ``HttpCase``."""

from importlib.util import find_spec
from pathlib import Path
from unittest import skipUnless

AXE = find_spec("axe_core_python")
# Inside of an embedded view stands a page of Odoo's own.
CHECK = """
    const exclude = [[".o_kpi_embedded_view"]];
    const rules = { "color-contrast": { enabled: false } };
    const found = await axe.run({ include: [["%s"]], exclude }, { rules });
    const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
    told.push(...findFaint(document.querySelectorAll("%s"), exclude.join()));
    if (told.length) throw new Error(told.join(", "));
    if (!found.passes.length) throw new Error("nothing was checked");
"""
# Style sheets from right to left are made by another program: that takes time.
WAIT = """
    const isDrawn = () => %s;
    for (let tries = 0; tries < 1500 && !isDrawn(); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (!isDrawn()) throw new Error("never drawn");
"""
# What our own code draws inside of a view; the view itself is Odoo's.
CHECK_OURS = """
    const checkOurs = async () => {
        const views = ".o_view_controller, .o_list_view, .o_form_view, .o_kanban_view,"
            + " .o_kanban_record, [class*=o_kpi_font_]";
        const mine = [...document.querySelectorAll("[class*=o_kpi_]")].filter(
            (it) => it.checkVisibility() && !it.matches(views)
                && !it.closest(".o_kpi_embedded_view")
                && it.closest(".o_action_manager, .modal"),
        );
        const isBelow = (it) => mine.some((up) => up !== it && up.contains(it));
        const tops = mine.filter((it) => !isBelow(it));
        if (!tops.length) return [];
        // A dialog of Odoo's has a main part, as the screen below it has.
        const rules = {
            region: { enabled: false }, "color-contrast": { enabled: false },
            "landmark-no-duplicate-main": { enabled: false },
        };
        // Records, people with their pictures, tabs and choices are drawn by Odoo.
        const odoo = [
            ".o_kpi_embedded_view", ".o_field_many2one_avatar_user",
            ".o_field_many2many_avatar_user", ".o_notebook_headers",
            ".o_optional_columns_dropdown", ".o_select_menu",
        ];
        // Each in a list of its own: of plain texts axe-core takes the first alone.
        const present = odoo.filter((css) => document.querySelector(css));
        const exclude = present.map((css) => [css]);
        const found = await axe.run({ include: tops, exclude }, { rules });
        // Cards of a list in a form are links by Odoo's own role.
        const isOdoo = ({ html }) => /^<article role="link" class="o_kanban/.test(html);
        const told = found.violations.flatMap(({ id, nodes }) =>
            nodes.filter((it) => !isOdoo(it)).slice(0, 1).map(
                ({ html }) => `${id}: ${html}`
            )
        );
        return told.concat(findFaint(tops, odoo.join()));
    };
"""


def axe_source():
    """Source of axe-core, and of ours beside it; empty where it is not installed."""
    if not AXE:
        return ""
    ours = Path(__file__).parents[2] / "static" / "tests" / "contrast.js"
    files = Path(AXE.origin).with_name("axe.min.js"), ours
    return "\n".join(file.read_text("utf-8") for file in files)


@skipUnless(AXE, "axe-core-python is not installed")
class AxeMixin:
    """What axe-core finds on our screens: nothing."""

    def _check(self, path, css, ready, login, before=""):
        """Refuse what axe-core finds below ``css``, once ``ready`` is true.

        :param before: code that runs first
        """
        done = "console.log('test successful');"
        check = f"{WAIT % ready} {before} {CHECK % (css, css)} {done}"
        self.browser_js(
            path,
            f"{axe_source()}; (async () => {{ {check} }})()",
            ready="document.readyState === 'complete'",
            login=login,
            timeout=180,
        )
