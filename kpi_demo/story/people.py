"""Departments, users, employees with dated transfers, and sales teams."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from odoo import Command

from odoo.addons.kpi_base.roles import MANAGER, OFFICER, USER
from odoo.addons.kpi_deal_pipeline import roles as deal_roles

from .cast import DEPARTMENTS, ROLES, SALES_TEAMS, Role
from .companies import COMPANIES

PASSWORD = "demo"
LONG_AGO = date(2019, 4, 1)
PERSONA_GROUPS = {
    "demo.employee": [USER],
    # What their places of work give them is enough.
    "demo.agent": [],
    "demo.deals": [],
    "demo.manager": [
        MANAGER,
        deal_roles.MANAGER,
    ],
    # Defines KPIs on what the company sells and does, so reads all of it.
    "demo.officer": [
        OFFICER,
        deal_roles.ADMIN,
        "base.group_allow_export",
        "sales_team.group_sale_salesman_all_leads",
        "project.group_project_manager",
    ],
}


@dataclass(frozen=True)
class Stay:
    """A person in a department from a day on."""

    date_from: date
    department: str


@dataclass(frozen=True)
class Person:
    """A user with the departments worked in, oldest first in each company."""

    user: object
    role: Role
    stays: tuple[Stay, ...]

    def works_in(self, department: str, day: date) -> bool:
        """Check whether the person is in ``department`` (its key) on ``day``."""
        company = department[:2]
        stays = [
            stay
            for stay in self.stays
            if stay.department[:2] == company and stay.date_from <= day
        ]
        return bool(stays) and stays[-1].department == department


def create_people(story):
    _create_departments(story)
    story.people = _create_users(story)
    _create_employees(story)
    for role in ROLES:
        if role.heads:
            employee = story[f"employee_{role.department[:2]}_{_slug(role.name)}"]
            story[f"department_{role.department}"].manager_id = employee
    for key in COMPANIES:
        for person, _stay in _first_stays(story, key):
            employee = story[f"employee_{key}_{_slug(person.role.name)}"]
            department = employee.department_id
            if department.manager_id == employee:
                department = department.parent_id
            employee.parent_id = department.manager_id
    _create_sales_teams(story)


def members(story, department: str, day: date) -> list[Person]:
    """People of a department (its key) on ``day``."""
    return [person for person in story.people if person.works_in(department, day)]


def _create_departments(story):
    for key, name, parent in DEPARTMENTS:
        department = story.env["hr.department"].create(
            {
                "name": name,
                "company_id": story[f"company_{key[:2]}"].id,
                "parent_id": story[f"department_{parent}"].id if parent else False,
            }
        )
        story.keep(f"department_{key}", department)


def _create_users(story):
    users = story.env["res.users"].create([_user_values(story, role) for role in ROLES])
    people = []
    for role, user in zip(ROLES, users, strict=True):
        story.keep(f"user_{_slug(role.name)}", user)
        people.append(Person(user, role, _stays(story, role)))
    return people


def _user_values(story, role):
    company = story[f"company_{role.department[:2]}"]
    seen = COMPANIES if role.oversees else {role.department[:2], (role.also or "")[:2]}
    companies = [story[f"company_{key}"].id for key in COMPANIES if key in seen]
    slug = _slug(role.name).replace("_", ".")
    values = {
        "name": role.name,
        "login": role.login or f"demo.{slug}",
        "email": f"{slug}@example.com",
        "company_id": company.id,
        "company_ids": [Command.set(companies)],
        "tz": COMPANIES[role.department[:2]]["tz"],
        # Whoever logs in to see KPIs starts with theirs.
        "action_id": story.env.ref("kpi_tracking.kpi_home_action").id,
        "group_ids": [
            Command.link(story.env.ref(xml_id).id) for xml_id in _group_ids(role)
        ],
    }
    if role.login in PERSONA_GROUPS:
        values["password"] = PASSWORD
    return values


def _group_ids(role):
    groups = ["base.group_user", USER]
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
    if role.heads:
        groups.append(MANAGER)
    return groups + PERSONA_GROUPS.get(role.login, [])


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
        first_stays = _first_stays(story, key)
        company = story[f"company_{key}"]
        employees = (
            story.env["hr.employee"]
            .with_company(company)
            .create(
                [
                    {
                        "name": person.role.name,
                        "user_id": person.user.id,
                        "company_id": company.id,
                        "department_id": story[f"department_{stay.department}"].id,
                        "job_title": person.role.job,
                        "work_email": person.user.email,
                        "date_version": stay.date_from,
                        "resource_calendar_id": company.resource_calendar_id.id,
                    }
                    for person, stay in first_stays
                ]
            )
        )
        for (person, first), employee in zip(first_stays, employees, strict=True):
            story.keep(f"employee_{key}_{_slug(person.role.name)}", employee)
            for stay in person.stays:
                if stay.department[:2] == key and stay != first:
                    employee.create_version(
                        {
                            "date_version": stay.date_from,
                            "department_id": story[f"department_{stay.department}"].id,
                        }
                    )


def _first_stays(story, key):
    found = []
    for person in story.people:
        stays = [stay for stay in person.stays if stay.department[:2] == key]
        found += [(person, stay) for stay in stays[:1]]
    return found


def _create_sales_teams(story):
    # Somebody who is employed in both companies sells for a team of each.
    story.env["ir.config_parameter"].set_param("sales_team.membership_multi", "True")
    for key, name in SALES_TEAMS.items():
        company = story[f"company_{key[:2]}"]
        head = story[f"department_{key}"].manager_id
        users = [person.user.id for person in members(story, key, story.timeline.today)]
        team = story.env["crm.team"].create(
            {
                "name": name,
                "company_id": company.id,
                "user_id": head.user_id.id,
                "member_ids": [Command.set(users)],
            }
        )
        story.keep(f"team_{key}", team)


def _slug(name):
    """“Paul Schröder” as “paul_schroder”."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "_")
