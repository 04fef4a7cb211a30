"""The KPIs of Nordwind Components: what is measured and for whom."""

from odoo import Command

from .people import COMPANIES, DEPARTMENTS, find_or_create, members
from .story import MONTHS, load, load_rows

FACTS = load("kpis")
AGREEMENTS = (  # first and last month looked back at, month from which it is valid
    (-18, -13, -12),
    (-12, -6, -5),
)
PLANNED_GROWTH = FACTS["growth"]  # of what adds up, from half-year to half-year
NOTE = "Based on the results of the previous half-year."
START = -MONTHS  # the month in which the story begins
FEWEST = 3  # KPIs that make a scorecard
RULED_FROM = -3  # months ago; what was agreed before stays
CATALOGUE = load_rows(load("catalogue"))


def create_kpis(story):
    env = story.env
    for model, names in FACTS["names"].items():
        for number, record in enumerate(find_or_create(env[model], names).values(), 1):
            record.color = record.color or number
            story.records[f"kpi_{record.name}"] = record
    for key, facts in COMPANIES.items():
        company = story[f"company_{key}"]
        calendar = env["kpi.calendar"]._company_default(company)
        calendar.tz = facts["tz"]
        calendar._ensure_days(story.timeline.start, story.timeline.today)
        story.keep(f"kpi_calendar_{key}", calendar)
    _create_teams(story)
    for kpi in CATALOGUE:
        definition = story.make("kpi.definition", [_definition_values(story, kpi)])
        story.keep(f"kpi_{kpi.code}", definition)
        for scope_type, records, company in _scopes(story, kpi):
            definition._track_for(scope_type, records, company_id=company.id)
    story.play(FACTS["rules"])
    scopes = {
        record: name.removeprefix("kpi_")
        for name, record in story.records.items()
        if name.startswith(("company_", "department_", "kpi_team_", "user_"))
    }
    for report in env["kpi.report"].search([], order="id"):
        story.records[f"report_{report.code}_{scopes[report._scope_record()]}"] = report
        # Whoever leads a department or team answers for its KPIs.
        if report.scope_type == "department":
            report.owner_id = report.department_id.manager_id.user_id
        elif report.scope_type == "team":
            report.owner_id = report.team_id.leader_id


def _create_teams(story):
    """The sales teams with their dated members, and a squad across departments."""
    keys = [name for name in story.records if name.startswith("team_")]
    sales_teams = story.env["crm.team"].concat(*(story[key] for key in keys))
    linked = story.env["kpi.team"]._find_or_create_linked(sales_teams)
    for key in keys:
        team = story.keep(f"kpi_{key}", linked[story[key].id])
        department = key.removeprefix("team_")
        team.member_ids = [
            Command.create(
                {
                    "user_id": person.user.id,
                    "date_from": stay.date_from,
                    "date_to": following.date_from if following else False,
                }
            )
            for person in story.people
            for stay, following in person.stays_in(department[:2])
            if stay.department == department
        ]
    story.play(FACTS["squads"])


def _definition_values(story, kpi):
    # measured where it happens: Boston, US dollars
    key = "us" if kpi.companies == ["us"] else "de"
    gauge, hours = FACTS["gauges"].get(kpi.code), kpi.working_hours
    values = {
        "code": kpi.code,
        "name": kpi.name,
        "description": f"<p>{kpi.description}</p>",
        "category_id": f"@kpi_{kpi.category}",
        "tag_ids": [f"@kpi_{tag}" for tag in kpi.tags],
        "company_id": key == "us" and "@company_us",
        "calendar_id": f"@kpi_calendar_{key}",
        "currency_id": f"@company_{key}.currency_id",
        "history_start": {"share": 0},
        "owner_id": "@user_nathan_hill" if key == "us" else "@user_clara_vogt",
        "gauge_widget_id": gauge and f"=kpi_tracking.kpi_gauge_widget_{gauge}",
        "breakdown_ids": [{"field_path": path} for path in kpi.breakdowns],
        **kpi.values,
    }
    if hours:
        values["working_calendar_id"] = f"@company_{hours}.resource_calendar_id"
    if "formula" in kpi.values:
        values["computation"] = "formula"
    return values


