from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.rich_texts import RichTextsMixin

from ..models.baseline_case import BaselineCase


@tagged("post_install", "-at_install")
class TestKpiBenefitRichTexts(RichTextsMixin, BaselineCase, HttpCase):
    """Descriptions of initiatives and benefits hide no figures."""

    addon = "kpi_benefits"

    def test_description_of_a_proposed_initiative(self):
        self._check_form(self._make(), "description", self.olga.login, "why")

    def test_description_of_a_benefit(self):
        benefit = self._measured_benefit(self._baseline())
        self._check_form(benefit, "description", self.olga.login, "description")
