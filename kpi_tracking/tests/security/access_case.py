from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

from ...models.audit.kpi_audit_log import AuditEvent
from .access_oracle import ALL_KEYS, REPORTS, SCORECARD_LINES, SCORECARDS

KPI = "base.group_allow_export,kpi_tracking.kpi_tracking_group_%s"
PERIOD = date(2026, 1, 1)


class KpiAccessMixin:
    """The people and KPIs of ``access_oracle.py``; no engine run, values by hand."""

    @classmethod
    def _make_world(cls):
        cls.company = {"a": cls.env.company, "b": cls._company("Company B")}
        cls.a, cls.b = cls.company["a"], cls.company["b"]
        cls._make_users()
        cls._make_departments()
        cls._make_definitions()
        cls._make_reports()
        cls.records = {
            "kpi.report": cls.report,
            **cls._records_of_reports(),
            **cls._records_of_companies(),
            **cls._scorecards(),
            **cls._api_records(),
            **cls._audit_records(),
        }
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _company(cls, name):
        return cls.env["res.company"].create({"name": name})

    @classmethod
    def _make_users(cls):
        def user(name, groups, companies=cls.a, **values):
            return new_test_user(
                cls.env,
                f"kpi_{name}",
                groups,
                name=name.capitalize(),
                company_id=companies[0].id,
                company_ids=[Command.set(companies.ids)],
                **values,
            )

        both = cls.a | cls.b
        cls.users = {
            "none": user("none", "base.group_user,base.group_allow_export"),
            "portal": user("portal", "base.group_portal"),
            "user": user("uma", KPI % "user"),
            "manager": user("mark", KPI % "manager"),
            "leader": user("lea", KPI % "manager"),
            "parent": user("paula", KPI % "manager"),
            "officer_a": user("officer_a", KPI % "officer"),
            "officer_ab": user("officer_ab", KPI % "officer", both),
            "admin": user("kpi_admin", KPI % "admin", both),
            "user_b": user("bea", KPI % "user", cls.b),
            "sam": user("sam", KPI % "user"),
        }

    @classmethod
    def _make_departments(cls):
        departments = cls.env["hr.department"]
        cls.sales = departments.create({"name": "Sales", "company_id": cls.a.id})
        below = {"company_id": cls.a.id, "parent_id": cls.sales.id}
        cls.north = departments.create({"name": "North", **below})
        cls.south = departments.create({"name": "South", **below})
        cls.ops = departments.create({"name": "Ops", "company_id": cls.a.id})
        cls.retail = departments.create({"name": "Retail", "company_id": cls.b.id})
        cls.employee = {
            key: cls._employee(key, department)
            for key, department in (
                ("parent", cls.sales),
                ("manager", cls.north),
                ("user", cls.north),
                ("sam", cls.south),
                ("leader", cls.ops),
                ("user_b", cls.retail),
            )
        }
        cls.sales.manager_id = cls.employee["parent"]
        cls.north.manager_id = cls.employee["manager"]
        cls.alpha = cls.env["kpi.team"].create(
            {
                "name": "Alpha",
                "company_id": cls.a.id,
                "leader_id": cls.users["leader"].id,
            }
        )

    @classmethod
    def _employee(cls, key, department):
        user = cls.users[key]
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": department.company_id.id,
                "department_id": department.id,
            }
        )

    @classmethod
    def _make_definitions(cls):
        cls.definition = {
            key: cls._definition(key, company)
            for key, company in (
                ("a", cls.a),
                ("b", cls.b),
                ("common", cls.env["res.company"]),
            )
        }
        cls.second = cls._definition("second", cls.a)
        cls.untracked = {
            company: cls._definition(f"untracked_{company.id or 0}", company)
            for company in (*cls.company.values(), cls.env["res.company"])
        }

    @classmethod
    def _definition(cls, key, company, **values):
        return cls.env["kpi.definition"].create(
            {
                "name": f"Access {key}",
                "code": f"access_{key}",
                "company_id": company.id,
                "calendar_id": cls.env["kpi.calendar"]
                ._company_default(company or cls.a)
                .id,
                **values,
            }
        )

    @classmethod
    def _make_reports(cls):
        uma = cls.users["user"]
        in_b = {"definition_id": cls.definition["b"].id, "company_id": cls.b.id}
        values = {
            "company": {},
            "sales": cls._scope("department", cls.sales),
            "north": cls._scope("department", cls.north),
            "south": cls._scope("department", cls.south),
            "ops": cls._scope("department", cls.ops),
            "alpha": cls._scope("team", cls.alpha),
            "uma": cls._scope("user", uma),
            "sam": cls._scope("user", cls.users["sam"]),
            "owned": {"definition_id": cls.second.id, "owner_id": uma.id},
            "shared": {
                "definition_id": cls.second.id,
                "shared_user_ids": [Command.link(uma.id)],
                **cls._scope("department", cls.ops),
            },
            "b_company": in_b,
            "b_user": {**in_b, **cls._scope("user", cls.users["user_b"])},
            "b_shared": {
                **in_b,
                **cls._scope("department", cls.retail),
                "shared_user_ids": [Command.link(uma.id)],
            },
            "b_uma": {**in_b, **cls._scope("user", uma)},
        }
        default = {
            "definition_id": cls.definition["a"].id,
            "company_id": cls.a.id,
            "scope_type": "company",
        }
        cls.report = {
            key: cls.env["kpi.report"].create({**default, **values[key]})
            for key in REPORTS
        }

    @staticmethod
    def _scope(scope_type, record):
        return {"scope_type": scope_type, f"{scope_type}_id": record.id}

    @classmethod
    def _records_of_reports(cls):
        """A target, a value, an earlier value and a part of every KPI."""
        facts = cls.env["kpi.measurement"]
        for value in (100.0, 111.0):  # the second leaves a revision of the first
            rows = [(report.id, PERIOD, value) for report in cls.report.values()]
            facts._upsert("month", rows, source="external")
        part = {"grain": "month", "period_start": PERIOD, "field_path": "x", "key": "1"}
        target = {"date_from": PERIOD, "value": 120.0}
        for report in cls.report.values():
            cls.env["kpi.target"].create({"report_id": report.id, **target})
            cls.env["kpi.submission"].create(
                {"report_id": report.id, "period_start": PERIOD, "value": 5.0}
            )
            cls.env["kpi.measurement.breakdown"].create(
                {"report_id": report.id, "value": 5.0, **part}
            )
        notes = {
            key: cls.env["kpi.annotation"].create(
                {"report_id": report.id, "date": PERIOD, "text": "Access"}
            )
            for key, report in cls.report.items()
        }
        return (
            {"kpi.annotation": notes}
            | cls._entries_owed()
            | {
                model: {
                    key: cls.env[model].search([("report_id", "=", report.id)])[-1]
                    for key, report in cls.report.items()
                }
                for model in (
                    "kpi.target",
                    "kpi.submission",
                    "kpi.target.value",
                    "kpi.measurement",
                    "kpi.measurement.revision",
                    "kpi.measurement.breakdown",
                )
            }
        )

    @classmethod
    def _entries_owed(cls):
        """An entry of each KPI, owed by somebody who is none of the people."""
        duties = {
            key: cls.env["kpi.entry.duty"].create(
                {
                    "report_id": report.id,
                    "user_id": cls.env.ref("base.user_admin").id,
                    "grain": "month",
                    "period_start": PERIOD,
                    "period_stop": date(2026, 2, 1),
                    "due_date": date(2026, 2, 6),
                }
            )
            for key, report in cls.report.items()
        }
        dues = cls.env["kpi.entry.due"]
        return {
            "kpi.entry.duty": duties,
            "kpi.entry.due": {key: dues.browse(row.id) for key, row in duties.items()},
        }

    @classmethod
    def _records_of_companies(cls):
        """Model → company key → record."""
        return {
            "kpi.definition": {
                "common": cls.untracked[cls.env["res.company"]],
                **{key: cls.untracked[each] for key, each in cls.company.items()},
            },
            **cls._records_of_sources(),
            **cls._tables(),
            **cls._dashboards(),
            "kpi.delivery": {
                key: cls.env["kpi.delivery"]._queue(
                    [
                        {
                            "key": f"access_{key}",
                            "subject": "Access",
                            "user_id": cls.users["officer_ab"].id,
                            "company_id": company.id,
                        }
                    ]
                )
                for key, company in cls.company.items()
            },
            **cls._imports(),
            **cls._calendars(),
            **cls._teams(),
            "kpi.definition.category": {
                "common": cls._named("kpi.definition.category")
            },
            "kpi.tag": {"common": cls._named("kpi.tag")},
            **cls._gallery(),
            "kpi.tracking.rule": {
                key: cls._named(
                    "kpi.tracking.rule",
                    company_id=company.id,
                    definition_ids=cls.untracked[company].ids,
                )
                for key, company in cls.company.items()
            },
            "kpi.gauge.widget": {"common": cls._named("kpi.gauge.widget")},
            "kpi.currency.rate": {
                key: cls.env["kpi.currency.rate"].create(
                    {
                        "company_id": company.id,
                        "currency_id": company.currency_id.id,
                        "day": date(2001, 1, 1),
                        "rate": 1.0,
                    }
                )
                for key, company in cls.company.items()
            },
        }

    @classmethod
    def _tables(cls):
        """A saved table of each company and its mail, of the officer of both."""
        owner = cls.users["officer_ab"]
        tables = {
            key: cls._named(
                "kpi.period.report",
                company_id=company.id,
                is_shared=True,
                owner_id=owner.id,
            )
            for key, company in cls.company.items()
        }
        return {
            "kpi.period.report": tables,
            "kpi.period.report.schedule": {
                key: cls.env["kpi.period.report.schedule"].create(
                    {"period_report_id": table.id, "user_ids": owner.ids}
                )
                for key, table in tables.items()
            },
        }

    @classmethod
    def _dashboards(cls):
        """Dashboards that all KPI users share, of the officer of both companies."""
        owner = cls.users["officer_ab"]
        shared = {
            "owner_id": owner.id,
            "group_ids": cls.env.ref("kpi_tracking.kpi_tracking_group_user").ids,
        }
        card, used = (
            cls.env["kpi.dashboard.card"].create({"name": name})
            for name in ("Access", "Used")
        )
        dashboards = {
            key: cls._named("kpi.dashboard", company_id=company.id, **shared)
            for key, company in {
                **cls.company,
                "common": cls.env["res.company"],
            }.items()
        }
        of_dashboards = {
            "kpi.dashboard.tile": {"card_id": used.id},
            "kpi.dashboard.filter": {"user_id": owner.id},
        }
        for dashboard in dashboards.values():
            dashboard.viewed()
        visits = cls.env["kpi.dashboard.visit"]
        return {
            "kpi.dashboard": dashboards,
            "kpi.dashboard.visit": {
                key: visits.search([("dashboard_id", "=", dashboard.id)])
                for key, dashboard in dashboards.items()
            },
            "kpi.dashboard.card": {"common": card},
            "kpi.dashboard.share": {
                key: cls._named(
                    "kpi.dashboard.share",
                    dashboard_id=dashboard.id,
                    user_id=owner.id,
                    token_hash=f"access {key}",
                    expires_on=date(2100, 1, 1),
                )
                for key, dashboard in dashboards.items()
            },
            "kpi.dashboard.schedule": {
                key: cls.env["kpi.dashboard.schedule"].create(
                    {"dashboard_id": dashboard.id, "user_ids": owner.ids}
                )
                for key, dashboard in dashboards.items()
            },
            **{
                model: {
                    key: cls._named(model, dashboard_id=dashboard.id, **values)
                    for key, dashboard in dashboards.items()
                }
                for model, values in of_dashboards.items()
            },
        }

    @classmethod
    def _audit_records(cls):
        """What logging one event leaves."""
        event = AuditEvent(cls.env.user, "access", {}, {"note": "Access"})
        entry = cls.env["kpi.audit.log"]._append([event])
        found = {
            "kpi.audit.log": entry,
            "kpi.audit.anchor": cls.env["kpi.audit.anchor"]._anchor(),
            "kpi.audit.head": cls.env["kpi.audit.head"].search([], limit=1),
            "kpi.audit.leaf": cls.env["kpi.audit.leaf"].search([], limit=1),
            "kpi.audit.personal": cls.env["kpi.audit.personal"].search([], limit=1),
        }
        return {model: {"common": record} for model, record in found.items()}

    @classmethod
    def _named(cls, model, **values):
        return cls.env[model].create({"name": "Access", **values})

    @classmethod
    def _imports(cls):
        mappings = {
            key: cls._named("kpi.import.mapping", company_id=company.id)
            for key, company in cls.company.items()
        }
        return {
            "kpi.import": {
                key: cls.env["kpi.import"].create(
                    {"company_id": company.id, "file": b"QSxC"}
                )
                for key, company in cls.company.items()
            },
            "kpi.import.mapping": mappings,
            "kpi.import.column": {
                key: cls._named("kpi.import.column", mapping_id=mapping.id)
                for key, mapping in mappings.items()
            },
        }

    @classmethod
    def _gallery(cls):
        theme = cls._named("kpi.gallery.set")
        kpi = cls._named(
            "kpi.gallery.kpi", set_id=theme.id, code="access", entry={"code": "access"}
        )
        return {
            "kpi.gallery.set": {"common": theme},
            "kpi.gallery.kpi": {"common": kpi},
            "kpi.gallery.dashboard": {
                "common": cls._named(
                    "kpi.gallery.dashboard", entry={"name": "Access", "tiles": []}
                )
            },
        }

    @classmethod
    def _records_of_sources(cls):
        measured = {
            key: cls._definition(
                f"{key}_partners",
                company,
                computation="records",
                model_name="res.partner",
                date_field="create_date",
                breakdown_ids=[Command.create({"field_path": "country_id"})],
            )
            for key, company in (
                *cls.company.items(),
                ("common", cls.env["res.company"]),
            )
        }
        cls.measured = measured
        jobs = {
            key: cls.env["kpi.job"]._enqueue("Access", "recompute", definition)
            for key, definition in measured.items()
        }
        return {
            "kpi.definition.breakdown": {
                key: definition.breakdown_ids for key, definition in measured.items()
            },
            "kpi.source": {
                key: definition.source_ids for key, definition in measured.items()
            },
            "kpi.job": jobs,
            "kpi.job.line": {
                key: cls._named("kpi.job.line", job_id=job.id)
                for key, job in jobs.items()
            },
        }

    @classmethod
    def _calendars(cls):
        none = cls.env["res.company"]
        companies = {**cls.company, "common": none}
        calendars = {
            key: cls._named("kpi.calendar", company_id=company.id, tz="UTC")
            for key, company in companies.items()
        }
        span = {"day": PERIOD, "period_start": PERIOD, "period_stop": date(2026, 2, 1)}
        hours = {
            key: cls._named("resource.calendar", company_id=company.id)
            for key, company in companies.items()
        }
        return {
            "kpi.calendar": calendars,
            "kpi.calendar.day": {
                key: cls.env["kpi.calendar.day"].create(
                    {"calendar_id": calendar.id, "grain": "month", **span}
                )
                for key, calendar in calendars.items()
            },
            "kpi.working.day": {
                key: cls.env["kpi.working.day"].create(
                    {"calendar_id": each.id, "day": PERIOD, "seconds_before": 0}
                )
                for key, each in hours.items()
            },
        }

    @classmethod
    def _teams(cls):
        teams = {
            key: cls._named("kpi.team", company_id=company.id)
            for key, company in cls.company.items()
        }
        person = {"user_id": cls.users["sam"].id}
        stay = {"scope_type": "team", "date_from": PERIOD, "date_to": date(2027, 1, 1)}
        return {
            "kpi.team": teams,
            "kpi.team.member": {
                key: cls.env["kpi.team.member"].create({"team_id": team.id, **person})
                for key, team in teams.items()
            },
            "kpi.membership": {
                key: cls.env["kpi.membership"].create(
                    {
                        "company_id": team.company_id.id,
                        "scope_id": team.id,
                        **person,
                        **stay,
                    }
                )
                for key, team in teams.items()
            },
        }

    @classmethod
    def _api_records(cls):
        scope = cls.env.ref("kpi_tracking.kpi_api_scope_read")
        values = {"name": "Access", "scope_ids": [Command.link(scope.id)]}
        expires_at = datetime.now() + timedelta(days=1)
        return {
            "kpi.api.scope": {"common": scope},
            "kpi.api.key": {
                key: cls.env["kpi.api.key"]
                .with_user(cls.users[key])
                ._generate(values, expires_at)[1]
                .with_user(cls.env.user)
                for key in ALL_KEYS
            },
            "kpi.api.log": {"common": cls.env["kpi.api.log"].create({"status": 200})},
        }

    @classmethod
    def _scorecards(cls):
        values = {
            "a_north": {"department_id": cls.north.id},
            "a_owned": {"owner_id": cls.users["user"].id},
            "a_led": {"owner_id": cls.users["leader"].id},
            "a_member": {
                "member_ids": [
                    Command.link(cls.users[each].id) for each in ("user", "user_b")
                ]
            },
        }
        scorecards = {
            key: cls._named(
                "kpi.report.group",
                company_id=cls.company[key[0]].id,
                **{"owner_id": False, **values.get(key, {})},
            )
            for key in SCORECARDS
        }
        return {
            "kpi.report.group": scorecards,
            "kpi.report.group.line": {
                key: cls.env["kpi.report.group.line"].create(
                    {
                        "group_id": scorecards[scorecard].id,
                        "report_id": cls.report[report].id,
                    }
                )
                for key, (scorecard, report) in SCORECARD_LINES.items()
            },
        }

    def as_user(self, persona, model):
        """``model`` as this person's next request would see it."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[model].with_user(self.users[persona])

    def is_done(self, action):
        """Whether ``action`` is allowed; its effect is taken back."""
        savepoint = self.env.cr.savepoint()
        try:
            with mute_logger("odoo.addons.base.models.ir_rule", "odoo.models"):
                action()
                self.env.flush_all()
        except UserError:  # AccessError is one
            return False
        else:
            return True
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def assert_refused(self, action, error=UserError):
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(error):
            action()
            self.env.flush_all()
        self.env.invalidate_all(flush=False)

    def seen(self, persona):
        """Keys of the KPIs that this person finds and may open: both must agree."""
        reports = self.as_user(persona, "kpi.report")
        every = {key: reports.browse(each.id) for key, each in self.report.items()}
        found = reports.search([("id", "in", [each.id for each in every.values()])])
        keys = {key for key, each in every.items() if each in found}
        opened = {key for key, each in every.items() if each.has_access("read")}
        self.assertEqual(keys, opened, f"{persona}: found, but not to be opened")
        return keys


class KpiAccessCase(KpiAccessMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()