def _scopes(story, kpi):
    """Scope type, records and their company, for each company."""
    for key in COMPANIES:
        company = story[f"company_{key}"]
        if key in kpi.companies:
            yield "company", company, company
        for scope_type, kind, names in (
            ("department", "department", kpi.departments),
            ("team", "kpi_team", kpi.teams),
        ):
            records = [story[f"{kind}_{name}"] for name in names]
            own = [record for record in records if record.company_id == company]
            if own:
                yield scope_type, own[0].concat(*own[1:]), company
        people = [
            person.user
            for department in kpi.people
            if department[:2] == key
            for person in members(story, department, story.timeline.today)
        ]
        if people:
            yield "user", story.env["res.users"].union(*people), company


def set_targets(story, *, is_formula):
    values = []
    for kpi in CATALOGUE:
        if ("formula" in kpi.values) != is_formula:
            continue
        reports = story[f"kpi_{kpi.code}"].report_ids.sorted("id")
        if kpi.goal:
            low, high = kpi.goal
            limits = {"range_low": low, "range_high": high}
            values += [_valid(story, report, START, **limits) for report in reports]
        elif kpi.ambition is not None:
            rng = story.rng(f"targets {kpi.code}")
            means = {
                (report, valid): mean
                for first, last, valid in AGREEMENTS
                for report, mean in _read(story, reports, first, last + 1, "value:avg")
            }
            agreed = {}
            for report in reports:
                values += _prepare_target_values(story, rng, kpi, report, means, agreed)
    if not is_formula:
        values += _missed_targets(story, values)
    story.env["kpi.target"].create(values)


def _read(story, reports, first, stop, aggregate):
    """(report, aggregate) of the values of months, counted from this one."""
    return story.env["kpi.measurement"]._read_group(
        [
            ("report_id", "in", reports.ids),
            ("grain", "=", reports.definition_id.frequency),
            ("period_start", ">=", story.timeline.month_start(first)),
            ("period_start", "<", story.timeline.month_start(stop)),
        ],
        ["report_id"],
        [aggregate],
    )


def _valid(story, report, month, **values):
    """Values of a target that is valid from a month on, counted from this one."""
    start = story.timeline.month_start(month)
    return {"report_id": report.id, "date_from": start, **values}


def _prepare_target_values(story, rng, kpi, report, means, agreed):
    """A target per agreement, each asking for more than was reached before it.

    :param agreed: (mean, month) → change of those before; these are noted in it: what
        is the same of a company and a department is to become the same
    """
    lower = report.direction == "lower"
    growth = 0.0
    if report.definition_id.aggregation_time == "sum" and report.direction == "higher":
        is_us = report.company_id == story["company_us"]
        growth = PLANNED_GROWTH["us" if is_us else "de"]
    first_mean = None
    for _first, _last, valid in AGREEMENTS:
        mean = means.get((report, valid))
        change = kpi.ambition * rng.uniform(0.0, 2.0) + growth
        if mean:
            change = agreed.setdefault((round(mean, 6), valid), change)
            first_mean = first_mean or mean
            target = mean * (1 - change if lower else 1 + change)
            # How much faster than at first: by that waiting times are judged.
            has_baseline = report.unit == "duration" and first_mean > target
            yield _valid(
                story,
                report,
                valid,
                value=_round_target(target, report),
                stretch=_round_target(target * (0.95 if lower else 1.05), report),
                has_baseline=has_baseline,
                baseline=_round_target(first_mean, report) if has_baseline else 0.0,
                note=NOTE,
            )


def _round_target(value, report):
    """Three digits that count, none finer than the KPI is read in, and not nothing.

    Nobody agrees on a target of 13,482.17, or of 2.6 orders.
    """
    return round(float(f"{value:.3g}"), report.decimals) or 0.1**report.decimals


