import runpy
from base64 import b64encode
from pathlib import Path

from odoo.modules import get_module_path
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.hostile_html import HOSTILE
from odoo.addons.kpi_base.tests.pictures import png_header
from odoo.addons.kpi_base.tests.rich_texts import RichTextsMixin

from .test_kpi_screens import KpiScreensCase

FIXED = HOSTILE["classes of Bootstrap"]


@tagged("post_install", "-at_install")
class TestKpiRichTexts(RichTextsMixin, KpiScreensCase):
    """Descriptions of KPIs and scorecards."""

    addon = "kpi_tracking"

    def test_description_of_a_definition(self):
        self._check_form(
            self.pulse.definition_id, "description", "kpi_officer", "description"
        )

    def test_description_shown_by_a_kpi(self):
        definition = self.pulse.definition_id
        self._check_form(
            definition, "description", "kpi_officer", "about", shown_by=self.pulse
        )

    def test_description_of_a_scorecard(self):
        group = self.env["kpi.report.group"].create({"name": "Team"})
        self._check_form(group, "description", "kpi_officer", "about")

    def test_an_image_of_this_server_may_have_its_whole_address(self):
        definition = self.pulse.definition_id
        address = f"{definition.get_base_url()}/web/image/1-ab/plan.png"
        definition.description = f'<p><img src="{address}" alt="Plan"></p>'
        self.assertIn('src="/web/image/1-ab/plan.png"', definition.description)

    def test_a_picture_of_too_many_pixels_is_refused_in_the_editor(self):
        self.authenticate("kpi_officer", "kpi_officer")
        definition = self.pulse.definition_id
        answer = self.make_jsonrpc_request(
            "/html_editor/attachment/add_data",
            {
                "name": "plan.png",
                "data": b64encode(png_header(30_000)).decode(),
                "is_image": True,
                "res_model": definition._name,
                "res_id": definition.id,
            },
        )
        self.assertIn("50 megapixels", answer["error"])

    def test_translations_are_sanitised(self):
        self.env["res.lang"]._activate_lang("de_DE")
        definition = self.pulse.definition_id
        definition.description = "<p>Mood</p>"
        hostile = 'Stimmung <span class="position-fixed vw-100">Login</span>'
        definition.update_field_translations(
            "description", {"de_DE": {"Mood": hostile}}
        )
        german = definition.with_context(lang="de_DE").description
        self.assertIn("Stimmung", german)
        self.assertNotIn("class", german)

    def test_an_update_sanitises_what_was_stored_before(self):
        group = self.env["kpi.report.group"].create({"name": "Team"})
        definition = self.pulse.definition_id
        for record in (definition, group):
            self._store(record, "description", f"<p>Read me</p>{FIXED}")
        clean = self.moods.definition_id
        clean.description = "<p>Mood</p>"

        folder = Path(get_module_path("kpi_base"), "migrations/19.0.1.2.0")
        runpy.run_path(folder / "end-rich-text.py")["migrate"](self.cr, "19.0.1.1.0")

        self.env.invalidate_all()
        for record in (definition, group):
            self.assertIn("<p>Read me</p>", record.description)
            self.assertNotIn("class", record.description)
        self.assertEqual(clean.description, "<p>Mood</p>")
