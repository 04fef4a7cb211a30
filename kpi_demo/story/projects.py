"""Customer projects and the support desks, with their tasks and tickets."""

from datetime import datetime, timedelta

from odoo import Command

from .people import COMPANIES, find_or_create, members
from .story import DIP, insert_copies, insert_links, load

STAGES = ("New", "In Progress", "Waiting for Customer", "Done")
TAGS = ("Rework", "On-Site", "Remote", "Warranty", "Escalated")
FACTS = load("projects")
# company, department, name, start and end as shares of the story
PROJECTS = FACTS["projects"]
# company, department, name, tickets per working day, growth
DESKS = FACTS["desks"]
HOURS_PER_DAY = 8
WAITING_SHARE = 0.12  # of the project work waits for the customer,
WAITING_HOURS = (30.0, 160.0)  # this long
TASKS_PER_WEEK = 3.2  # of a customer project


def create_projects(story):
    stages = story.env["project.task.type"].create(
        [
            {"name": name, "sequence": 10 * number, "fold": name == STAGES[-1]}
            for number, name in enumerate(STAGES)
        ]
    )
    story.records["task_stages"] = dict(zip(STAGES, stages, strict=True))
    story.records["task_tags"] = find_or_create(story.env["project.tags"], TAGS)
    story.records["inboxes"] = _create_personal_stages(story)
    for company, department, name, first, last in PROJECTS:
        rng = story.rng(f"project {name}")
        project = _create_project(story, rng, company, department, name, first, last)
        _write_tasks(story, project, _project_work(story, rng, department, first, last))
    for company, department, name, per_day, growth in DESKS:
        rng = story.rng(f"project {name}")
        project = _create_project(story, rng, company, department, name, 0.0, 1.3)
        days = story.timeline.events(rng, per_day, growth)
        work = [_ticket(story, rng, department, day) for day in days]
        _write_tasks(story, project, work)


def _create_personal_stages(story):
    """The stages in which everybody sees the own tasks; the first one by user."""
    stages = story.env["project.task.type"]
    inboxes = {}
    for person in story.people:
        values = story.env["project.task"]._get_default_personal_stage_create_vals(
            person.user.id
        )
        inboxes[person.user] = stages.create(values)[:1]
    return inboxes


def _create_project(story, rng, company, department, name, first, last):
    stages = story.env["project.task.type"].browse(
        [stage.id for stage in story["task_stages"].values()]
    )
    is_desk = name.startswith("Support Desk")
    customer = rng.choice(story["customers"][company]).partner
    project = story.env["project.project"].create(
        {
            "name": name,
            "company_id": story[f"company_{company}"].id,
            "partner_id": False if is_desk else customer.id,
            "user_id": story[f"department_{department}"].manager_id.user_id.id,
            "type_ids": [Command.set(stages.ids)],
            "date_start": story.timeline.at(first),
            "date": story.timeline.at(last),
            "create_date": datetime.combine(
                story.timeline.at(first), datetime.min.time()
            ),
            "privacy_visibility": "employees",
        }
    )
    return story.keep(
        f"project_{name.lower().replace(' ', '_').replace('-', '_')}", project
    )


def _project_work(story, rng, department, first, last):
    tz = COMPANIES[department[:2]]["tz"]
    begin, end = story.timeline.at(first), story.timeline.at(last)
    work = []
    for day in story.timeline.working_days():
        if not (begin <= day < end and rng.random() < TASKS_PER_WEEK / 5):
            continue
        team = [p for p in members(story, department, day) if not p.role.heads]
        users = rng.sample(team, min(len(team), rng.choice((1, 1, 2))))
        created_at = story.timeline.moment(rng, day, tz)
        hours = rng.lognormvariate(3.9, 0.6) / users[0].role.skill
        hours *= _strain(story, day)
        waiting = rng.uniform(*WAITING_HOURS) if rng.random() < WAITING_SHARE else 0.0
        name = rng.choice(FACTS["tasks"])
        work.append(_work(story, rng, name, users, created_at, hours, tz, waiting))
    return work


