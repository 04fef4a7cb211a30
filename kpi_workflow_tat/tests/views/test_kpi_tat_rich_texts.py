from markupsafe import Markup

from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.hostile_html import HOSTILE
from odoo.addons.kpi_base.tests.rich_texts import RichTextsMixin

from ..models.tat_case import TatCase


@tagged("post_install", "-at_install")
class TestKpiTatRichTexts(RichTextsMixin, TatCase, HttpCase):
    """No requester hides the amount of a request from its approver."""

    addon = "kpi_workflow_tat"

    def test_description_of_a_request(self):
        request = self._submit(description="<p>New laptops</p>").sudo()
        self._check_form(request, "description", self.ann.login, "description")

    def test_description_shown_to_an_approver(self):
        request = self._submit(description="<p>New laptops</p>").sudo()
        row = self._get_row(request, self.ann)
        self._check_form(request, "description", self.ann.login, shown_by=row)

    def test_messages_and_activities_on_a_request(self):
        """Odoo keeps their classes: they are cut off where they are drawn."""
        request = self._submit()
        hostile = f"<p>Please look at this.</p>{HOSTILE['classes of Bootstrap']}"
        request.message_post(body=Markup(hostile))
        request.sudo().activity_schedule(user_id=self.ann.id, note=Markup(hostile))
        for place in (".o-mail-Message-body", ".o-mail-Activity-note"):
            self._check_boxes(
                f"/odoo/{request._name}/{request.id}",
                f"{place}:has(.position-fixed)",
                login=self.ann.login,
                is_sanitized=False,
            )
