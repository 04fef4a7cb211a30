import json
import re

from odoo.addons.kpi_base.tests.common import is_in_sample

from .axe_case import AXE, CHECK_OURS, axe_source

# A page that is taller than its window can be scrolled: it, or what it lies in. Sample
# data cannot: Odoo shows it behind the text that says what is missing.
CHECK_SCROLLING = """
    const checkScrolling = () => {
        const told = [];
        const pages = ".o_action_manager .o_content:not(.o_view_sample_data)";
        for (const page of document.querySelectorAll(pages)) {
            let node = page;
            while (!/auto|scroll/.test(getComputedStyle(node).overflowY)) {
                node = node.parentElement;
                if (node.matches(".o_action_manager")) {
                    told.push(`${page.className} does not scroll`);
                    break;
                }
            }
        }
        return told;
    };
"""
# Lists and cards are there before their records.
HAS_ROWS = """
    const hasRows = () => {
        const views = document.querySelectorAll(".o_list_view, .o_kanban_view");
        const rows = ".o_list_renderer, .o_kanban_renderer";
        return [...views].every((view) => view.querySelector(rows));
    };
"""
# Nobody has to read what is smaller, also where a drawing is scaled; on phones Odoo
# marks fields that have help by a “?” of 9.6 pixels.
CHECK_SIZES = """
    const checkSizes = () => {
        const told = new Set();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const it = walker.currentNode.parentElement;
            const isSeen = it.checkVisibility({ visibilityProperty: true });
            if (!walker.currentNode.data.trim() || !isSeen) continue;
            if (it.closest(".visually-hidden, sup[data-tooltip-info]")) continue;
            const drawn = it.ownerSVGElement && it.getScreenCTM();
            const scale = drawn ? Math.hypot(drawn.a, drawn.b) : 1;
            const size = scale * parseFloat(getComputedStyle(it).fontSize);
            if (size < 9.95) {
                told.add(`${size.toFixed(1)} px: ${it.outerHTML.slice(0, 200)}`);
            }
        }
        return [...told];
    };
"""


class ScreenVisits:
    """Opens screens in a browser, for an ``HttpCase``.

    Half of them in light colors on a desktop, from left to right; in the dark, on a
    phone or from right to left a third; all in long tests.

    No text is below 10 pixels. Where axe-core is installed it finds nothing in what our
    code draws on them. In the dark, whose colours are ours, no text of the web client
    is too faint.

    :cvar addon: whose actions are meant where no addon is named
    """

    addon = "kpi_tracking"
    is_dark = False

    def _darken(self):
        """Show screens as to somebody who has chosen dark colours."""
        self.is_dark = True
        settings = self.env["res.users.settings"]
        for user in self.env["res.users"].search([]):
            settings._find_or_create_for_user(user).kpi_color_scheme = "dark"

    def _form(self, record, css=".o_form_view", view=False):
        """A screen of one record, as ``_visit`` takes it; by default its own form."""
        name = f"test_{record._table}_{record.id}"
        action = self.env["ir.actions.act_window"].create(
            {
                "name": name,
                "res_model": record._name,
                "res_id": record.id,
                "view_id": view and view.id,
                "view_mode": "form",
            }
        )
        self.env["ir.model.data"].create(
            {
                "module": self.addon,
                "name": name,
                "model": action._name,
                "res_id": action.id,
            }
        )
        return name, "form", css

    def _is_light_desktop(self, login):
        """Whether screens are drawn as most people see them."""
        user = self.env["res.users"].search([("login", "=", login)])
        is_rtl = self.env["res.lang"]._get_data(code=user.lang).direction == "rtl"
        return not (is_rtl or self.is_dark or self.touch_enabled)

    @staticmethod
    def _choose_screens(screens, share):
        """One in so many screens, by their names; at least one."""
        chosen = []
        for name, view_type, css in screens:
            # the number of a record is another one on each database
            stable_name = re.sub("[0-9]+$", "", name)
            if is_in_sample(f"{stable_name}, {view_type}, {css}", share):
                chosen.append((name, view_type, css))

        return chosen or screens[:1]

    def _visit(self, screens, login, path, css):
        """Open screens one after the other; an error names the screen.

        :param screens: (action, type of view, CSS of what is drawn there)
        :param path, css: where to begin, and what is drawn there last
        """
        named = [
            (name if "." in name else f"{self.addon}.{name}", view_type, drawn)
            for name, view_type, drawn in screens
        ]
        named = self._choose_screens(named, 2 if self._is_light_desktop(login) else 3)
        check = CHECK_OURS if AXE else "const checkOurs = () => [];"
        more = "findFaint([document.body])" if AXE and self.is_dark else "[]"
        check += f"const findMore = () => {more};"
        visit = f"""
            {axe_source()};
            {check}
            {CHECK_SCROLLING}
            {CHECK_SIZES}
            const {{ action }} = odoo.__WOWL_DEBUG__.root.env.services;
            {HAS_ROWS}
            const drawn = async (css) => {{
                for (let tries = 0; tries < 600; tries++) {{
                    if (document.querySelector(css) && hasRows()) return;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }}
                throw new Error(`nothing matches ${{css}}`);
            }};
            (async () => {{
                const told = [];
                for (const [name, viewType, css] of {json.dumps(named)}) {{
                    const options = {{ clearBreadcrumbs: true, viewType }};
                    try {{
                        await action.doAction(name, options);
                        await drawn(css);
                        const found = [
                            ...checkScrolling(), ...checkSizes(),
                            ...(await checkOurs()), ...findMore(),
                        ];
                        for (const it of found) {{
                            told.push(`${{name}}, ${{viewType}}: ${{it}}`);
                        }}
                    }} catch (error) {{
                        const reason = error.cause?.data?.message ?? error.message;
                        throw new Error(`${{name}}, ${{viewType}}: ${{reason}}`);
                    }}
                }}
                if (told.length) throw new Error(told.join("\\n"));
                console.log("test successful");
            }})();
        """
        self.browser_js(
            path,
            visit,
            ready=f"!!document.querySelector('{css}')",
            login=login,
            timeout=420,
        )
