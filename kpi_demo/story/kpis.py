"""Definitions and the companies, departments, teams and people they are tracked for."""

from odoo import Command

from .catalogue import CATALOGUE, FORMULA_KPIS
from .companies import COMPANIES
from .facts import load
from .people import members
from .vocabulary import find_or_create

CATEGORIES = ("Sales", "Marketing", "Delivery", "Support", "Finance", "People")
TAGS = ("Board", "Weekly Meeting")
FACTS = load("kpis")
# code of a KPI → the ready gauge that it is drawn by
GAUGES = FACTS["gauges"]
SQUAD = ("Oliver Franke", "Jana Schuster", "Aylin Yilmaz", "Sven Lund")
SQUAD_NEWCOMER = ("Carla Ruiz", 0.5)  # from this share of the story on


def create_kpis(story):
    env = story.env
    story.records["kpi_categories"] = find_or_create(
        env["kpi.definition.category"], CATEGORIES
    )
    story.records["kpi_tags"] = find_or_create(env["kpi.tag"], TAGS)
    _color(story["kpi_categories"].values(), story["kpi_tags"].values())
    for key, facts in COMPANIES.items():
        company = story[f"company_{key}"]
        calendar = story.env["kpi.calendar"]._company_default(company)
        calendar.tz = facts["tz"]
        calendar._ensure_days(story.timeline.start, story.timeline.today)
        story.keep(f"kpi_calendar_{key}", calendar)
    _create_teams(story)
    for kpi in (*CATALOGUE, *FORMULA_KPIS):
        create_kpi(story, kpi)
    rule = story.env["kpi.tracking.rule"].create(
        {
            "name": "Lost opportunities of every sales department",
            "company_id": story["company_de"].id,
            "definition_ids": [Command.link(story["kpi_lost_deals"].id)],
            "scope_type": "department",
            "domain": "[('name', 'like', 'Sales')]",
            "user_id": story["user_clara_vogt"].id,
        }
    )
    story.keep("kpi_tracking_rule_lost_deals", rule)
    rule._apply()
    _hand_to_heads("department", rule.report_ids)


def _color(*groups):
    for records in groups:
        for number, record in enumerate(records, start=1):
            record.color = record.color or number


def _create_teams(story):
    """The sales teams with their dated members, and a squad across departments."""
    keys = [name for name in story.records if name.startswith("team_")]
    sales_teams = story.env["crm.team"].concat(*(story[key] for key in keys))
    linked = story.env["kpi.team"]._find_or_create_linked(sales_teams)
    for key in keys:
        team = linked[story[key].id]
        department = key.removeprefix("team_")
        commands = []
        for person in story.people:
            stays = [
                stay for stay in person.stays if stay.department[:2] == department[:2]
            ]
            for stay, following in zip(stays, [*stays[1:], None], strict=False):
                if stay.department == department:
                    values = {
                        "user_id": person.user.id,
                        "date_from": stay.date_from,
                        "date_to": following.date_from if following else False,
                    }
                    commands.append(Command.create(values))
        team.member_ids = commands
        story.keep(f"kpi_{key}", team)
    squad = story.env["kpi.team"].create(
        {
            "name": "Retrofit Squad",
            "company_id": story["company_de"].id,
            "leader_id": story["user_oliver_franke"].id,
            "member_ids": _squad_members(story),
        }
    )
    story.keep("kpi_team_squad", squad)


def _squad_members(story):
    users = {person.role.name: person.user for person in story.people}
    name, share = SQUAD_NEWCOMER
    newcomer = {"user_id": users[name].id, "date_from": story.timeline.at(share)}
    return [
        *(Command.create({"user_id": users[name].id}) for name in SQUAD),
        Command.create(newcomer),
    ]


def create_kpi(story, kpi):
    """Make the definition of ``kpi`` and its reports."""
    definition = story.env["kpi.definition"].create(_definition_values(story, kpi))
    story.keep(f"kpi_{kpi.code}", definition)
    for scope_type, records, company in _scopes(story, kpi):
        reports = definition._track_for(scope_type, records, company_id=company.id)
        _hand_to_heads(scope_type, reports)


def _hand_to_heads(scope_type, reports):
    """Make whoever leads a department or team answer for its KPIs."""
    for report in reports:
        if scope_type == "department":
            report.owner_id = report.department_id.manager_id.user_id
        elif scope_type == "team":
            report.owner_id = report.team_id.leader_id


def _definition_values(story, kpi):
    values = {
        "code": kpi.code,
        "name": kpi.name,
        "description": f"<p>{kpi.description}</p>",
        "category_id": story["kpi_categories"][kpi.category].id,
        "tag_ids": [Command.link(story["kpi_tags"][tag].id) for tag in kpi.tags],
        "company_id": False,
        "calendar_id": story["kpi_calendar_de"].id,
        "currency_id": story["company_de"].currency_id.id,
        "history_start": story.timeline.start,
        "owner_id": story["user_clara_vogt"].id,
        "gauge_widget_id": _gauge(story, kpi).id,
        "breakdown_ids": [
            Command.create({"field_path": path}) for path in kpi.breakdowns
        ],
        **kpi.values,
    }
    if kpi.companies == ["us"]:  # measured where it happens: Boston, US dollars
        values["company_id"] = story["company_us"].id
        values["calendar_id"] = story["kpi_calendar_us"].id
        values["currency_id"] = story["company_us"].currency_id.id
        values["owner_id"] = story["user_nathan_hill"].id
    if kpi.working_hours:
        company = story[f"company_{kpi.working_hours}"]
        values["working_calendar_id"] = company.resource_calendar_id.id
    if "formula" in kpi.values:
        values["computation"] = "formula"
    return values


def _gauge(story, kpi):
    env = story.env
    if kpi.code not in GAUGES:
        return env["kpi.gauge.widget"]
    return env.ref(f"kpi_tracking.kpi_gauge_widget_{GAUGES[kpi.code]}")


def _scopes(story, kpi):
    """Scope type, records and their company, for each company."""
    for key in COMPANIES:
        company = story[f"company_{key}"]
        if key in kpi.companies:
            yield "company", company, company
        departments = _of(story, key, "department", kpi.departments)
        if departments:
            yield "department", departments, company
        teams = _of(story, key, "kpi_team", kpi.teams)
        if teams:
            yield "team", teams, company
        people = _people(story, key, kpi)
        if people:
            yield "user", people, company


def _of(story, key, kind, names):
    records = [story[f"{kind}_{name}"] for name in names]
    company = story[f"company_{key}"]
    own = [record for record in records if record.company_id == company]
    return own[0].concat(*own[1:]) if own else ()


def _people(story, key, kpi):
    today = story.timeline.today
    users = story.env["res.users"]
    for department in kpi.people:
        if department[:2] == key:
            for person in members(story, department, today):
                users |= person.user
    return users
