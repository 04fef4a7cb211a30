"""Who sees which rows of reports, written down by hand.

Rows of a request are seen by who sees the request. Figures of people are seen by them,
by who manages their department and by officers; those of departments by who manages
them and by officers.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY

NEVER = dict.fromkeys(("write", "create", "unlink"), NOBODY)
OFFICERS = {
    **NOBODY,
    "officer_a": {"uma", "sam"},
    **dict.fromkeys(("officer_ab", "admin"), {"uma", "sam", "b"}),
}
MODELS_OF_REQUESTS = (
    "kpi.tat.compliance",
    "kpi.tat.alert.summary",
    "kpi.tat.workflow.aging",
    "kpi.tat.engagement",
    "kpi.tat.lifecycle",
)


def make_report_oracle(seen):
    """Model → operation → person → keys.

    :param seen: person → keys of the requests that they see
    """
    of_departments = {**OFFICERS, "parent": {"sam"}}
    return {
        **{model: {"read": seen, **NEVER} for model in MODELS_OF_REQUESTS},
        "kpi.tat.request.volume": {"read": OFFICERS, **NEVER},
        "kpi.tat.department.summary": {"read": of_departments, **NEVER},
        "kpi.tat.daily.metrics": {"read": of_departments, **NEVER},
        # Lea is asked in A, Bea in B; Lea's own department is nobody's.
        "kpi.tat.approver.performance": {
            "read": {**OFFICERS, "leader": {"sam"}},
            **NEVER,
        },
    }


def find_report_rows(env, requests, rows):
    """Model → key → row of its report.

    :param requests: key → request
    :param rows: key → clock
    """
    env.flush_all()
    submitted = {key: requests[key] for key in rows}

    def find(model, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return env[model].search(domain, limit=1)

    def find_by_department(model):
        return {
            key: find(
                model,
                company_id=one.company_id.id,
                department_id=one.department_id.id,
            )
            for key, one in submitted.items()
        }

    of_request = {
        model: {
            key: find(model, request_id=one.id)
            for key, one in (requests if "engagement" in model else submitted).items()
        }
        for model in MODELS_OF_REQUESTS
    }
    return {
        **of_request,
        "kpi.tat.request.volume": {
            key: find(
                "kpi.tat.request.volume",
                company_id=one.company_id.id,
                status=one.status,
            )
            for key, one in submitted.items()
        },
        "kpi.tat.department.summary": find_by_department("kpi.tat.department.summary"),
        "kpi.tat.daily.metrics": find_by_department("kpi.tat.daily.metrics"),
        "kpi.tat.approver.performance": {
            key: find(
                "kpi.tat.approver.performance",
                company_id=row.company_id.id,
                approver_id=row.approver_id.id,
            )
            for key, row in rows.items()
        },
    }
