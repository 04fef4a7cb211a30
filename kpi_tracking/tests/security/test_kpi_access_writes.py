from contextlib import suppress

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_base.tests.security.access_case import KPI, PERIOD

from .access_case import KpiAccessCase
from .access_oracle import PERSONAS, SEEN

FACTS = (
    "kpi.measurement",
    "kpi.measurement.revision",
    "kpi.restatement",
    "kpi.measurement.breakdown",
    "kpi.submission",
    "kpi.target.value",
)
NEVER_WRITTEN = ("id", "create_uid", "create_date", "write_uid", "write_date")


@tagged("post_install", "-at_install")
class TestKpiAccessWrites(KpiAccessCase):
    """Who may change what, beyond the rows: fields, moves and ways around ``write``."""

    # Managers

    def test_manager_shares_within_the_tree(self):
        north = self.as_user("manager", "kpi.report").browse(self.report["north"].id)
        north.shared_user_ids = [Command.link(self.users["user"].id)]
        self.assertEqual(self.seen("user"), SEEN["user"] | {"north"})

    def test_manager_shares_with_people_of_the_own_company_only(self):
        """Nobody else could look at the KPI, however it is shared."""
        stranger = [Command.link(self.users["user_b"].id)]
        north = self.as_user("manager", "kpi.report").browse(self.report["north"].id)
        for name in ("shared_user_ids", "submitter_ids"):
            with self.subTest(field=name):
                self.assert_refused(
                    lambda name=name: north.write({name: stranger}), UserError
                )
        groups = self.as_user("manager", "kpi.report.group")
        own = groups.create({"name": "Own", "department_id": self.north.id})
        own.member_ids = [Command.link(self.users["sam"].id)]
        self.assert_refused(lambda: own.write({"member_ids": stranger}), UserError)

    def test_manager_may_not_share_on_what_is_shared_with_them(self):
        self.report["ops"].shared_user_ids = self.users["manager"]
        ops = self.as_user("manager", "kpi.report").browse(self.report["ops"].id)
        self.assertTrue(ops.has_access("read"))
        self.assert_refused(
            lambda: ops.write({"shared_user_ids": [Command.link(self.users["sam"].id)]})
        )
        targets = ops.env["kpi.target"]
        self.assert_refused(
            lambda: targets.create(
                {"report_id": ops.id, "date_from": "2026-05-01", "value": 1.0}
            )
        )
        self.assert_refused(lambda: ops.target_ids.write({"value": 1.0}))
        self.assert_refused(ops.target_ids.unlink)

    def test_manager_changes_nothing_else_on_a_kpi(self):
        north = self.as_user("manager", "kpi.report").browse(self.report["north"].id)
        theirs = {"shared_user_ids", "submitter_ids", "target_ids"}
        names = set(north._fields) - {*theirs, *NEVER_WRITTEN}
        for name in sorted(names):
            with self.subTest(field=name):
                self.assert_refused(
                    lambda name=name: north.write({name: self._same(north, name)}),
                    AccessError,
                )

    def _same(self, report, name):
        """The value that the field has already, in the form of ``write``."""
        field = report._fields[name]
        return field.convert_to_write(report.sudo()[name], report)

    def test_target_stays_with_its_kpi(self):
        """The rules look at a row before it is written: a move would leave the tree."""
        own = self.as_user("manager", "kpi.target")
        target = own.create(
            {
                "report_id": self.report["north"].id,
                "date_from": "2026-06-01",
                "value": 1.0,
            }
        )
        self.assert_refused(lambda: target.write({"report_id": self.report["ops"].id}))
        self.assert_refused(
            lambda: target.web_save({"report_id": self.report["ops"].id}, {})
        )

    def test_target_of_others_is_not_taken_over(self):
        north = self.as_user("manager", "kpi.report").browse(self.report["north"].id)
        foreign = self.records["kpi.target"]["ops"]
        for command in (
            Command.link(foreign.id),
            Command.update(foreign.id, {"value": 1.0}),
            Command.set(foreign.ids),
            Command.unlink(foreign.id),
            Command.delete(foreign.id),
        ):
            with self.subTest(command=command[0]):
                self.env.invalidate_all()
                with suppress(UserError), self.env.cr.savepoint():
                    north.write({"target_ids": [command]})
                self.env.invalidate_all()
                self.assertEqual(foreign.exists().report_id, self.report["ops"])
                self.assertEqual(foreign.value, 120.0)

    # Facts

    def test_nobody_writes_facts(self):
        for model in FACTS:
            fact = self.records[model]["uma"]
            columns = ["report_id/.id", "grain", "period_start"]
            row = [str(self.report["uma"].id), "month", "2026-02-01"]
            for persona in PERSONAS:
                own = self.as_user(persona, model).browse(fact.id)
                ways = {
                    "copy": own.copy,
                    "web_save": lambda own=own: own.web_save({"grain": "day"}, {}),
                    "create": lambda own=own: own.create(
                        {"report_id": self.report["uma"].id, "period_start": PERIOD}
                    ),
                    "name_create": lambda own=own: own.name_create("2026-02-01"),
                }
                for way, action in ways.items():
                    with self.subTest(persona=persona, model=model, way=way):
                        before = self._facts()
                        with (
                            suppress(UserError, ValueError),
                            self.env.cr.savepoint(),
                        ):
                            action()
                        self.env.invalidate_all()
                        self.assertEqual(self._facts(), before)
                with self.subTest(persona=persona, model=model, way="load"):
                    before = self._facts()
                    try:
                        outcome = own.load(columns, [row])
                    except AccessError:
                        continue
                    self.assertFalse(outcome["ids"])
                    self.assertEqual(self._facts(), before)

    def _facts(self):
        """All facts, as the database has them."""
        self.env.flush_all()
        found = []
        for model in FACTS:
            table = self.env[model]._table
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")  # a fixed name
            found.append(self.env.cr.fetchall())
        return found

    def test_facts_are_not_written_through_a_kpi(self):
        for persona in PERSONAS:
            report = self.as_user(persona, "kpi.report").browse(self.report["uma"].id)
            fact = self.records["kpi.measurement"]["uma"]
            for command in (
                Command.create({"period_start": "2026-03-01", "value": 1.0}),
                Command.update(fact.id, {"value": 1.0}),
                Command.delete(fact.id),
            ):
                with self.subTest(persona=persona, command=command[0]):
                    self.assert_refused(
                        lambda report=report, command=command: report.write(
                            {"measurement_ids": [command]}
                        )
                    )

    def test_kept_values_are_not_written(self):
        """What the engine keeps on a KPI is “readonly”: by RPC as on the screen."""
        values = {
            "current_value": 999.0,
            "has_value": True,
            "status": "on_target",
            "achievement": 120.0,
            "target_value": 1.0,
            "last_measured_at": "2026-01-01 00:00:00",
            "computation_error": "nothing",
            "name": "Another name",
            "scope_id": 1,
            "frequency": "day",
        }
        for persona in ("manager", "officer_ab", "admin"):
            own = self.as_user(persona, "kpi.report")
            for name, value in values.items():
                with self.subTest(persona=persona, field=name):
                    self._test_kept_value(own, {name: value})

    def _test_kept_value(self, own, kept):
        north = own.browse(self.report["north"].id)
        new = {"definition_id": self.untracked[self.a].id, **kept}
        for action in (
            lambda: north.write(kept),
            lambda: north.web_save(kept, {}),
            lambda: own.create(new),
            lambda: own.web_save(new, {}),
            lambda: north.copy(new),
        ):
            self.assert_refused(action, AccessError)

    def test_kept_values_are_not_proposed(self):
        """Neither by the context of the request nor by a default of the user's own."""
        kept = {
            "current_value": 999.0,
            "status": "on_target",
            "scope_id": 1,
            "computation_error": "nothing",
        }
        own = self.as_user("officer_a", "kpi.report")
        own.env["ir.default"].set("kpi.report", "achievement", 120.0, user_id=True)
        proposed = {f"default_{name}": value for name, value in kept.items()}
        report = own.with_context(**proposed).create(
            {"definition_id": self.untracked[self.a].id}
        )
        self.assertEqual(report.scope_id, self.a.id)
        self.assertEqual(report.status, "no_data")
        self.assertEqual(report.distance_percent, -1.0)
        for name in ("current_value", "achievement", "computation_error"):
            self.assertFalse(report[name], name)

    def test_engine_fields_of_a_definition_are_not_proposed(self):
        proposed = {
            "default_computation_error": "nothing",
            "default_stale_from": "2026-01-01",
        }
        own = self.as_user("officer_a", "kpi.definition").with_context(**proposed)
        definition = own.create({"name": "New"})
        self.assertFalse(definition.computation_error)
        self.assertFalse(definition.sudo().stale_from)

    def test_kept_values_are_not_imported(self):
        own = self.as_user("officer_a", "kpi.report")
        names = ["definition_id/.id", "current_value"]
        row = [str(self.untracked[self.a].id), "999"]
        outcome = own.load(names, [row])
        self.assertFalse(outcome["ids"])
        self.assertIn("current_value", outcome["messages"][0]["message"])
        self.assertTrue(own.load(names[:1], [row[:1]])["ids"])

    def test_copy_takes_no_values_along(self):
        own = self.as_user("officer_a", "kpi.report").browse(self.report["north"].id)
        self.assertTrue(own.has_value)
        copied = own.copy({"definition_id": self.untracked[self.a].id})
        self.assertFalse(copied.has_value)
        self.assertFalse(copied.measurement_ids)

    def test_who_enters_values(self):
        entered = {
            "user": {"owned", "uma"},  # responsible for one, measured by the other
            "sam": {"sam"},
            "manager": {"north", "uma"},
            "leader": {"alpha"},
            "parent": SEEN["parent"],
            "officer_a": SEEN["officer_a"],
            "user_b": {"b_user"},
            "none": set(),
            "portal": set(),
        }
        for persona, allowed in entered.items():
            for key, report in self.report.items():
                with self.subTest(persona=persona, report=key):
                    done = self.is_done(
                        lambda persona=persona, report=report: self._enter(
                            persona, report
                        )
                    )
                    self.assertEqual(done, key in allowed)

    def _enter(self, persona, report):
        dialog = self.env["kpi.value.entry"].with_user(self.users[persona])
        values = {"report_id": report.id, "day": "2026-01-15", "value_text": "7"}
        values["reason"] = "Counted again"
        dialog.create(values).action_enter()
        fact = report.measurement_ids.filtered(lambda row: row.period_start == PERIOD)
        self.assertEqual(fact.value, 7.0)
        self.assertEqual(fact.recorded_by_id, self.users[persona])

    def test_dialog_of_somebody_else(self):
        dialog = self.env["kpi.value.entry"].with_user(self.users["user"])
        values = {"report_id": self.report["owned"].id, "day": "2026-01-15"}
        own = dialog.create({**values, "value_text": "5", "note": "Mine"})
        other = own.with_user(self.users["sam"])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            other.read(["note", "value_text"])

    # Officers

    def test_officer_stays_in_the_own_companies(self):
        own = self.as_user("officer_a", "kpi.report")
        common = self.untracked[self.env["res.company"]]
        report = own.create({"definition_id": common.id})
        self.assert_refused(lambda: report.write({"company_id": self.b.id}))
        self.assert_refused(
            lambda: own.create({"definition_id": common.id, "company_id": self.b.id})
        )

    def test_what_is_stored_and_hidden_may_stay(self):
        """Somebody who sees more chose it; the others go on with the target."""
        target = self.report["north"].target_ids[:1]
        hidden = {"source_definition_id": self.definition["b"].id}
        self.env.cr.execute(
            "UPDATE kpi_target SET source_definition_id = %s WHERE id = %s",
            (*hidden.values(), target.id),
        )
        target.invalidate_recordset()
        own = self.as_user("officer_a", "kpi.target").browse(target.id)
        own.write({**hidden, "value": 5.0})
        own.onchange(hidden, list(hidden), {"value": {}})
        self.assertEqual(own.web_save({"value": 6.0}, {"value": {}})[0]["value"], 6.0)
        another = {"source_definition_id": self.untracked[self.b].id}
        self.assert_refused(lambda: own.write(another), AccessError)

    def test_refusals_do_not_name_a_definition_of_another_company(self):
        foreign = {"definition_id": self.untracked[self.b].id}
        own = self.as_user("officer_a", "kpi.report")
        report = own.create({"definition_id": self.untracked[self.a].id})
        in_a = {**foreign, "company_id": self.a.id}
        for action in (lambda: own.create(in_a), lambda: report.write(foreign)):
            self.assert_refused(action, AccessError)

    def test_kpi_with_values_stays_what_it_is(self):
        own = self.as_user("officer_a", "kpi.report").browse(self.report["uma"].id)
        with self.assertRaises(UserError):
            own.user_id = self.users["sam"]

    def test_officer_reads_no_wages_through_a_kpi(self):
        base = {
            "name": "Wages",
            "code": "wages",
            "computation": "records",
            "model_name": "hr.version",
            "date_field": "date_version",
            "measure": "sum",
            "measure_field": "wage",
        }
        users = {"model_name": "res.users", "date_field": "create_date"}
        count = {"measure": "count", "measure_field": False}
        paid = [("wage", ">", 1000)]
        cases = {
            "measure": {},
            "records": {**count},
            "path": {**users, "measure_field": "employee_ids.wage"},
            "filter": {
                **users,
                **count,
                "domain": "[('employee_ids.wage', '>', 1000)]",
            },
            "nested filter": {
                **users,
                **count,
                "domain": str([("employee_ids", "any", paid)]),
            },
            "nested not": {
                **users,
                **count,
                "domain": str(["!", ("employee_ids", "not any", paid)]),
            },
            "bypass": {
                **users,
                **count,
                "domain": str([("employee_ids", "any!", paid)]),
            },
            "of which": {
                **users,
                "measure": "share",
                "numerator_domain": str([("employee_ids", "any", paid)]),
            },
            "department": {
                "model_name": "hr.department",
                "date_field": "create_date",
                **count,
                "domain": str([("member_ids", "any", paid)]),
            },
            "split": {
                "model_name": "hr.department",
                "date_field": "create_date",
                **count,
                "breakdown_ids": [Command.create({"field_path": "manager_id.wage"})],
            },
            "date": {
                "model_name": "hr.department",
                **count,
                "date_field": "manager_id.contract_date_start",
            },
            "person": {
                "model_name": "hr.department",
                "date_field": "create_date",
                **count,
                "user_field": "manager_id.user_id",
            },
        }
        own = self.as_user("officer_a", "kpi.definition")
        for case, values in cases.items():
            with self.subTest(case=case):
                self.assert_refused(
                    lambda values=values: own.create({**base, **values})
                )
        plain = own.create({**base, **users, **count})
        self.assert_refused(lambda: plain.write({"domain": cases["filter"]["domain"]}))
        self.assert_refused(lambda: plain.write({"model_name": "hr.version"}))

    def test_officer_does_not_track_what_they_may_not_read(self):
        """A KPI on wages is defined by somebody who may; others do not spread it."""
        groups = KPI % "officer" + ",hr.group_hr_manager"
        personnel = new_test_user(self.env, "kpi_personnel", groups)
        wages = (
            self.env["kpi.definition"]
            .with_user(personnel)
            .create(
                {
                    "name": "Wages",
                    "code": "wages",
                    "computation": "records",
                    "model_name": "hr.version",
                    "date_field": "date_version",
                    "measure": "sum",
                    "measure_field": "wage",
                    "company_id": self.a.id,
                }
            )
        )
        own = self.as_user("officer_a", "kpi.report")
        person = self._scope("user", self.users["user"])
        self.assert_refused(lambda: own.create({"definition_id": wages.id, **person}))
        other = own.create({"definition_id": self.untracked[self.a].id, **person})
        self.assert_refused(lambda: other.write({"definition_id": wages.id}))
        tracked = own.with_user(personnel).create({"definition_id": wages.id, **person})
        self.assertEqual(tracked.user_id, self.users["user"])

    def test_officer_defines_nothing_on_the_system(self):
        own = self.as_user("officer_a", "kpi.definition")
        for model in (
            "ir.attachment",
            "ir.cron",
            "ir.config_parameter",
            "ir.mail_server",
            "res.users.apikeys",
            "auth_totp.device",
            "bus.bus",
            "kpi.measurement",
            "mail.message",
            "discuss.channel",
            "base.language.export",  # transient
            "mail.thread",  # abstract
            "no.such.model",
        ):
            values = {
                "name": "System",
                "code": "system",
                "computation": "records",
                "model_name": model,
                "date_field": "create_date",
            }
            with self.subTest(model=model):
                self.assert_refused(lambda values=values: own.create(values))

    def test_engine_fields_of_a_definition(self):
        """Which records a KPI is read from follows from its definition."""
        own = self.as_user("officer_a", "kpi.definition").browse(self.measured["a"].id)
        foreign = self.measured["b"].source_ids
        for values in (
            {"source_ids": [Command.set(foreign.ids)]},
            {"computation_error": "nothing"},
        ):
            with self.subTest(values=values):
                self.assert_refused(lambda values=values: own.write(values))
