"""KPIs on tasks and tickets."""

from .kpi import DESKS, WORK_TREE, Kpi

DONE = "[('project_id', '!=', False), ('state', '=', '1_done')]"
NOT_CANCELLED = "[('project_id', '!=', False), ('state', '!=', '1_canceled')]"
TICKETS = "[('project_id.name', '=like', 'Support Desk%')]"
SOLVED = "[('project_id.name', '=like', 'Support Desk%'), ('state', '=', '1_done')]"
OVERDUE = (
    "[('project_id', '!=', False), ('date_end', '=', False),"
    " ('date_deadline', '<', 'today')]"
)


def tasks(date_field, domain, **values):
    return {
        "computation": "records",
        "model_name": "project.task",
        "date_field": date_field,
        "domain": domain,
        **values,
    }


WORK_KPIS = (
    Kpi(
        "tickets_opened",
        "Tickets per Day",
        "Support",
        "Tickets opened at the support desks, day by day.",
        tasks("create_date", TICKETS, frequency="day", direction="lower"),
        departments=DESKS,
        ambition=None,
    ),
    Kpi(
        "tasks_done",
        "Tasks Done",
        "Delivery",
        "Tasks and tickets finished; one done by two people counts for both, and once"
        " for their department.",
        tasks("date_end", DONE),
        breakdowns=("tag_ids", "project_id"),
        departments=WORK_TREE,
        teams=("squad",),
        people=("de_projects", "de_install", *DESKS, "us_delivery"),
    ),
    Kpi(
        "first_time_right",
        "First Time Right",
        "Delivery",
        "Share of the finished tasks that needed no rework.",
        tasks(
            "date_end",
            DONE,
            measure="share",
            numerator_domain="['!', ('tag_ids.name', '=', 'Rework')]",
            unit="percent",
            decimals=1,
        ),
        departments=WORK_TREE,
        teams=("squad",),
        ambition=0.02,
        tags=("Board",),
    ),
    Kpi(
        "ticket_hours",
        "Time to Solve",
        "Support",
        "Working hours from the opening of a ticket to its solution, on average.",
        tasks(
            "date_end",
            SOLVED,
            measure="average",
            operand="duration",
            duration_from_field="create_date",
            duration_to_field="date_end",
            duration_unit="hour",
            unit="duration",
            decimals=1,
            direction="lower",
        ),
        companies=("de",),
        departments=("de_support",),
        people=("de_support",),
        working_hours="de",
        tags=("Weekly Meeting",),
    ),
    Kpi(
        "ticket_hours_p90",
        "Time to Solve, 90th Percentile",
        "Support",
        "Nine out of ten tickets are solved within this many hours, around the clock.",
        tasks(
            "date_end",
            SOLVED,
            measure="percentile",
            percentile=90.0,
            operand="duration",
            duration_from_field="create_date",
            duration_to_field="date_end",
            duration_unit="hour",
            unit="duration",
            direction="lower",
        ),
        departments=DESKS,
        ambition=0.15,
    ),
    Kpi(
        "open_tasks",
        "Open Tasks",
        "Delivery",
        "Tasks and tickets open at the end of the period.",
        tasks(
            "create_date",
            NOT_CANCELLED,
            kind="stock",
            date_to_field="date_end",
            direction="lower",
        ),
        departments=WORK_TREE,
    ),
    Kpi(
        "overdue_tasks",
        "Overdue Tasks",
        "Delivery",
        "Open tasks past their deadline at the end of the week.",
        tasks(
            "create_date", OVERDUE, kind="snapshot", frequency="week", direction="lower"
        ),
        departments=WORK_TREE,
        ambition=None,
    ),
)
