"""Pictures that people put into texts of our records."""

from base64 import b64decode

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.html_editor.controllers.main import HTML_Editor

from ..picture_size import check_picture_size


class KpiEditor(HTML_Editor):
    """Odoo's editor opens a picture before anybody looks at its size."""

    @http.route()
    def add_data(self, name, data, is_image, res_model="ir.ui.view", **options):
        if is_image and res_model and res_model.startswith("kpi."):
            try:
                check_picture_size(request.env, b64decode(data))
            except UserError as error:
                return {"error": str(error)}  # the editor shows it
        return super().add_data(name, data, is_image, res_model=res_model, **options)
