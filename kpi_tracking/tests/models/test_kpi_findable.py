from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import KpiCase


@tagged("post_install", "-at_install")
class TestKpiFindable(KpiCase):
    """The command palette finds by name what its user may read, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        cls.employee = cls._create_user(
            "palette", groups="base.group_user,kpi_base.kpi_base_group_user"
        )
        cls.other = cls._create_user("other")
        names = ("Zebra Order Value", "Order Value of Zebra", "Zebra 100%")
        for name in names:
            cls._track(cls._definition(name), cls.employee, cls.other)

    def _find(self, text, user=None):
        finder = self.env["kpi.findable.mixin"].with_user(user or self.employee)
        return [
            each["name"]
            for each in finder.find_by_name(text)
            if each["model"] == "kpi.report"
        ]

    def test_names_that_begin_so_come_first_and_only_own_ones(self):
        self.assertEqual(
            self._find("zebra"),
            [
                "Zebra 100% – palette",
                "Zebra Order Value – palette",
                "Order Value of Zebra – palette",
            ],
        )
        self.assertEqual(self._find("100%"), ["Zebra 100% – palette"])
        self.assertEqual(self._find("zebra", self.env.ref("base.public_user")), [])

    def test_a_letter_blanks_and_other_companies_find_nothing(self):
        self.assertEqual(self._find("z"), [])
        self.assertEqual(self._find("   "), [])
        elsewhere = self._create_user(
            "elsewhere", self._create_company("South"), "kpi_base.kpi_base_group_user"
        )
        finder = self.env["kpi.findable.mixin"].with_user(elsewhere)
        finder = finder.with_context(allowed_company_ids=elsewhere.company_ids.ids)
        self.assertEqual(finder.find_by_name("zebra"), [])

    def test_the_widest_comes_first(self):
        self._track(self._definition("Yak"), self.employee, self.company)
        officer = self._create_user("widest", groups="kpi_base.kpi_base_group_officer")
        self.assertEqual(self._find("yak", officer), ["Yak – North", "Yak – palette"])

    def test_one_statement_beside_what_rules_look_up_of_the_user(self):
        officer = self._create_user("finder", groups="kpi_base.kpi_base_group_officer")
        self._find("zebra", officer)  # rights are read once and cached
        self.env.flush_all()
        with self.assertQueryCount(3):
            self.assertEqual(len(self._find("zebra", officer)), 5)

    def test_what_was_found_opens_under_the_rights_of_the_reader(self):
        (found,) = self._find_rows("100%")
        report = self.env[found["model"]].browse(found["id"]).with_user(self.employee)
        action = report.action_open_found()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("kpi.report", report.id)
        )
        hidden = self.env["kpi.report"].search([("user_id", "=", self.other.id)])[0]
        with self.assertRaises(AccessError):
            hidden.with_user(self.employee).action_open_found()

    def _find_rows(self, text):
        return (
            self.env["kpi.findable.mixin"].with_user(self.employee).find_by_name(text)
        )
