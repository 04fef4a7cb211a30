import json

from odoo.tests import tagged

from .question_case import QuestionCase


@tagged("post_install", "-at_install")
class TestKpiPackDefinitions(QuestionCase):
    """Other names of KPIs in packs."""

    def _export(self):
        return json.loads(self.env["kpi.pack"]._build_pack_text(self.visits, "Names"))

    def _import(self, document):
        packs, company = self.env["kpi.pack"], self.env.company
        read = packs._read(json.dumps(document))
        (item, *_rest) = packs._preview(read, company)
        packs._import(read, company)
        return item.state

    def test_other_names_are_carried(self):
        names = self.env["kpi.definition.synonym"]
        names.create({"definition_id": self.visits.id, "text": "Footfall"})
        names.create(
            {"definition_id": self.visits.id, "text": "Walkins", "language": "en_US"}
        )
        document = self._export()
        self.assertEqual(self._import(document), "equal")
        self.visits.synonym_ids.unlink()
        self.assertEqual(self._import(document), "changed")
        found = {(name.text, name.language) for name in self.visits.synonym_ids}
        self.assertEqual(found, {("Footfall", False), ("Walkins", "en_US")})
        self.assertEqual(self._values("footfall in December 2025"), [120])

    def test_a_language_that_is_not_installed_is_left_out(self):
        document = self._export()
        (entry,) = document["definitions"]
        self.assertNotIn("other_names", entry)
        entry["other_names"] = [{"text": "Bezoeken", "language": "nl_NL"}]
        self._import(document)
        self.assertEqual(self.visits.synonym_ids.mapped("text"), ["Bezoeken"])
        self.assertFalse(self.visits.synonym_ids.language)