def create_scorecards(story):
    """One per department with KPIs of its own, and one for each board."""
    for key, name, _parent in DEPARTMENTS:
        department = story[f"department_{key}"]
        reports = _find_reports(story, "department", department)
        if len(reports) >= FEWEST:
            today = story.timeline.today
            people = [person.user.id for person in members(story, key, today)]
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
        company = story[f"company_{key}"]
        reports = _find_reports(story, "company", company)
        head = story[f"department_{key}_services"].manager_id.user_id
        # Whoever leads the company sees the results of all of it.
        reports.shared_user_ids = [Command.link(head.id)]
        values = {
            "name": f"Board of {company.name}",
            "code": f"board_{key}",
            "owner_id": head.id,
            "description": f"<p>{FACTS['dashboard']['description']}</p>",
            "achievement_cap": 110.0,
            "member_ids": [Command.link(story["user_clara_vogt"].id)],
        }
        board = reports.filtered(lambda one: story["kpi_Board"] in one.tag_ids)
        _create(story, f"scorecard_board_{key}", board, values)
    story.play(FACTS["period_reports"])


def _find_reports(story, scope_type, record):
    return story.env["kpi.report"].search(
        [(f"{scope_type}_id", "=", record.id), ("scope_type", "=", scope_type)],
        order="id",
    )


def _create(story, name, reports, values):
    lines = [
        Command.create(
            {
                "report_id": report.id,
                "sequence": place,
                "weight": 2.0 if report.code in FACTS["heavy"] else 1.0,
            }
        )
        for place, report in enumerate(reports)
    ]
    company = reports.company_id
    scorecard = story.env["kpi.report.group"].create(
        {**values, "company_id": company.id, "line_ids": lines}
    )
    story.keep(name, scorecard)


def create_dashboards(story):
    """The board's dashboard, which everybody finds and sees as far as they may."""
    tiles = []
    for place, (kind, codes, span, height, more) in enumerate(FACTS["board"]):
        kpis = [f"@kpi_{code}" for code in codes]
        tile = {"kind": kind, "sequence": place, "span": span, "height": height, **more}
        tile["definition_ids"] = kpis or [Command.clear()]
        tile["definition_order"] = [story.resolve(kpi) for kpi in kpis]
        tiles.append(tile)
    dashboard = story.make("kpi.dashboard", [{**FACTS["dashboard"], "tile_ids": tiles}])
    story.keep("kpi_dashboard_board", dashboard)


def set_rules(story):
    """Targets by rule: a budget, growth from year to year, a total of the year."""
    values = [
        _valid(story, report, rule["from"], **story.resolve(rule["values"]))
        for rule in FACTS["target_rules"]
        for report in story.env["kpi.report"].search([("code", "=", rule["kpi"])])
    ]
    orders = story["kpi_order_count"].report_ids.filtered(
        lambda report: report.scope_type == "company"
    )
    for report, total in _read(story, orders, -12, 0, "value:sum"):
        year = {"rule": "annual", "annual_total": round(total * 1.08, -1)}
        note = "Agreed for the full year."
        values.append(_valid(story, report, RULED_FROM, **year, note=note))
    story.env["kpi.target"].create(values)


def _missed_targets(story, agreed):
    """Targets of which the last month fell short, whatever its season: the alerts, the
    review and the actions of the story are about that. Since then the agreed ones hold.

    :param agreed: values of targets, the latest of each KPI last
    """
    latest = {values["report_id"]: values for values in agreed}
    now = story.timeline.month_start(0)
    facts, targets = FACTS["last_month"], {}
    for name, share in facts["reached"].items():
        report = story[f"report_{name}"]
        for _report, value in _read(story, report, -1, 0, "value:sum"):
            targets[report] = value / share
    for name, (whole, other) in facts["rest"].items():
        whole, other = story[f"report_{whole}"], story[f"report_{other}"]
        if whole in targets and other.id in latest:
            rest = targets[whole] - latest[other.id]["value"]
            targets[story[f"report_{name}"]] = rest
    for report, target in targets.items():
        target = _round_target(target, report)
        yield _valid(story, report, -1, value=target, note=facts["note"])
        if report.id in latest:
            yield {**latest[report.id], "date_from": now}


def certify_kpis(story):
    """The controller certifies what belongs to sales and finance."""
    story.play(FACTS["certificates"])
