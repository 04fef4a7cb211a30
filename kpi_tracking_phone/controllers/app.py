import hashlib
import json

from odoo.http import Controller, request, route

from odoo.addons.kpi_base.rest.link_page import answer, render

from ..models.kpi_phone import PATH

BUNDLE = "kpi_tracking_phone.assets_app"
WORKER = "kpi_tracking_phone.assets_worker"
IMAGES = "/kpi_tracking_phone/static/img"
# OWL compiles its templates in the browser; styles are set on single elements.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self';"
    " style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
SHELL = {
    "type": "http",
    "auth": "public",
    "methods": ["GET"],
    "readonly": True,
    "save_session": False,
    "sitemap": False,
}


class KpiPhoneApp(Controller):
    """The shell of the phone app: the same for all, without anybody's data."""

    @route([PATH, f"{PATH}/<path:_screen>"], **SHELL)
    def page(self, _screen=""):
        """The page of every screen; which one it shows is its own matter."""
        body, version = self._render_shell()
        headers = {"Cache-Control": "no-cache", "X-Kpi-Shell": version}
        return answer(body, POLICY, **headers)

    @route(f"{PATH}/worker.js", **SHELL)
    def worker(self):
        """The service worker; one with another version is a new one for a browser."""
        links = self._get_links()
        version = self._render_shell()[1]
        shell = json.dumps({"page": PATH, "urls": links, "version": version})
        bundle = self._views()._get_asset_bundle(WORKER, css=False)
        script = bundle.js().raw.decode()
        return request.make_response(
            f"self.kpiShell = {shell};\n{script}",
            [
                ("Content-Type", "text/javascript; charset=utf-8"),
                ("Cache-Control", "no-cache"),
                ("Service-Worker-Allowed", PATH),
                ("Content-Security-Policy", "default-src 'none'; connect-src 'self'"),
            ],
        )

    @route(f"{PATH}/manifest.webmanifest", **SHELL)
    def manifest(self):
        """How the app is installed: its name, pictures and shortcuts."""
        words = {
            "kpis": request.env._("KPIs"),
            "enter": request.env._("Enter Values"),
            "alerts": request.env._("Alerts"),
            "approve": request.env._("Approvals"),
        }
        manifest = {
            "id": PATH,
            "name": request.env._("KPIs"),
            "short_name": request.env._("KPIs"),
            "scope": PATH,
            "start_url": PATH,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0072b2",
            "icons": [_icon(192), _icon(512), _icon(512, "maskable")],
            "shortcuts": [
                {"name": word, "url": f"{PATH}/{name}", "icons": [_icon(192)]}
                for name, word in words.items()
            ],
        }
        media_type = {"Content-Type": "application/manifest+json"}
        return request.make_json_response(manifest, media_type)

    def _render_shell(self):
        """The page, and a text that changes with whatever belongs to it."""
        links = self._get_links()
        values = {
            "styles": [link for link in links if ".css" in link],
            "scripts": [link for link in links if ".js" in link],
        }
        body = render("kpi_tracking_phone.app_page", values, "en_US")
        worker = self._views()._get_asset_links(WORKER, css=False, debug="")
        version = hashlib.sha256(f"{body} {worker}".encode()).hexdigest()[:12]
        return body, version

    def _get_links(self):
        return self._views()._get_asset_links(BUNDLE, debug="")

    def _views(self):
        # Directions are said by logical sides: one style sheet serves all languages.
        # What every visitor is given is read as nobody.
        return request.env["ir.qweb"].sudo().with_context(lang="en_US")


def _icon(size, purpose="any"):
    name = f"icon-{'maskable' if purpose == 'maskable' else size}.png"
    return {
        "src": f"{IMAGES}/{name}",
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }
