"""Rights of a user that are looked up once while something is read, and what a user
asks for.
"""

from contextlib import contextmanager
from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

KEY = "kpi_base.rights"
ASSISTANT = "kpi_assistant"  # in the context where a program asks that answers people


@contextmanager
def remember_rights(env, is_reading=True):
    """Look up once what record rules ask for, while the block runs.

    Rules look up whom the user leads and what is shared with them each time they are
    applied. Requests that change nothing ask once, by themselves; so does what reads
    much without a request::

        with remember_rights(self.env):
            ...

    Nothing may change in the block: what is remembered is not looked up again.

    :param is_reading: where it is not so, each look-up is made anew
    """
    cache = env.cr.cache
    if KEY in cache or not is_reading:
        yield  # an outer block remembers
        return
    cache[KEY] = {}
    try:
        yield
    finally:
        cache.pop(KEY, None)


def look_up_once(env, key, look_up):
    """Return what a look-up finds; within ``remember_rights`` it runs once per user.

    :param key: hashable, says what is looked up
    :param look_up: callable without arguments; what it returns is not to be changed
    """
    known = env.cr.cache.get(KEY)
    if known is None:
        return look_up()
    companies = env.context.get("allowed_company_ids") or ()
    full = (key, env.uid, bool(env.context.get(ASSISTANT)), *companies)
    if full not in known:
        known[full] = look_up()
    return known[full]


def search_by(get_domain, *arguments):
    """Search of a yes-or-no field that holds for the records of a domain::

        is_mine = fields.Boolean(search=search_by("_get_own_domain"), …)

    :param get_domain: name of the method that returns the domain of ``arguments``
    """

    def search(records, operator, value):
        if operator != "in":
            return NotImplemented
        look_up = partial(getattr(records, get_domain), *arguments)
        key = (records._name, get_domain, *arguments)
        domain = look_up_once(records.env, key, look_up)
        return domain if True in value else ~domain

    return search


def given_domain(records, domain):
    """The domain of ``records`` that a client gives; of all where it gives none.

    :raises UserError: it is no domain of this model
    """
    try:
        given = Domain(domain or Domain.TRUE)
        given.validate(records)
    except (TypeError, ValueError) as error:
        raise UserError(records.env._("Invalid domain: %s", error)) from error
    return given


def find_moved(records, company):
    """Those that would come to another company; rules see them where they are only.

    :param company: where they are to be; without any they stay
    :raises AccessError: it is none of the user's
    """
    moved = records.filtered(lambda one: company and one.company_id != company)
    if moved and not records.env.su and company not in records.env.companies:
        raise AccessError(records.env._("Choose one of your companies."))
    return moved


def readable_domain(records, model_field, id_field, domain=Domain.TRUE):
    """Rows that name a record of one model that fits and the user may read.

    As the user, archived ones too: rules of a record are read as superuser, and ask for
    those of what it is about.

    :param records: empty recordset of the model
    :param model_field, id_field: which hold the model and the id in the rows
    """
    # Their rules are what is asked for here.
    own = records.sudo(False).with_context(active_test=False)
    if not own.has_access("read"):
        return Domain.FALSE
    seen = own._search(domain)
    # OFFSET 0: each row looks up its own record. Without it PostgreSQL first reads all
    # that the user may read, years of entries to show the eighty that wait.
    return Domain(model_field, "=", records._name) & Domain.custom(
        to_sql=lambda rows, alias, query: SQL(
            "EXISTS (SELECT FROM %s WHERE %s = %s AND %s OFFSET 0)",
            seen.from_clause,
            SQL.identifier(seen.table, "id"),
            rows._field_to_sql(alias, id_field, query),
            seen.where_clause or SQL("TRUE"),
        )
    )
