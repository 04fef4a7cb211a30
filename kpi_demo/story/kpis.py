"""The KPIs of Nordwind Components: what is measured and for whom."""

from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from odoo import Command

from .people import COMPANIES, DEPARTMENTS, find_or_create, members
from .story import load


@dataclass(frozen=True)
class Kpi:
    """A definition and the scopes it is tracked for.

    :param values: values of the definition
    :param breakdowns: fields by which it is split
    :param companies, departments, teams: keys of those it is tracked for
    :param people: keys of departments whose people it is tracked for
    :param ambition: how much better than before the targets are, 0.1 = 10 %; None =
        no target
    :param goal: lowest and highest good value, where a range is best
    :param working_hours: key of the company whose working hours count
    """

    code: str
    name: str
    category: str
    description: str
    values: dict
    breakdowns: tuple[str, ...] = ()
    companies: tuple[str, ...] = ("de", "us")
    departments: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    ambition: float | None = 0.1
    goal: tuple[float, float] | None = None
    working_hours: str | None = None
    tags: tuple[str, ...] = ()


CATEGORIES = ("Sales", "Marketing", "Delivery", "Support", "Finance", "People")
TAGS = ("Board", "Weekly Meeting")
FACTS = load("kpis")
# code of a KPI → the ready gauge that it is drawn by
GAUGES = FACTS["gauges"]
SQUAD = ("Oliver Franke", "Jana Schuster", "Aylin Yilmaz", "Sven Lund")
SQUAD_NEWCOMER = ("Carla Ruiz", 0.5)  # from this share of the story on
AGREEMENTS = (  # first and last month looked back at, month from which it is valid
    (-18, -13, -12),
    (-12, -6, -5),
)
PLANNED_GROWTH = {
    "de": 0.05,
    "us": 0.16,
}  # of what adds up, from half-year to half-year
NOTE = "Based on the results of the previous half-year."
FEWEST = 3  # KPIs that make a scorecard
HEAVY = {"order_value", "customer_satisfaction", "win_rate"}
RULED_FROM = -3  # months ago; what was agreed before stays
CERTIFIED = ("won_deals", "win_rate", "open_pipeline", "order_value")


BY_SOURCE = {
    group: [Kpi(**row) for row in rows] for group, rows in load("catalogue").items()
}
FORMULA_KPIS = BY_SOURCE.pop("formula_kpis")
CATALOGUE = [kpi for kpis in BY_SOURCE.values() for kpi in kpis]


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


def set_targets(story, kpis):
    values = []
    for kpi in kpis:
        reports = story[f"kpi_{kpi.code}"].report_ids.sorted("id")
        if kpi.goal:
            values += [_range_values(story, kpi, report) for report in reports]
        elif kpi.ambition is not None:
            rng = story.rng(f"targets {kpi.code}")
            means = _means(story, reports)
            for report in reports:
                values += _prepare_target_values(story, rng, kpi, report, means)
    story.env["kpi.target"].create(values)


def _range_values(story, kpi, report):
    low, high = kpi.goal
    return {
        "report_id": report.id,
        "date_from": story.timeline.start,
        "range_low": low,
        "range_high": high,
    }


def _means(story, reports):
    """(report, valid from) → mean of the values in the months looked back at."""
    means = {}
    for first, last, valid in AGREEMENTS:
        groups = story.env["kpi.measurement"]._read_group(
            [
                ("report_id", "in", reports.ids),
                ("grain", "=", reports.definition_id.frequency),
                ("period_start", ">=", story.timeline.month_start(first)),
                ("period_start", "<", story.timeline.month_start(last + 1)),
            ],
            ["report_id"],
            ["value:avg"],
        )
        for report, mean in groups:
            means[report, valid] = mean
    return means


def _prepare_target_values(story, rng, kpi, report, means):
    """A target per agreement, each asking for more than was reached before it."""
    lower = report.direction == "lower"
    first_mean = None
    for _first, _last, valid in AGREEMENTS:
        mean = means.get((report, valid))
        change = kpi.ambition * rng.uniform(0.0, 2.0) + _growth(story, report)
        if mean:
            first_mean = first_mean or mean
            target = mean * (1 - change if lower else 1 + change)
            # How much faster than at first: by that waiting times are judged.
            has_baseline = report.unit == "duration" and first_mean > target
            yield {
                "report_id": report.id,
                "date_from": story.timeline.month_start(valid),
                "value": _round_target(target, report),
                "stretch": _round_target(target * (0.95 if lower else 1.05), report),
                "has_baseline": has_baseline,
                "baseline": _round_target(first_mean, report) if has_baseline else 0.0,
                "note": NOTE,
            }


def _growth(story, report):
    grows = report.definition_id.aggregation_time == "sum"
    if not grows or report.direction != "higher":
        return 0.0
    is_us = report.company_id == story["company_us"]
    return PLANNED_GROWTH["us" if is_us else "de"]


def _round_target(value, report):
    """Three digits that count, none finer than the KPI is read in, and not nothing.

    Nobody agrees on a target of 13,482.17, or of 2.6 orders.
    """
    return round(float(f"{value:.3g}"), report.decimals) or 0.1**report.decimals


