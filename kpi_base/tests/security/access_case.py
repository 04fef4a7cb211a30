from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

from ...audit import AuditEvent
from ..approval_case import ORDER, Line, Order
from ..change_case import PRICE, Price
from ..common import add_model, make_models, open_models
from ..count_import_case import Count, CountImport, ImportOptions
from ..world import MODULE, builder, found, keep
from .access_oracle import ALL_KEYS, PERSONAS

KPI = "base.group_allow_export,kpi_base.kpi_base_group_%s"
PERIOD = date(2026, 1, 1)
EMPLOYEES = ("parent", "manager", "user", "sam", "leader", "user_b")
USERS = (*PERSONAS, "sam")
UNITS = ("sales", "north", "south", "ops", "retail", "alpha")


class AccessMixin:
    """The people of ``access_oracle.py``, and records of two companies.

    :cvar import_values: what imports are of; empty: the default
    """

    import_values = {}

    @classmethod
    def prepare_database(cls, env):
        case = builder(cls, env)
        case.a = env.company
        case.b = env["res.company"].create({"name": "Company B"})
        case._make_users()
        case._make_departments()
        people = {f"user_{key}": user for key, user in case.users.items()}
        people |= {f"employee_{key}": one for key, one in case.employee.items()}
        units = {name: getattr(case, name) for name in UNITS}
        keep(env, "access", company_b=case.b, **people, **units)

    @classmethod
    def _make_world(cls):
        cls._find_people()
        cls.records = cls._make_records()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _make_records(cls):
        """Model → key → record; an addon adds those of its own models."""
        return {
            **cls._teams(),
            **cls._imports(),
            **cls._jobs(),
            **cls._working_days(),
            **cls._api_records(),
            **cls._audit_records(),
            **cls._messages(),
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
    def _messages(cls):
        """A message of each company, which one attempt was made to send."""
        messages = {
            key: cls.env["kpi.delivery"]._queue(
                [
                    {
                        "key": f"access_{key}",
                        "subject": "Access",
                        "user_id": cls.users["officer_ab"].id,
                        "company_id": company.id,
                        "renderer": "kpi.team",
                        "lines": [{"res_model": "res.company", "res_id": company.id}],
                    }
                ]
            )
            for key, company in cls.company.items()
        }
        attempts = {
            key: cls.env["kpi.delivery.attempt"].create(
                {"delivery_id": message.id, "number": 1, "started_at": "2001-01-01"}
            )
            for key, message in messages.items()
        }
        server = cls.env["kpi.delivery.host"].create({"name": "smtp://access:25"})
        return {
            "kpi.delivery": messages,
            "kpi.delivery.attempt": attempts,
            "kpi.delivery.line": {
                key: message.line_ids for key, message in messages.items()
            },
            "kpi.delivery.host": {"server": server},
        }

    @classmethod
    def _find_people(cls):
        found(cls, "access", *UNITS)
        cls.company = {"a": cls.env.company, **cls._find_all("access_company", "b")}
        cls.a, cls.b = cls.company["a"], cls.company["b"]
        cls.users = cls._find_all("access_user", *USERS)
        cls.employee = cls._find_all("access_employee", *EMPLOYEES)

    @classmethod
    def _find_all(cls, kind, *keys):
        """Key → record of the world that was kept by case, kind and key."""
        return {key: cls.env.ref(f"{MODULE}.{kind}_{key}") for key in keys}

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
    def _named(cls, model, **values):
        return cls.env[model].create({"name": "Access", **values})

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
    def _imports(cls):
        mappings = {
            key: cls._named(
                "kpi.import.mapping", company_id=company.id, **cls.import_values
            )
            for key, company in cls.company.items()
        }
        return {
            "kpi.import": {
                key: cls.env["kpi.import"].create(
                    {"company_id": company.id, "file": b"QSxC", **cls.import_values}
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
    def _jobs(cls):
        job = cls._named("kpi.job", kind="cron")
        line = cls._named("kpi.job.line", job_id=job.id)
        return {"kpi.job": {"common": job}, "kpi.job.line": {"common": line}}

    @classmethod
    def _working_days(cls):
        companies = {**cls.company, "common": cls.env["res.company"]}
        hours = {
            key: cls._named("resource.calendar", company_id=company.id)
            for key, company in companies.items()
        }
        return {
            "kpi.working.day": {
                key: cls.env["kpi.working.day"].create(
                    {"calendar_id": each.id, "day": PERIOD, "seconds_before": 0}
                )
                for key, each in hours.items()
            },
        }

    @classmethod
    def _api_records(cls):
        scope = cls.env.ref("kpi_base.kpi_api_scope_read")
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
    def _audit_records(cls):
        """Records that logging one event leaves."""
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

    def as_user(self, persona, model):
        """``model`` as this person's next request would see it."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[model].with_user(self.users[persona])

    def is_done(self, action):
        """Check whether ``action`` is allowed; its effect is taken back."""
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


class AccessCase(AccessMixin, TransactionCase):
    """Needs no addon above: there is something to import all the same."""

    import_values = {"target_model": CountImport._name}

    @classmethod
    def prepare_database(cls, env):
        make_models(env, Count, CountImport, Order, Line, Price)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, ImportOptions)
        open_models(cls, ORDER)
        cls._make_world()

    @classmethod
    def _make_records(cls):
        return {**super()._make_records(), **cls._approvals()}

    @classmethod
    def _approvals(cls):
        owners = {**cls.company, "common": cls.env["res.company"]}
        workflows = {
            key: cls.env["kpi.approval.workflow"].create(
                {
                    "name": "Access",
                    "model": ORDER,
                    "company_id": company.id,
                    "owner_id": cls.users["admin"].id,
                }
            )
            for key, company in owners.items()
        }
        levels = {
            key: cls.env["kpi.approval.level"].create({"workflow_id": workflow.id})
            for key, workflow in workflows.items()
        }
        approvers = {
            key: cls.env["kpi.approval.approver"].create({"level_id": level.id})
            for key, level in levels.items()
        }
        steps = {
            "a": cls._step("a", "user", submitter="manager"),
            "b": cls._step("b", "user_b", submitter="user_b"),
        }
        return {
            "kpi.approval.workflow": workflows,
            "kpi.approval.level": levels,
            "kpi.approval.approver": approvers,
            "kpi.approval.delay.reason": {
                "common": cls.env["kpi.approval.delay.reason"].create(
                    {"name": "Access"}
                )
            },
            "kpi.approval.delegation": {
                key: cls.env["kpi.approval.delegation"].create(
                    {
                        "user_id": cls.users[key].id,
                        "delegate_id": cls.users[deputy].id,
                        "date_to": date(2999, 1, 1),
                    }
                )
                for key, deputy in (("user", "sam"), ("user_b", "admin"))
            },
            "kpi.approval.step": steps,
            "kpi.approval.item": {
                key: cls.env["kpi.approval.item"].browse(step.id)
                for key, step in steps.items()
            },
            "kpi.approval.change": {
                key: cls.env["kpi.approval.change"].create(
                    {
                        "res_model": PRICE,
                        "operation": "create",
                        "vals": {"amount": 1.0},
                        "subject_model": "res.company",
                        "subject_id": company.id,
                        "company_id": company.id,
                        "reason": "Access",
                    }
                )
                for key, company in cls.company.items()
            },
            "kpi.approval.link": {
                key: cls.env["kpi.approval.link"].create(
                    {
                        "step_id": step.id,
                        "user_id": step.user_id.id,
                        "content_version": "0",
                        "expires_on": date(2999, 1, 1),
                        "token_hash": key,
                    }
                )
                for key, step in steps.items()
            },
        }

    @classmethod
    def _step(cls, key, user, submitter):
        order = cls.env[ORDER].create({"company_id": cls.company[key].id})
        return cls.env["kpi.approval.step"].create(
            {
                "res_model": ORDER,
                "res_id": order.id,
                "company_id": cls.company[key].id,
                "user_id": cls.users[user].id,
                "submitter_id": cls.users[submitter].id,
                "round": 1,
                "level": 1,
                "seat": 0,
                "needed_count": 1,
                "state": "asked",
                "content_version": "0",
            }
        )
