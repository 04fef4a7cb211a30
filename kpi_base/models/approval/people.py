"""People around documents that are to be approved."""

from odoo import fields
from odoo.exceptions import ValidationError

from ...engine.approval import Situation


class PeopleFinder:
    """Finds who can be asked now, by a few statements for each person and company.

    :param documents: of one model
    :param workflow: that they are asked by
    """

    def __init__(self, documents, workflow):
        # Who works where, who is away and who leads whom is no secret.
        env = documents.sudo().env
        self._users = env["res.users"]
        self._documents = documents
        self._companies = documents._get_approval_companies()
        self._parties = documents._get_approval_parties()
        self._owner = workflow.owner_id
        self._away = set(self._users._kpi_find_away(fields.Datetime.now()).ids)
        today = fields.Date.context_today(documents)
        self._delegates = env["kpi.approval.delegation"]._find_delegates(
            today, workflow
        )
        self._managers = {}
        self._readable = {}

    def build_situation(self, document, submitter):
        """The people around one document, as ``engine.approval`` takes them."""
        company = self._companies[document]
        return Situation(
            submitter=submitter.id,
            owner=self._owner.id,
            is_there=lambda user_id: self._is_there(user_id, document, company),
            find_manager=lambda user_id: self._find_manager(user_id, company),
            delegates=self._delegates,
            parties=frozenset(self._parties[document].ids),
        )

    def _is_there(self, user_id, document, company):
        """Check whether somebody can be asked about a document now."""
        user = self._users.browse(user_id)
        if user_id not in self._readable:
            readable = self._documents._filter_readable_by(user)
            self._readable[user_id] = set(readable._ids)
        return (
            user_id not in self._away
            and user.active
            and not user.share
            and (not company or company in user.company_ids)
            and document.id in self._readable[user_id]
        )

    def _find_manager(self, user_id, company):
        """Id of the nearest user above in a company; looked up once."""
        key = user_id, company
        if key not in self._managers:
            employee = find_employee(self._users.browse(user_id), company)
            seen = employee.browse()
            while employee and employee not in seen:
                seen |= employee
                employee = get_manager(employee)
                if employee.user_id:
                    break
            self._managers[key] = employee.user_id.id or None
        return self._managers[key]


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
                "%(field)s: %(person)s does not work here. Choose somebody else.",
                field=label,
                person=person.name,
            )
        )
    if companies and not companies & person.company_ids:
        raise ValidationError(
            env._(
                "%(field)s: %(person)s does not work for %(company)s. Choose"
                " somebody else.",
                field=label,
                person=person.name,
                company=", ".join(companies.mapped("name")),
            )
        )