def create_scorecards(story):
    """One per department with KPIs of its own, and one for each board."""
    for key, name, _parent in DEPARTMENTS:
        department = story[f"department_{key}"]
        reports = _reports(story, "department_id", department)
        if len(reports) >= FEWEST:
            people = [person.user.id for person in members(story, key, _today(story))]
            # Whoever is measured together sees what the figure is made of.
            reports.shared_user_ids = [Command.link(user_id) for user_id in people]
            values = {
                "name": name,
                "department_id": department.id,
                "owner_id": department.manager_id.user_id.id,
                "member_ids": [Command.set(people)],
            }
            _create(story, f"scorecard_{key}", reports, values)
    for key in COMPANIES:
        _create_board(story, key)
    report = story.env["kpi.period.report"].create(
        {
            "name": "Board: the last six months",
            "owner_id": story["user_clara_vogt"].id,
            "is_shared": True,
            "company_id": story["company_de"].id,
            "scope_type": "company",
            "tag_ids": [Command.link(story["kpi_tags"]["Board"].id)],
            "show_achievement": True,
            "show_previous_percent": True,
            "show_ytd": True,
        }
    )
    story.keep("kpi_period_report_board", report)


def _today(story):
    return story.timeline.today


def _reports(story, field, record):
    scope_type = field.removesuffix("_id")
    return story.env["kpi.report"].search(
        [(field, "=", record.id), ("scope_type", "=", scope_type)], order="id"
    )


def _create_board(story, key):
    """The KPIs of the entire company that the board looks at."""
    company = story[f"company_{key}"]
    board = story["kpi_tags"]["Board"]
    all_reports = _reports(story, "company_id", company)
    reports = all_reports.filtered(lambda report: board in report.tag_ids)
    head = story[f"department_{key}_services"].manager_id.user_id
    # Whoever leads the company sees the results of all of it.
    all_reports.shared_user_ids = [Command.link(head.id)]
    values = {
        "name": f"Board of {company.name}",
        "code": f"board_{key}",
        "owner_id": head.id,
        "description": (
            "<p>Opens each board meeting: the most important KPIs in five minutes.</p>"
        ),
        "achievement_cap": 110.0,
        "member_ids": [Command.link(story["user_clara_vogt"].id)],
    }
    _create(story, f"scorecard_board_{key}", reports, values)


def _create(story, name, reports, values):
    lines = [
        Command.create(
            {
                "report_id": report.id,
                "sequence": place,
                "weight": 2.0 if report.code in HEAVY else 1.0,
            }
        )
        for place, report in enumerate(reports)
    ]
    company = reports.company_id
    scorecard = story.env["kpi.report.group"].create(
        {**values, "company_id": company.id, "line_ids": lines}
    )
    story.keep(name, scorecard)


def set_rules(story):
    story.env["kpi.target"].create(
        [
            *_budget_targets(story),
            *_growth_targets(story),
            *_annual_targets(story),
        ]
    )


def _budget_targets(story):
    """Set the budget as the target of what marketing spends."""
    budget = story["kpi_marketing_budget"]
    for report in story["kpi_marketing_spend"].report_ids:
        yield {
            "report_id": report.id,
            "date_from": story.timeline.month_start(-12),
            "rule": "kpi",
            "source_definition_id": budget.id,
            "note": "The budget agreed for the year.",
        }


def _growth_targets(story):
    """Visits are to grow from year to year."""
    for report in story["kpi_website_visits"].report_ids:
        yield {
            "report_id": report.id,
            "date_from": story.timeline.month_start(RULED_FROM),
            "rule": "previous_year",
            "change_percent": 12.0,
            "note": "12 % more than in the same month last year.",
        }


def _annual_targets(story):
    """Orders of the year, spread over its months as last year's were."""
    reports = story["kpi_order_count"].report_ids.filtered(
        lambda report: report.scope_type == "company"
    )
    means = story.env["kpi.measurement"]._read_group(
        [
            ("report_id", "in", reports.ids),
            ("grain", "=", reports.definition_id.frequency),
            ("period_start", ">=", story.timeline.month_start(-12)),
            ("period_start", "<", story.timeline.month_start(0)),
        ],
        ["report_id"],
        ["value:sum"],
    )
    for report, total in means:
        yield {
            "report_id": report.id,
            "date_from": story.timeline.month_start(RULED_FROM),
            "rule": "annual",
            "annual_total": round(total * 1.08, -1),
            "note": "Agreed for the full year.",
        }


def certify_kpis(story):
    """The controller certifies what belongs to sales and finance."""
    controller = story["user_clara_vogt"]
    categories = story["kpi_categories"]
    for name in ("Sales", "Finance"):
        categories[name].certifier_ids = controller
    definitions = story.env["kpi.definition"].union(
        *(story[f"kpi_{code}"] for code in CERTIFIED)
    )
    next_year = story.timeline.today + relativedelta(years=1, day=1)
    own = definitions.with_user(controller).with_context(
        allowed_company_ids=controller.company_ids.ids
    )
    own._certify(next_year)
