import json

from odoo.tests import tagged

from .alert_case import AlertCase


@tagged("post_install", "-at_install")
class TestKpiAlertPack(AlertCase):
    """Rules are carried to another company, by the codes of their KPIs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_company("Other")
        cls.definitions = (cls.revenue | cls.complaints).definition_id
        cls.definitions.company_id = False
        cls.rule = cls._rule(
            name="Below Target",
            applies_to="definition",
            definition_ids=[(6, 0, cls.revenue.definition_id.ids)],
            user_ids=[(6, 0, cls.manager.ids)],
            periods=2,
            level_ids=[
                (0, 0, {"after_minutes": 30, "whom": "manager"}),
                (0, 0, {"after_minutes": 60, "whom": "department_head"}),
            ],
        )

    def _export(self, definitions=None):
        text = self.env["kpi.pack"]._build_pack_text(
            definitions or self.definitions, "Mine"
        )
        return json.loads(text)

    def _preview(self, document):
        packs = self.env["kpi.pack"]
        items = packs._preview(packs._read(json.dumps(document)), self.other)
        return next(item for item in items if item.section == "alerts")

    def test_a_rule_without_its_people(self):
        (entry,) = self._export()["alerts"]
        self.assertEqual(entry["kpis"], [self.revenue.definition_id.code])
        self.assertEqual((entry["threshold"], entry["periods"]), (0.9, 2))
        self.assertEqual(
            entry["levels"],
            [
                {"after_minutes": 30, "whom": "manager"},
                {"after_minutes": 60, "whom": "department_head"},
            ],
        )
        self.assertFalse({"owner_id", "user_ids", "route_ids"} & set(entry))

    def test_only_rules_whose_kpis_are_all_there(self):
        self.rule.definition_ids = self.definitions
        pack = self._export(self.revenue.definition_id)
        self.assertEqual(pack.get("alerts", []), [])

    def test_rules_of_single_kpis_and_of_ones_own_stay_here(self):
        self.rule.active = False
        self._rule(self.revenue)
        self.assertEqual(self._export().get("alerts", []), [])

    def test_in_another_company_it_is_new_and_off_and_unchanged_then(self):
        document = self._export()
        self.assertEqual(self._preview(document).state, "new")
        packs = self.env["kpi.pack"]
        found = packs._import(packs._read(json.dumps(document)), self.other)["alerts"]
        self.assertEqual((found.company_id, found.state), (self.other, "draft"))
        self.assertEqual(found.definition_ids, self.rule.definition_ids)
        self.assertEqual(len(found.level_ids), 2)
        self.assertFalse(found.user_ids)
        self.assertEqual(self._preview(document).state, "equal")
        found.threshold = 0.5
        self.assertEqual(self._preview(document).state, "changed")

    def test_a_kpi_that_is_not_here_is_named(self):
        document = self._export()
        document["alerts"][0]["kpis"] = ["no_such_kpi"]
        item = self._preview(document)
        self.assertEqual(item.state, "impossible")
        self.assertIn("no_such_kpi", item.reason)
