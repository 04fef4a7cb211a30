from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

OFFICER = "base.group_user,kpi_base.kpi_base_group_officer"
PARTNERS = {
    "computation": "records",
    "model_name": "res.partner",
    "date_field": "create_date",
}
COUNTRIES = {
    "computation": "records",
    "model_name": "res.country",
    "kind": "snapshot",
}


@tagged("post_install", "-at_install")
class TestKpiStart(TransactionCase):
    """A company without KPIs is asked what to see first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Start"})
        own = {"company_id": cls.company.id, "company_ids": cls.company.ids}
        cls.officer = new_test_user(cls.env, "start_officer", OFFICER, **own)
        cls.user = new_test_user(cls.env, "start_user", "base.group_user", **own)
        cls.env["kpi.gallery.set"].search([("id", "!=", 0)]).unlink()
        cls.env["kpi.calendar"]._company_default(cls.company)

    def _area(self, name, **entries):
        """A pack of KPIs by their codes."""
        area = self.env["kpi.gallery.set"].create({"name": name})
        self.env["kpi.gallery.kpi"].create(
            [
                {
                    "name": code.title(),
                    "code": code,
                    "set_id": area.id,
                    "entry": {"code": code, "name": code.title(), **entry},
                    "needs": ",".join(entry.get("needs", ())),
                    "is_formula": entry["computation"] == "formula",
                }
                for code, entry in entries.items()
            ]
        )
        return area

    def _home(self):
        home = self.env["kpi.home"].with_user(self.officer)
        return home.with_context(allowed_company_ids=self.company.ids)

    def _start(self):
        """What the overview asks, without the areas of other addons."""
        home = self._home()
        sets = self.env["kpi.gallery.set"].with_user(self.officer).search([])
        self.patch(type(home), "_find_start_areas", lambda _self: sets)
        return home.get_start()

    def test_the_area_with_most_records_comes_first(self):
        for number in range(3):
            partner = {"name": f"Partner {number}", "company_id": self.company.id}
            self.env["res.partner"].create(partner)
        few = self._area("Few", teams={**COUNTRIES, "model_name": "kpi.team"})
        many = self._area("Many", people=PARTNERS)
        none = self._area(
            "None", saved={**COUNTRIES, "model_name": "kpi.period.report"}
        )
        self.env["kpi.period.report"].search([("id", "!=", 0)]).unlink()
        self.env["kpi.team"].search([("id", "!=", 0)]).unlink()
        self.env["kpi.team"].create({"name": "One", "company_id": self.company.id})
        cards = self._start()["cards"]
        self.assertEqual([card["id"] for card in cards], [many.id, few.id, none.id])
        self.assertEqual([card["has_records"] for card in cards], [True, True, False])

    def test_a_card_has_a_number_from_the_records_that_one_reads(self):
        self._area("Partners", people=PARTNERS)
        self.env["res.partner"].create({"name": "New", "company_id": self.company.id})
        (card,) = self._start()["cards"]
        self.assertEqual(card["kpi"]["name"], "People")
        self.assertEqual(card["kpi"]["unit"]["kind"], "number")
        last = card["kpi"]["points"][-1]
        self.assertTrue(last["running"])
        self.assertGreaterEqual(last["value"], 1)
        self.assertRegex(card["records"], r"^\d.* found$")

    def test_what_is_needed_is_said_without_names_of_models(self):
        self._area("Reports", saved={**COUNTRIES, "model_name": "kpi.period.report"})
        self.env["kpi.period.report"].search([("id", "!=", 0)]).unlink()
        (card,) = self._start()["cards"]
        self.assertRegex(card["records"], r"^Needs .* records; none yet$")
        self.assertEqual(card["kpi"]["points"], [])
        kpis = self.env["kpi.gallery.kpi"]
        self.assertEqual(
            [
                kpis._describe_records("res.partner", count).partition(" ")[0]
                for count in (1, 9_999, 10_000)
            ],
            ["1", "9,999", "10,000+"],
        )
        lines = kpis._find_record_words("account.move.line")
        self.assertEqual((lines.many, lines.document), ("invoices", "account.move"))
        self.assertEqual(kpis._find_record_words("sale.order").one, "sales order")

    def test_at_most_four_cards_and_the_others_as_links(self):
        for number in range(6):
            self._area(f"Area {number}", **{f"kpi_{number}": PARTNERS})
        gone = self._area("Gone", gone={**PARTNERS, "needs": ["no_such_app"]})
        start = self._start()
        self.assertEqual(len(start["cards"]), 4)
        self.assertEqual(len(start["others"]), 2)
        known = [*start["cards"], *start["others"]]
        self.assertNotIn(gone.id, [area["id"] for area in known])

    def test_starting_turns_the_kpis_of_the_area_on(self):
        area = self._area("Partners", people=PARTNERS).with_user(self.officer)
        area = area.with_context(allowed_company_ids=self.company.ids)
        area.action_start()
        self.assertEqual(area.kpi_ids.state, "on")
        report = area.kpi_ids.definition_id.report_ids
        self.assertEqual(report.company_id, self.company)

    def test_nothing_is_stored_by_looking(self):
        self._area("Partners", people=PARTNERS)
        counted = ("kpi.definition", "kpi.report", "kpi.source")
        before = [self.env[name].search_count([]) for name in counted]
        self._start()
        after = [self.env[name].search_count([]) for name in counted]
        self.assertEqual(after, before)

    def test_a_company_without_a_calendar_has_a_preview(self):
        self.env["kpi.calendar"].search([("company_id", "=", self.company.id)]).unlink()
        kpis = self.env["kpi.definition"].with_user(self.officer)
        kpis = kpis.with_context(allowed_company_ids=self.company.ids)
        preview = kpis.get_preview({**PARTNERS, "calendar_id": False})
        self.assertTrue(preview["points"])

    def test_only_who_defines_kpis_is_asked(self):
        with self.assertRaises(AccessError):
            self.env["kpi.home"].with_user(self.user).get_start()

    def test_steps_are_those_of_the_panel(self):
        steps = self._start()["steps"]
        self.assertEqual([step["key"] for step in steps][:2], ["kpi", "target"])
        self.assertFalse(any(step["is_done"] for step in steps))

    def test_the_number_of_a_day_is_that_of_the_period(self):
        """On the first day of a month nothing is counted of it yet, and that is 0."""
        self._area("Partners", people=PARTNERS)
        old = self.env["res.partner"].create(
            {"name": "Old", "company_id": self.company.id}
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            (date(2020, 1, 1), old.id),
        )
        (card,) = self._start()["cards"]
        self.assertEqual(len(card["kpi"]["points"]), 12)