def _ticket(story, rng, department, day):
    tz = COMPANIES[department[:2]]["tz"]
    person = rng.choice(members(story, department, day))
    created_at = story.timeline.moment(rng, day, tz)
    # Tickets are solved faster and faster, except while supplies were short.
    hours = rng.lognormvariate(2.3, 0.7) / person.role.skill * _strain(story, day)
    hours *= 1.0 - 0.45 * story.timeline.progress(day)
    return _work(
        story, rng, rng.choice(FACTS["tickets"]), [person], created_at, hours, tz
    )


def _strain(story, day):
    return 1.45 if DIP[0] <= story.timeline.progress(day) < DIP[1] else 1.0


def _work(story, rng, name, people, created_at, hours, tz, waiting=0.0):
    """Row of a task or ticket, whose it is, and its tags."""
    timeline, user = story.timeline, people[0].user
    ended_at = timeline.hours_later(created_at, hours + waiting, tz)
    assigned_at = created_at + timedelta(minutes=rng.randrange(5, 180))
    assigned_at = min(assigned_at, ended_at or assigned_at, timeline.now)
    state = "1_done" if rng.random() > 0.04 else "1_canceled"
    if not ended_at:
        state = rng.choices(("01_in_progress", "02_changes_requested"), (8, 1))[0]
    # Whoever opens a task promises a day by a guess that is often too good.
    promised = timedelta(days=1 + hours / 8 * 1.4 * rng.uniform(0.6, 1.6))
    allocated = round(hours * rng.uniform(0.3, 0.6) * 2) / 2 or 0.5
    tags = _tags(story, rng, created_at.date(), hours)
    if ended_at:
        stage = STAGES[-1]
    elif (timeline.now - created_at).days < 1:
        stage = STAGES[0]
    else:
        stage = STAGES[2] if "Escalated" in tags else STAGES[1]
    open_hours = timeline.hours_between(created_at, assigned_at, tz)
    close_hours = timeline.hours_between(created_at, ended_at or created_at, tz)
    row = {
        "name": name,
        "stage_id": story["task_stages"][stage].id,
        "state": state,
        "priority": "1" if "Escalated" in tags else "0",
        "allocated_hours": allocated,
        "date_assign": assigned_at,
        "date_end": ended_at,
        "date_deadline": (created_at + promised).replace(microsecond=0),
        "date_last_stage_update": ended_at or assigned_at,
        "working_hours_open": round(open_hours, 2),
        "working_days_open": open_hours / HOURS_PER_DAY,
        "working_hours_close": round(close_hours, 2),
        "working_days_close": close_hours / HOURS_PER_DAY,
        "create_uid": user.id,
        "create_date": created_at,
        "write_uid": user.id,
        "write_date": ended_at or assigned_at,
    }
    return row, [person.user for person in people], tags


def _tags(story, rng, day, hours):
    """Rework becomes rarer; long work is escalated."""
    chances = {
        "Rework": 0.16 - 0.09 * story.timeline.progress(day),
        "On-Site": 0.22,
        "Remote": 0.4,
        "Warranty": 0.1,
        "Escalated": 0.35 if hours > 60 else 0.03,
    }
    return tuple(name for name, chance in chances.items() if rng.random() < chance)


def _write_tasks(story, project, work):
    pattern = story.env["project.task"].create(
        {
            "name": "Pattern",
            "project_id": project.id,
            "user_ids": False,
            "stage_id": story["task_stages"][STAGES[0]].id,
        }
    )
    ids = insert_copies(pattern, [row for row, _users, _tags in work])
    pattern.unlink()
    tasks = list(zip(ids, work, strict=True))
    insert_links(
        story.env,
        "project_task_user_rel",
        ("task_id", "user_id", "stage_id"),
        [
            (task_id, user.id, story["inboxes"][user].id)
            for task_id, (_row, users, _tags) in tasks
            for user in users
        ],
    )
    field = story.env["project.task"]._fields["tag_ids"]
    insert_links(
        story.env,
        field.relation,
        (field.column1, field.column2),
        [
            (task_id, story["task_tags"][tag].id)
            for task_id, (_row, _users, tags) in tasks
            for tag in tags
        ],
    )
