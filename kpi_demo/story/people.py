"""People who work at Nordwind Components, and their places of work."""

import math
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from types import SimpleNamespace
from typing import NamedTuple

from odoo import Command

from odoo.addons.kpi_base.roles import MANAGER, USER

from .story import MONTHS, load, load_rows

FACTS = load("people")
# key, name, key of the department above; the key names the company
DEPARTMENTS = FACTS["departments"]
# key of the department whose people make the team → name
SALES_TEAMS = FACTS["sales_teams"]


COMPANIES = FACTS["companies"]
# units for one euro at the start of the story and its drift to the end
RATES = FACTS["rates"]
UNPRICED = "VES"  # used on orders, without any rate
PASSWORD = "demo"
LONG_AGO = date(2019, 4, 1)
PERSONA_GROUPS = FACTS["persona_groups"]


class Stay(NamedTuple):
    """A person in a department from a day on."""

    date_from: date
    department: str


class Person(NamedTuple):
    """A user with the departments worked in, oldest first in each company."""

    user: object
    role: SimpleNamespace
    stays: tuple[Stay, ...]

    def stays_in(self, company: str) -> Iterator[tuple[Stay, Stay | None]]:
        """Each stay in a company (its key), and the one that follows."""
        stays = [stay for stay in self.stays if stay.department[:2] == company]
        return zip_longest(stays, stays[1:])

    def works_in(self, department: str, day: date) -> bool:
        """Check whether the person is in ``department`` (its key) on ``day``."""
        return any(
            stay.department == department
            and stay.date_from <= day
            and not (following and following.date_from <= day)
            for stay, following in self.stays_in(department[:2])
        )


def find_or_create(model, names) -> dict:
    """Name → record of ``model``, such as a tag; other apps may know some of them."""
    known = {record.name: record for record in model.search([("name", "in", names)])}
    missing = [name for name in names if name not in known]
    created = model.create([{"name": name} for name in missing])
    known.update(zip(missing, created, strict=True))
    return {name: known[name] for name in names}


ROLES = load_rows(FACTS["roles"])


def create_companies(story):
    env = story.env
    codes = ["EUR", *RATES, UNPRICED]
    currencies = env["res.currency"].with_context(active_test=False)
    currencies = currencies.search([("name", "in", codes)])
    currencies.active = True
    for currency in currencies:
        story.records[f"currency_{currency.name}"] = currency
    for key, facts in COMPANIES.items():
        company = story.make("res.company", [facts["values"]])
        company.partner_id.tz = company.resource_calendar_id.tz = facts["tz"]
        _create_rates(story, story.keep(f"company_{key}", company))
    # Administrators open Odoo in the demo company.
    admin = env.ref("base.user_admin")
    admin.company_ids += story["company_de"] + story["company_us"]
    admin.company_id = story["company_de"]


def _create_rates(story, company):
    """A rate on the first of every month, from the company's own point of view."""
    rows = []
    for day in map(story.timeline.month_start, range(-MONTHS - 1, 1)):
        own = _per_euro(story, company.currency_id.name, day)
        for code in ("EUR", *RATES):
            rate = _per_euro(story, code, day) / own
            currency = f"@currency_{code}"
            rows.append({"name": day, "currency_id": currency, "rate": rate})
    rows = [{"company_id": company.id, **row} for row in rows]
    story.make("res.currency.rate", rows)


def _per_euro(story, code, day):
    """Units of a currency for one euro: a drift with a wave on it."""
    if code == "EUR":
        return 1.0
    first, drift = RATES[code]
    progress = story.timeline.progress(day)
    return first * (1.0 + drift * progress + 0.01 * math.sin(9 * progress))


def create_people(story):
    for key, name, parent in DEPARTMENTS:
        values = {"name": name, "company_id": f"@company_{key[:2]}"}
        values["parent_id"] = parent and f"@department_{parent}"
        department = story.make("hr.department", [values])
        story.keep(f"department_{key}", department)
    users = story.make("res.users", [_user_values(role) for role in ROLES])
    for role, user in zip(ROLES, users, strict=True):
        story.keep(f"user_{_slug(role.name)}", user)
        story.people.append(Person(user, role, _stays(story, role)))
    _create_employees(story)
    _create_sales_teams(story)


def members(story, department: str, day: date) -> list[Person]:
    """People of a department (its key) on ``day``."""
    return [person for person in story.people if person.works_in(department, day)]


