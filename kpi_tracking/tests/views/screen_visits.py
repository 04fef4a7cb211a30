import json


class ScreenVisits:
    """Opens screens in a browser, for an ``HttpCase``.

    :cvar addon: whose actions are meant where no addon is named
    """

    addon = "kpi_tracking"

    def _visit(self, screens, login, path, css):
        """Open screens one after the other; an error names the screen.

        :param screens: (action, type of view, CSS of what is drawn there)
        :param path, css: where to begin, and what is drawn there last
        """
        named = [
            (name if "." in name else f"{self.addon}.{name}", view_type, drawn)
            for name, view_type, drawn in screens
        ]
        visit = f"""
            const {{ action }} = odoo.__WOWL_DEBUG__.root.env.services;
            const drawn = async (css) => {{
                for (let tries = 0; tries < 100; tries++) {{
                    if (document.querySelector(css)) return;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }}
                throw new Error(`nothing matches ${{css}}`);
            }};
            (async () => {{
                for (const [name, viewType, css] of {json.dumps(named)}) {{
                    const options = {{ clearBreadcrumbs: true, viewType }};
                    try {{
                        await action.doAction(name, options);
                        await drawn(css);
                    }} catch (error) {{
                        const reason = error.cause?.data?.message ?? error.message;
                        throw new Error(`${{name}}, ${{viewType}}: ${{reason}}`);
                    }}
                }}
                console.log("test successful");
            }})();
        """
        self.browser_js(
            path,
            visit,
            ready=f"!!document.querySelector('{css}')",
            login=login,
            timeout=180,
        )
