"""Records by the names that people write, in any case."""

from odoo.fields import Domain
from odoo.tools.sql import escape_psql


def get_name_domain(name, path="name"):
    """Domain of what has this name in any case; ``%`` and ``_`` are letters in it.

    :param path: the field that holds the name
    """
    return Domain(path, "=ilike", escape_psql(name))


def find_named(records, name, domain=Domain.TRUE):
    """The record of this name; without one, of the same name in another case."""
    found = records.search(get_name_domain(name) & domain)
    return (found.filtered(lambda each: each.name == name) or found)[:1]
