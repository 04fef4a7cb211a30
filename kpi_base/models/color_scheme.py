"""Light or dark: the colours of the web client, as each person chooses."""

from odoo import api, fields, models
from odoo.http import request


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    kpi_color_scheme = fields.Selection(
        [("device", "Same as Device"), ("light", "Light"), ("dark", "Dark")],
        "Color Scheme",
        default="device",
        required=True,
    )

    @api.model
    def _get_fields_blacklist(self):
        """Browsers that do not know of the choice do not offer it."""
        is_ours = self.env["ir.http"]._is_color_scheme_ours()
        return super()._get_fields_blacklist() + ["kpi_color_scheme"] * (not is_ours)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @api.model
    def _is_color_scheme_ours(self):
        """Whether no other addon, such as ``web_dark_mode``, says light or dark."""
        said = [each for each in type(self).mro() if "color_scheme" in vars(each)]
        return len(said) == 2  # Odoo's and ours

    def color_scheme(self):
        """As the user chose; as the device, of which the page's script tells us."""
        scheme = super().color_scheme()
        if not self._is_color_scheme_ours():
            return scheme
        settings, user = self.env["res.users.settings"], self.env.user
        scheme = settings._find_or_create_for_user(user).kpi_color_scheme
        known = request.httprequest.cookies.get("color_scheme")
        if scheme == "device":
            scheme = "dark" if known == "dark" else "light"
        if scheme != known:  # scripts of Odoo's read it, too
            request.future_response.set_cookie("color_scheme", scheme)
        return scheme


class IrAsset(models.Model):
    _inherit = "ir.asset"

    def _process_path(self, bundle, directive, target, path_def, *args, **kw):
        """Leave dark colours to another addon that brings some."""
        is_dark = path_def.startswith("kpi_base/static/src/dark/")
        if is_dark and not self.env["ir.http"]._is_color_scheme_ours():
            return None
        return super()._process_path(bundle, directive, target, path_def, *args, **kw)
