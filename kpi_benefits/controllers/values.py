"""What bodies of requests say, as values to write."""

from odoo.addons.kpi_base.rest.rows import find_record


def prepare_values(body, names, without=frozenset()):
    """Values of a body; null empties a field, and what it does not name stays.

    :param names: field → model of the records that it names by id
    :param without: names in the body that are no fields
    :raises Problem: a record that the key's user cannot see
    """
    values = body.model_dump(exclude_unset=True, exclude=without)
    for name, model in names.items():
        if values.get(name):
            find_record(model, values[name])
    return {name: False if value is None else value for name, value in values.items()}
