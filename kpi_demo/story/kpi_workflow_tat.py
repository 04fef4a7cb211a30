"""Requests: made, decided on, and reminded of; their clocks are the engine's."""

from datetime import timedelta

from odoo import Command

from .kpi_collaboration import as_person
from .request_plans import TEMPLATES, find_earlier, plan_quarter, plan_waiting

MODEL = "kpi.tat.request"
HELD_HOURS = 1.0
CLOSED_AFTER = timedelta(days=30)


def ask_for_things(story):
    """Requests are made and decided on today, and then dated as they would have been:
    their clocks are counted again from those moments."""
    before = story.env["kpi.delivery"].search([], order="id desc", limit=1).id or 0
    for key in TEMPLATES:
        create_template(story, key)
    plans = [*plan_quarter(story), *plan_waiting(story)]
    plans.sort(key=lambda plan: plan.submitted_at)
    requests = create_requests(story, plans)
    pairs = list(zip(plans, requests, strict=True))
    submit(story, pairs)
    decide(story, pairs)
    hold(story, pairs)
    for plan, request in pairs:
        date_back(story, plan, request)
    close(story, pairs)
    # Nobody gets mail of it.
    story.env["kpi.delivery"].search([("id", ">", before)]).unlink()
    requests.alert_ids.notification_sent = True


def turn_on_request_kpis(story):
    """The ready dashboard and the KPIs on it, as two clicks in the gallery do."""
    ready = story.env.ref("kpi_workflow_tat.kpi_gallery_dashboard_requests")
    ready = ready.with_company(story["company_de"])
    ready._install()
    ready.dashboard_id.owner_id = story["user_clara_vogt"]
    story.keep("kpi_dashboard_requests", ready.dashboard_id)
    # They are computed with all others, in a moment.
    story.env["kpi.job"].search([("state", "=", "queued")]).unlink()


def create_template(story, key):
    name, levels, _texts = TEMPLATES[key]
    template = story.env["kpi.approval.workflow"].create(
        {
            "name": name,
            "model": MODEL,
            "workflow_type": "request_template",
            "company_id": story["company_de"].id,
            "owner_id": story["user_clara_vogt"].id,
            "level_ids": [
                Command.create(
                    {
                        "sequence": number,
                        "tat_hours_standard": standard,
                        "tat_hours_express": express,
                        "approver_ids": [
                            Command.create(
                                {"whom": "user", "user_id": story[f"user_{person}"].id}
                            )
                        ],
                    }
                )
                for number, (person, standard, express) in enumerate(levels, start=1)
            ],
        }
    )
    story.keep(f"request_template_{key}", template)


def create_requests(story, plans):
    return story.env[MODEL].create(
        [
            {
                **plan.values,
                "template_id": story[f"request_template_{plan.template}"].id,
                "company_id": story["company_de"].id,
                "initiator_id": plan.initiator.id,
                "create_date": plan.submitted_at,
            }
            for plan in plans
        ]
    )


def act_together(story, pairs, find_act):
    """Let everybody do the same to all requests that they do it to.

    :param find_act: function of a plan: (person, method, arguments), or None
    """
    acts = {}
    for plan, request in pairs:
        act = find_act(plan)
        if act:
            acts[act] = acts.get(act, request) | request
    for (person, method, arguments), requests in acts.items():
        own = as_person(story, person, MODEL).browse(requests.ids)
        getattr(own, method)(*arguments)


def submit(story, pairs):
    act_together(story, pairs, lambda plan: (plan.initiator, "action_submit", ()))


def decide(story, pairs):
    """Level by level."""
    for number in range(max(len(plan.turns) for plan, _request in pairs)):

        def find_decision(plan, number=number):
            turn = plan.turns[number] if number < len(plan.turns) else None
            if not (turn and turn.decided_at):
                return None
            arguments = (turn.reason,) if turn.reason else ()
            return turn.approver, f"action_{turn.decision}", arguments

        act_together(story, pairs, find_decision)


def hold(story, pairs):
    """One waits for the answer of somebody outside."""
    (held,) = [pair for pair in pairs if pair[0].is_held]
    plan, request = held
    own = as_person(story, plan.turns[-1].approver, MODEL).browse(request.id)
    own.action_hold("The organiser has not confirmed the place yet.")
    request.hold_ids.date_from = find_earlier(story, HELD_HOURS)


def date_back(story, plan, request):
    """Count each clock anew from when its person was asked, with its reminders."""
    rows = request.level_ids.sorted("level_number")
    for turn, row in zip(plan.turns, rows, strict=False):
        step = row.step_id
        row._start(step, turn.asked_at)
        remind(row, turn.decided_at or story.timeline.now)
        if turn.decided_at:
            row._stop(turn.decided_at)
        step.write({"asked_at": turn.asked_at, "decided_at": turn.decided_at})
    request._write_pending(
        {
            "approval_asked_at": plan.submitted_at,
            "submitted_at": plan.submitted_at,
            "decided_at": request.decided_at and plan.turns[-1].decided_at,
        }
    )


def remind(row, stop):
    """The reminders that fell due before ``stop``, with their notes."""
    while row.next_due_at and row.next_due_at < stop:
        moment = row.next_due_at
        row._remind(moment)
        domain = [("model", "=", MODEL), ("res_id", "=", row.request_id.id)]
        messages = row.env["mail.message"]
        messages.search(domain, order="id desc", limit=1).date = moment


def close(story, pairs):
    """Half of what was approved long ago is put away."""
    limit = story.timeline.now - CLOSED_AFTER
    old = [
        (plan, request)
        for plan, request in pairs
        if plan.submitted_at < limit and request.status == "approved"
    ]
    act_together(story, old[::2], lambda plan: (plan.initiator, "action_close", ()))