def _user_values(role):
    company = role.department[:2]
    seen = COMPANIES if role.oversees else {company, (role.also or company)[:2]}
    slug = _slug(role.name).replace("_", ".")
    values = {
        "name": role.name,
        "login": role.login or f"demo.{slug}",
        "email": f"{slug}@example.com",
        "company_id": f"@company_{company}",
        "company_ids": [f"@company_{key}" for key in COMPANIES if key in seen],
        "tz": COMPANIES[company]["tz"],
        # Whoever logs in to see KPIs starts with theirs.
        "action_id": "=kpi_tracking.kpi_home_action",
        "group_ids": [f"={xml_id}" for xml_id in _group_ids(role)],
    }
    if role.login in PERSONA_GROUPS:
        values["password"] = PASSWORD
    return values


def _group_ids(role):
    groups = ["base.group_user", USER, *PERSONA_GROUPS.get(role.login, ())]
    topic = role.department[3:]
    if topic in ("commercial", "sales", "field", "inside", "east", "west", "marketing"):
        level = "group_sale_manager" if role.heads else "group_sale_salesman_all_leads"
        groups.append(f"sales_team.{level}")
    elif topic in ("operations", "delivery", "projects", "install", "support"):
        level = "group_project_manager" if role.heads else "group_project_user"
        groups.append(f"project.{level}")
    elif topic == "property":
        level = "manager" if role.heads else "agent"
        groups.append(f"kpi_deal_pipeline.kpi_deal_pipeline_group_{level}")
    elif topic == "hr":
        groups.append("hr.group_hr_manager" if role.heads else "hr.group_hr_user")
    return [*groups, MANAGER] if role.heads else groups


def _stays(story, role):
    joined = story.timeline.at(role.joins) if role.joins else LONG_AGO
    stays = [Stay(joined, role.department)]
    if role.moves:
        share, department = role.moves
        # A transfer takes effect on the first of a month.
        stays.append(Stay(story.timeline.at(share).replace(day=1), department))
    if role.also:
        stays.append(Stay(joined, role.also))
    return tuple(stays)


def _create_employees(story):
    """A file per person and company; a transfer is a dated version of it."""
    for key in COMPANIES:
        company = story[f"company_{key}"]
        people = [
            (person, stays)
            for person in story.people
            if (stays := [stay for stay, _next in person.stays_in(key)])
        ]
        employees = story.env["hr.employee"].with_company(company)
        employees = employees.create(
            [
                {
                    "name": person.role.name,
                    "user_id": person.user.id,
                    "company_id": company.id,
                    "job_title": person.role.job,
                    "work_email": person.user.email,
                    "resource_calendar_id": company.resource_calendar_id.id,
                    **_version_values(story, stays[0]),
                }
                for person, stays in people
            ]
        )
        for (person, stays), employee in zip(people, employees, strict=True):
            story.keep(f"employee_{key}_{_slug(person.role.name)}", employee)
            for stay in stays[1:]:
                employee.create_version(_version_values(story, stay))
            if person.role.heads and person.role.department[:2] == key:
                department = story[f"department_{person.role.department}"]
                department.manager_id = employee
        for employee in employees:
            department = employee.department_id
            if department.manager_id == employee:
                department = department.parent_id
            employee.parent_id = department.manager_id


def _version_values(story, stay):
    department = story[f"department_{stay.department}"]
    return {"date_version": stay.date_from, "department_id": department.id}


def _create_sales_teams(story):
    # Somebody who is employed in both companies sells for a team of each.
    story.env["ir.config_parameter"].set_param("sales_team.membership_multi", "True")
    for key, name in SALES_TEAMS.items():
        create_sales_team(story, key, name)


def create_sales_team(story, key, name):
    """The people of a department (its key) as a sales team."""
    users = [person.user.id for person in members(story, key, story.timeline.today)]
    team = story.env["crm.team"].create(
        {
            "name": name,
            "company_id": story[f"company_{key[:2]}"].id,
            "user_id": story[f"department_{key}"].manager_id.user_id.id,
            "member_ids": [Command.set(users)],
            "invoiced_target": 300_000,  # a month
        }
    )
    return story.keep(f"team_{key}", team)


def _slug(name):
    """“Paul Schröder” as “paul_schroder”."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "_")
