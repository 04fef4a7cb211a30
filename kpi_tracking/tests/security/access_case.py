from contextlib import contextmanager
from datetime import date

from odoo import Command
from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.security.access_case import PERIOD, AccessMixin
from odoo.addons.kpi_base.tests.world import builder, found, keep

from .access_oracle import REPORTS, SCORECARD_LINES, SCORECARDS

# of KPIs: two companies, or none
OWNERS = ("a", "b", "common")


class KpiAccessMixin(AccessMixin):
    """The people and KPIs of ``access_oracle.py``; no engine run, values by hand."""

    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        case._find_people()
        calendars = env["kpi.calendar"].search([])
        case._make_definitions()
        case._make_reports()
        # other classes make one of the main company
        (env["kpi.calendar"].search([]) - calendars).is_default = False
        kpis = {f"definition_{key}": one for key, one in case.definition.items()}
        untracked = zip(OWNERS, case.untracked.values(), strict=True)
        kpis |= {f"untracked_{key}": one for key, one in untracked}
        kpis |= {f"report_{key}": one for key, one in case.report.items()}
        keep(env, "kpi_access", second=case.second, **kpis)

    @classmethod
    def _find_kpis(cls):
        found(cls, "kpi_access", "second")
        cls.definition = cls._find_all("kpi_access_definition", *OWNERS)
        companies = (cls.a, cls.b, cls.env["res.company"])
        untracked = cls._find_all("kpi_access_untracked", *OWNERS)
        cls.untracked = dict(zip(companies, untracked.values(), strict=True))
        cls.report = cls._find_all("kpi_access_report", *REPORTS)

    @classmethod
    def _make_records(cls):
        cls._find_kpis()
        return {
            **super()._make_records(),
            "kpi.report": cls.report,
            **cls._records_of_reports(),
            **cls._records_of_companies(),
            **cls._scorecards(),
        }

    @classmethod
    def _make_definitions(cls):
        companies = {**cls.company, "common": cls.env["res.company"]}
        cls.definition = {
            key: cls._definition(key, company) for key, company in companies.items()
        }
        cls.second = cls._definition("second", cls.a)
        cls.untracked = {
            company: cls._definition(f"untracked_{key}", company)
            for key, company in companies.items()
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
        with cls._as_colleagues(uma):
            cls.report = {
                key: cls.env["kpi.report"].create({**default, **values[key]})
                for key in REPORTS
            }

    @classmethod
    @contextmanager
    def _as_colleagues(cls, user):
        """Share with somebody who works in both companies, and later in one again."""
        companies = user.company_ids
        user.company_ids = cls.a | cls.b
        yield
        user.company_ids = companies

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
        cls.env.cr.execute(
            """
            INSERT INTO kpi_restatement
                   (report_id, grain, period_start, settled_on, settled_value,
                    new_value, is_gone, cause, restated_on)
            SELECT report_id, grain, period_start, replaced_at, old_value, new_value,
                   FALSE, cause, replaced_at
              FROM kpi_measurement_revision
             WHERE report_id = ANY(%s)
            """,
            [[report.id for report in cls.report.values()]],
        )
        return cls._entries_owed() | {
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
                "kpi.restatement",
                "kpi.measurement.breakdown",
            )
        }

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
            **cls._calendars(),
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
    def _gallery(cls):
        theme = cls._named("kpi.gallery.set")
        kpi = cls._named(
            "kpi.gallery.kpi", set_id=theme.id, code="access", entry={"code": "access"}
        )
        return {
            "kpi.gallery.set": {"common": theme},
            "kpi.gallery.kpi": {"common": kpi},
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
            key: cls.env["kpi.job"]._enqueue_computation(
                "Access", "recompute", definition
            )
            for key, definition in measured.items()
        }
        return {
            "kpi.definition.breakdown": {
                key: definition.breakdown_ids for key, definition in measured.items()
            },
            "kpi.definition.version": {
                key: cls.env["kpi.definition.version"].create(
                    {"definition_id": definition.id, "valid_from": "2026-01-01"}
                )
                for key, definition in measured.items()
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
        return {
            "kpi.calendar": calendars,
            "kpi.calendar.day": {
                "common": cls.env["kpi.calendar.day"].create(
                    {"shape": "access", "grain": "month", **span}
                )
            },
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
        with cls._as_colleagues(cls.users["user_b"]):
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

    def seen(self, persona):
        """Keys of the KPIs that this person finds and may open: both must agree."""
        reports = self.as_user(persona, "kpi.report")
        keys_of = {report.id: key for key, report in self.report.items()}
        found = reports.search([("id", "in", [*keys_of])])
        keys = {keys_of[each.id] for each in found}
        allowed = reports.browse(keys_of)._filtered_access("read")
        opened = {keys_of[each.id] for each in allowed}
        self.assertEqual(keys, opened, f"{persona}: found, but not to be opened")
        return keys


class KpiAccessCase(KpiAccessMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()
