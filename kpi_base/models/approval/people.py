"""People around documents that are to be approved."""

from functools import cache, partial

from odoo import fields
from odoo.exceptions import ValidationError

from ...engine.approval import Situation
from ...rights import look_up_once


def build_situations(documents, workflow, submitters):
    """The people around documents, by a few statements for each person and company.

    :param documents: of one model
    :param workflow: that they are asked by
    :param submitters: dict document → user
    :return: dict document → ``Situation``
    """
    # Who works where, who is away and who leads whom is no secret.
    env = documents.sudo().env
    users = env["res.users"]
    now = fields.Datetime.now()
    on_leave = look_up_once(env, "on leave", lambda: users._kpi_find_on_leave(now))
    delegates = env["kpi.approval.delegation"]._find_delegates(now, workflow)
    companies = documents._get_approval_companies()
    parties = documents._get_approval_parties()

    @cache
    def find_readable(user):
        return set(documents._filter_readable_by(user)._ids)

    @cache
    def find_manager(company, user_id):
        """Id of the nearest user above in a company."""
        employee = find_employee(users.browse(user_id), company)
        seen = employee.browse()
        while employee and employee not in seen:
            seen |= employee
            employee = get_manager(employee)
            if employee.user_id:
                break
        return employee.user_id.id or None

    def is_at_work(document, user_id):
        """Check whether somebody works now, and may see a document."""
        user, company = users.browse(user_id), companies[document]
        return (
            user not in on_leave
            and user.active
            and not user.share
            and (not company or company.id in user._get_company_ids())
            and document.id in find_readable(user)
        )

    return {
        document: Situation(
            submitter=submitters[document].id,
            owner=workflow.owner_id.id,
            is_at_work=partial(is_at_work, document),
            find_manager=partial(find_manager, companies[document]),
            delegates=delegates,
            parties=frozenset(parties[document].ids),
        )
        for document in documents
    }


def find_employee(user, company):
    """The employee that a user is in a company; of several companies the first."""
    # Who works where, and leads whom, is no secret.
    return choose_employee(user.sudo()._kpi_find_employees(), company)


def choose_employee(employees, company):
    """The first of these employees in a company; of several companies the first."""
    return employees.filtered(lambda one: not company or one.company_id == company)[:1]


def get_manager(employee):
    """The manager of an employee: their own, else the head of their department."""
    department = employee.department_id
    head = department.manager_id
    if head == employee:
        head = department.parent_id.manager_id
    return employee.parent_id or (head - employee)


def check_works_here(record, name, companies):
    """Refuse somebody who cannot decide, as they work here or there no more.

    :param name: of the field that holds the person
    :param companies: the person needs access to one of these; empty: to any
    :raises ValidationError: naming the field
    """
    # Whether and where somebody works is no secret.
    person = record[name].sudo()
    env = record.env
    label = record._fields[name]._description_string(env)
    if not (person.active and person._is_internal()):
        raise ValidationError(
            env._(
                "%(field)s: %(person)s is not an active internal user. Choose "
                "someone else.",
                field=label,
                person=person.name,
            )
        )
    if companies and not companies & person.company_ids:
        raise ValidationError(
            env._(
                "%(field)s: %(person)s has no access to %(company)s. Choose "
                "someone else.",
                field=label,
                person=person.name,
                company=", ".join(companies.mapped("name")),
            )
        )
