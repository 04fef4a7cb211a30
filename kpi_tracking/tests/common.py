"""Records to measure, and how the tests read and check what the engine computed.

The source is a model made for the tests, with a field of every kind that a KPI can
read. Expected values are computed in plain Python over ``search_read`` of all records.
"""

import math
import statistics
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.kpi_base.tests.common import ClockMixin
from odoo.addons.kpi_base.tests.world import UNIQUE, builder, found, keep

from ..models.source.kpi_source import KpiSource

# a class may have a KPI of the same name as one of the world of another
UNIQUE["kpi_definition"] = "code"

MODEL = "x_kpi_deal"
FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)
SCOPE_FIELDS = {
    "company_field": "x_company_id",
    "user_field": "x_user_id",
}


def local_day(moment, tz):
    """Local date of a moment in UTC; a date stays as it is."""
    if not isinstance(moment, datetime):
        return moment
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(tz)).date()


def month_of(day):
    """First day of the calendar month that holds ``day``."""
    return day.replace(day=1)


def percentile(values, percent):
    """Linear interpolation between the closest ranks (Hyndman & Fan 1996, type 7)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def weighted_mean(pairs):
    """Mean of values by weight; None where the weights add up to nothing."""
    total = math.fsum(weight for _value, weight in pairs)
    if not total:
        return None
    return math.fsum(value * weight for value, weight in pairs) / total


def measured(measure, values, percent=90.0):
    """Plain aggregate of ``values``; None where there is nothing to aggregate."""
    if measure == "count":
        return float(len(values))
    if measure == "distinct":
        return float(len(set(values)))
    if measure == "sum":
        return math.fsum(values)
    if not values:
        return None
    functions = {
        "average": statistics.fmean,
        "weighted_average": weighted_mean,
        "min": min,
        "max": max,
        "median": statistics.median,
        "percentile": lambda known: percentile(known, percent),
    }
    return functions[measure](values)


def create_models(env):
    """Create the models ``x_kpi_stage`` and ``x_kpi_deal``, as an administrator would,
    unless they are there.
    """
    if MODEL in env:
        return
    models = env["ir.model"]
    models.create(
        {
            "name": "Deal Stage Change",
            "model": "x_kpi_stage",
            "field_id": _field_commands(
                {
                    "x_name": ("char",),
                    "x_is_won": ("boolean",),
                    "x_since": ("date",),
                }
            ),
        }
    )
    models.create(
        {
            "name": "Deal",
            "model": MODEL,
            "field_id": _field_commands(
                {
                    "x_name": ("char",),
                    "x_active": ("boolean",),
                    "x_date": ("date",),
                    "x_at": ("datetime",),
                    "x_closed_date": ("date",),
                    "x_closed_at": ("datetime",),
                    "x_currency_id": ("many2one", "res.currency"),
                    "x_amount": ("monetary",),
                    "x_hours": ("float",),
                    "x_weight": ("float",),
                    "x_quantity": ("integer",),
                    "x_is_won": ("boolean",),
                    "x_company_id": ("many2one", "res.company"),
                    "x_department_id": ("many2one", "hr.department"),
                    "x_team_id": ("many2one", "kpi.team"),
                    "x_user_id": ("many2one", "res.users"),
                    "x_user_ids": ("many2many", "res.users"),
                    "x_stage_id": ("many2one", "x_kpi_stage"),
                    "x_partner_id": ("many2one", "res.partner"),
                    "x_tag_ids": ("many2many", "res.partner.category"),
                }
            ),
        }
    )


def _field_commands(types):
    commands = []
    for name, (ttype, *relation) in types.items():
        vals = {
            "name": name,
            "ttype": ttype,
            "field_description": name[2:].replace("_", " ").title(),
            "state": "manual",
        }
        if relation:
            vals["relation"] = relation[0]
        if ttype == "many2one":
            vals["on_delete"] = "set null"
        commands.append(Command.create(vals))
    return commands


class KpiCase(ClockMixin, TransactionCase):
    """A company of its own with people, and a model of deals to measure."""

    # whose company and calendar these are; a case that keeps KPIs has its own
    world = "kpi"

    @classmethod
    def prepare_database(cls, env):
        create_models(env)
        case = builder(cls, env)
        case._make_company()
        keep(env, "kpi", company=case.company, calendar=case.calendar)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.definition"].search([]).active = False
        cls.env["kpi.source"].search([]).unlink()
        cls.deal_model = cls.env["ir.model"]._get(MODEL)
        cls.deals = cls.env[MODEL]
        cls._find_company()
        cls.currency.active = True

    @classmethod
    def _make_company(cls):
        cls.currency = cls.env.ref("base.EUR")
        cls.company = cls._create_company("North")
        cls._enter_company()
        cls.calendar = cls._create_calendar()
        # here, not in each test that computes
        cls.calendar._ensure_days(date(2023, 1, 1), date(2026, 12, 31))

    @classmethod
    def _find_company(cls):
        cls.currency = cls.env.ref("base.EUR")
        found(cls, cls.world, "company")
        cls._enter_company()
        found(cls, cls.world, "calendar")

    @classmethod
    def _enter_company(cls):
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": [cls.company.id, *cls.env.companies.ids],
                "tracking_disable": True,
            }
        )

    @classmethod
    def _create_company(cls, name, **values):
        return cls.env["res.company"].create(
            {"name": name, "currency_id": cls.currency.id, **values}
        )

    @classmethod
    def _create_calendar(cls, tz="UTC", **values):
        return cls.env["kpi.calendar"].create(
            {"name": tz, "company_id": cls.company.id, "tz": tz, **values}
        )

    @classmethod
    def _create_user(cls, login, company=None, groups="base.group_user"):
        company = company or cls.company
        return new_test_user(
            cls.env, login=login, groups=groups, company_id=company.id, name=login
        )

    @classmethod
    def _create_department(cls, name, parent=None, company=None):
        return cls.env["hr.department"].create(
            {
                "name": name,
                "parent_id": parent and parent.id,
                "company_id": (company or cls.company).id,
            }
        )

    @classmethod
    def _create_sales(cls):
        """Sales with East and West below; Ann works in East, Bob nowhere yet."""
        cls.sales = cls._create_department("Sales")
        cls.east = cls._create_department("East", cls.sales)
        cls.west = cls._create_department("West", cls.sales)
        cls.ann, cls.bob = (cls._create_user(login) for login in ("ann", "bob"))
        cls.ann_employed = cls._employ(cls.ann, cls.east)

    @classmethod
    def _employ(cls, user, department, company=None, since=date(2020, 1, 1)):
        """An employee of ``user`` in ``department`` from ``since`` on."""
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": (company or cls.company).id,
                "department_id": department.id,
                "date_version": since,
            }
        )

    @classmethod
    def _transfer(cls, employee, department, on):
        """Another department from the day ``on``; the days before keep theirs."""
        return employee.create_version(
            {"date_version": on, "department_id": department.id}
        )

    @classmethod
    def _definition(cls, name="Deals", **values):
        """A monthly KPI on the deals' ``x_date``, counting for company and user."""
        return cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": cls.env["kpi.definition"]._code_from_name(name),
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                "computation": "records",
                "model_name": MODEL,
                "date_field": "x_date",
                "history_start": FIRST,
                "currency_id": cls.currency.id,
                **SCOPE_FIELDS,
                **values,
            }
        )

    @classmethod
    def _track(cls, definition, *records):
        """Reports of ``definition``, one per company, department, team or user."""
        types = {
            "res.company": "company",
            "hr.department": "department",
            "kpi.team": "team",
            "res.users": "user",
        }
        reports = cls.env["kpi.report"]
        for record in records or [cls.company]:
            reports |= definition._track_for(
                types[record._name], record, company_id=cls.company.id
            )
        return reports

    def _compute(self, first=FIRST, last=LAST, **options):
        """Compute all KPIs; how many values were written."""
        return self.env["kpi.source"]._recompute_all(first, last, **options)

    @contextmanager
    def _recomputed(self):
        """The periods that runs within this block compute, fingerprints apart."""
        periods, fill = [], KpiSource._fill

        def record(source, statement, wanted, *args, **kwargs):
            periods.extend(wanted)
            return fill(source, statement, wanted, *args, **kwargs)

        with patch.object(KpiSource, "_fill", record):
            yield periods

    def _values(self, report, grain=None):
        """Period start → value of one report."""
        facts = self.env["kpi.measurement"].search_read(
            [
                ("report_id", "=", report.id),
                ("grain", "=", grain or report.definition_id.frequency),
            ],
            ["period_start", "value"],
        )
        return {fact["period_start"]: fact["value"] for fact in facts}

    def _fact(self, report, day, grain=None):
        """The fact of the period that holds ``day``, or an empty recordset."""
        grain = grain or report.definition_id.frequency
        period = report.definition_id.calendar_id._period(grain, day)
        return self.env["kpi.measurement"].search(
            [
                ("report_id", "=", report.id),
                ("grain", "=", grain),
                ("period_start", "=", period.start),
            ]
        )

    def _all_deals(self):
        """Every record with all its fields, archived ones too."""
        return self.deals.with_context(active_test=False).search_read([], load=None)

    def assertValues(self, report, expected, grain=None, label=""):
        """Equal within 1e-9, and missing where None is expected."""
        found = self._values(report, grain)
        wanted = {key: value for key, value in expected.items() if value is not None}
        self.assertEqual(sorted(found), sorted(wanted), f"{label} periods")
        for start, value in wanted.items():
            self.assertTrue(
                math.isclose(found[start], value, rel_tol=1e-9, abs_tol=1e-9),
                f"{label} {report.name} {start}: {found[start]!r}, not {value!r}",
            )

    def assertSameAsForced(self, first=FIRST, last=LAST):
        """What the last run wrote is what computing everything anew would write."""
        written = self._compute(first, last, force=True)
        self.assertEqual(written, 0, "a forced run wrote more")


def days(first, last):
    """All days from ``first`` to ``last``, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
