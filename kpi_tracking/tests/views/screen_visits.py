import json


class ScreenVisits:
    """Opens screens in a browser, for an ``HttpCase``."""

    def _visit(self, screens, login, path, css):
        """Open screens one after the other; an error names the screen.

        :param screens: (action of this addon, type of view, CSS of what is drawn there)
        :param path, css: where to begin, and what is drawn there last
        """
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
                for (const [name, viewType, css] of {json.dumps(screens)}) {{
                    const options = {{ clearBreadcrumbs: true, viewType }};
                    try {{
                        await action.doAction(`kpi_tracking.${{name}}`, options);
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
