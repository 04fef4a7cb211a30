from odoo.exceptions import AccessError
from odoo.tests import tagged

from .access_case import PERIOD, KpiAccessCase
from .access_oracle import REPORTS

SECRET = 987_654.0
GUARDED = (
    "kpi.report",
    "kpi.target",
    "kpi.measurement",
    "kpi.measurement.revision",
    "kpi.restatement",
    "kpi.measurement.breakdown",
)


@tagged("post_install", "-at_install")
class TestKpiAccessPaths(KpiAccessCase):
    """A number is not guessed by asking how many records have it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        report = cls.report["sam"]
        facts = cls.env["kpi.measurement"]
        facts._upsert("month", [(report.id, "2026-02-01", SECRET)], source="external")
        cls.env["kpi.target"].create(
            {"report_id": report.id, "date_from": "2026-02-01", "value": SECRET}
        )
        cls.env.flush_all()

    def test_secret_is_the_current_value(self):
        self.assertEqual(self.report["sam"].current_value, SECRET)

    def test_paths_to_a_hidden_kpi_find_nothing(self):
        """Uma sees a KPI of the same definition, which leads to Sam's."""
        over = ("current_value", ">", SECRET - 1)
        cases = [
            ("kpi.report", [over]),
            ("kpi.report", [("definition_id.report_ids.current_value", *over[1:])]),
            ("kpi.report", [("definition_id.report_ids", "any", [over])]),
            ("kpi.report", ["!", ("definition_id.report_ids", "not any", [over])]),
            ("kpi.report", [("category_id.definition_ids.report_ids", "any", [over])]),
            ("kpi.report", [("measurement_ids.value", "=", SECRET)]),
            ("kpi.report", [("target_ids.value", "=", SECRET)]),
            ("kpi.definition", [("report_ids.current_value", *over[1:])]),
            ("kpi.definition", [("report_ids.measurement_ids.value", "=", SECRET)]),
            ("kpi.definition", [("report_ids.target_ids.value", "=", SECRET)]),
            ("kpi.measurement", [("value", "=", SECRET)]),
            ("kpi.measurement", [("report_id.current_value", *over[1:])]),
            (
                "kpi.measurement",
                [("definition_id.report_ids.current_value", *over[1:])],
            ),
            ("kpi.measurement", [("definition_id.report_ids", "any", [over])]),
            ("kpi.measurement.revision", [("report_id.current_value", *over[1:])]),
            ("kpi.measurement.breakdown", [("report_id.current_value", *over[1:])]),
            ("kpi.target", [("value", "=", SECRET)]),
            ("kpi.target", [("report_id.definition_id.report_ids", "any", [over])]),
            ("kpi.calendar", [("definition_ids.report_ids", "any", [over])]),
            (
                "kpi.definition.category",
                [("definition_ids.report_ids.current_value", *over[1:])],
            ),
        ]
        for persona in ("user", "manager", "leader"):
            for model, domain in cases:
                with self.subTest(persona=persona, model=model, domain=domain):
                    own = self.as_user(persona, model)
                    self.assertEqual(own.search_count(domain), 0)
                    self.assertFalse(own._read_group(domain, ["id"], ["__count"]))
        for model, domain in cases:
            if "category" in model or "category" in str(domain):
                continue  # the definitions here have none
            with self.subTest(model=model, domain=domain):
                self.assertTrue(self.env[model].search_count(domain), "finds nothing")

    def test_bypass_operators_are_not_for_callers(self):
        own = self.as_user("user", "kpi.definition")
        domain = [("report_ids", "any!", [("current_value", ">", SECRET - 1)])]
        with self.assertRaises(ValueError):
            own.search_count(domain)

    def test_groups_hold_visible_kpis_only(self):
        for persona in ("user", "manager", "parent", "user_b"):
            own = self.as_user(persona, "kpi.measurement")
            seen = {self.report[key] for key in self.seen(persona)}
            groups = own._read_group([], ["report_id"], ["value:max", "__count"])
            with self.subTest(persona=persona):
                self.assertEqual({report.sudo() for report, *_more in groups}, seen)
                (formatted,) = own.formatted_read_group([], [], ["value:max"])
                highest = max(value for _report, value, _count in groups)
                self.assertEqual(formatted["value:max"], highest)
                is_shown = self.report["sam"] in seen
                self.assertEqual(highest >= SECRET, is_shown)

    def test_groups_by_way_of_a_kpi(self):
        own = self.as_user("user", "kpi.measurement")
        groups = own._read_group([], ["report_id.user_id"], ["__count"])
        users = {user.id for user, _count in groups}
        self.assertNotIn(self.users["sam"].id, users)

    def test_x2many_of_what_is_visible(self):
        definition = self.as_user("user", "kpi.definition").browse(
            self.definition["a"].id
        )
        self.assertEqual(definition.report_ids.ids, self.report["uma"].ids)
        self.assertEqual(definition.report_count, 1)
        self.assertEqual(
            definition.report_ids.measurement_ids.report_id.ids, self.report["uma"].ids
        )

    def test_fields_of_hidden_records(self):
        for model in GUARDED[1:]:
            own = self.as_user("user", model)
            record = own.browse(self.records[model]["sam"].id)
            for name in set(record._fields) - {"id"}:  # ids are known by who asks
                with self.subTest(model=model, field=name):
                    with self.assertRaises(AccessError):
                        record.read([name])

    def test_computed_fields_show_no_hidden_values(self):
        """Whatever is shown on a definition holds no value of a hidden KPI."""
        total = self.env["kpi.definition"].create(
            {
                "name": "Twice",
                "code": "access_twice",
                "company_id": self.a.id,
                "calendar_id": self.definition["a"].calendar_id.id,
                "computation": "formula",
                "formula": "access_a * 2",
            }
        )
        company = self.report["company"]
        facts = self.env["kpi.measurement"]
        today = self.definition["a"].calendar_id._today().replace(day=1)
        facts._upsert("month", [(company.id, today, SECRET)], source="external")
        for persona in ("user", "manager", "parent"):
            own = self.as_user(persona, "kpi.definition")
            for definition in own.browse([total.id, self.definition["a"].id]):
                for name in definition._fields:
                    with self.subTest(persona=persona, field=name):
                        try:
                            shown = repr(definition.read([name]))
                        except AccessError:
                            continue
                        self.assertNotIn(str(SECRET), shown)
                        self.assertNotIn(str(SECRET * 2), shown)

    def test_onchange_shows_no_hidden_kpi(self):
        """A form that is filled in answers what its reader may see."""
        own = self.as_user("manager", "kpi.target")
        spec = {"report_id": {"fields": {"display_name": {}, "current_value": {}}}}
        for key in ("ops", "b_company"):
            with self.subTest(report=key):
                try:
                    answer = own.onchange(
                        {"report_id": self.report[key].id}, ["report_id"], spec
                    )
                except AccessError:
                    continue
                self.assertNotIn("current_value", repr(answer))

    def test_defaults_say_nothing_of_a_hidden_kpi(self):
        """The first day of a new target depends on whether there are targets."""
        hidden = {"default_report_id": self.report["sam"].id}
        own = self.as_user("user", "kpi.target").with_context(**hidden)
        self.assert_refused(lambda: own.default_get(["date_from"]), AccessError)

    def test_dialogs_about_a_hidden_kpi(self):
        hidden = {"report_id": self.report["sam"].id}
        seen = {"report_id": self.report["uma"].id}
        period = {"grain": "month", "period_start": PERIOD}
        for model, values in (
            ("kpi.value.entry", {"day": PERIOD}),
            ("kpi.explanation", period),
        ):
            own = self.as_user("user", model)
            dialog = own.create({**values, **seen})
            for way, action in (
                ("create", lambda own=own, v=values: own.create({**v, **hidden})),
                ("write", lambda dialog=dialog: dialog.write(hidden)),
                (
                    "onchange",
                    lambda own=own: own.onchange(hidden, ["report_id"], {"unit": {}}),
                ),
            ):
                with self.subTest(model=model, way=way):
                    self.assert_refused(action, AccessError)

    def test_only_who_may_enter_is_asked_for_a_value(self):
        self.as_user("user", "kpi.report").browse(
            self.report["uma"].id
        ).action_enter_value()
        hidden = self.as_user("user", "kpi.report").browse(self.report["sam"].id)
        self.assert_refused(hidden.action_enter_value, AccessError)

    def test_all_reports_are_there(self):
        self.assertEqual(set(self.report), set(REPORTS))
