from odoo.http import request, route

from odoo.addons.web.controllers.session import Session

from ..models.ir_http import has_unsent
from ..models.kpi_phone import PATH


class KpiPhoneSession(Session):
    """Signing out where the app has something unsent."""

    @route()
    def logout(self, redirect="/odoo"):
        """Go to the app, which empties the browser of all that was sent."""
        unsent = has_unsent()
        answer = super().logout(redirect=redirect)
        return request.redirect(PATH, 303) if unsent else answer
