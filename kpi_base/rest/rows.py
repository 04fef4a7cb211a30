"""Records as rows of answers: one of them, or pages of a list."""

import hashlib
import json
from datetime import datetime, timezone

from odoo.fields import Domain
from odoo.http import request
from odoo.tools import SQL

from ..fields import or_none
from ..rights import ASSISTANT
from ..schemas.base import Reference
from .body import adapter
from .call import current_call
from .problem import Problem
from .types import can_be_empty, find_field

# Names that programs know moments by, see ``kpi.dated.mixin``.
STORED_AS = {"created_at": "create_date", "updated_at": "write_date"}


def find_record(model, key, name="id"):
    """The record, archived or not, as far as the user may see it.

    :param name: of the field that holds ``key``, such as a UUID
    :raises Problem: there is none
    """
    everything = request.env[model].with_context(active_test=False)
    record = everything.search([(name, "=", key)])
    if not record:
        raise Problem("not-found")
    return record.with_env(request.env)


def read_values(body, records, nullable=None):
    """What a body says of fields, as values to write; what it does not name stays.

    Null empties what can be empty. Elsewhere a new record gets its default, and another
    one is refused.

    :param records: those to write, none for a new one
    :param nullable: fields that null empties; it leaves all others as they are
    :raises Problem: a record that the key's user cannot see, or null in an existing one
        for what cannot be empty
    """
    given = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if name in records._fields}
    verify_named(values, records)
    if nullable is None:
        nulls = [name for name, value in values.items() if value is None]
        nullable = [name for name in nulls if can_be_empty(records._fields[name])]
        refused = [(f"/{n}", "cannot be empty") for n in nulls if n not in nullable]
        if records and refused:  # it would be 0 or “no”
            raise Problem("invalid", errors=refused)
    return {
        name: False if value is None else value
        for name, value in values.items()
        if value is not None or name in nullable
    }


def verify_named(values, records):
    """Check that the key's user sees what values name by ids.

    :param records: of the model whose fields the values are for
    :raises Problem: one is not there
    """
    for name, value in values.items():
        if value and name.endswith("_id"):
            find_record(records._fields[name].comodel_name, value)


def row(record, query):
    """One record with the fields that ``query`` asks for."""
    return rows(record, query)[0]


def rows(records, query):
    """Records with the fields that ``query`` asks for, else with those to be read."""
    current_call().record_ids += records.ids
    names = [
        name
        for name in query.names
        if query.fields or records._has_field_access(find_field(records, name), "read")
    ]
    return describe_records(records, query.row, names, **query.row.sources)


def describe_records(records, schema, names=None, **sources):
    """Records as a schema has them: each name is a field, or what ``sources`` says.

    :param schema: a subclass of ``Answer``
    :param names: of the schema; default: all
    :param sources: name in the schema → the field that it is read from
    """
    names = schema.model_fields if names is None else names
    sources = {name: find_field(records, sources.get(name, name)) for name in names}
    records = _fetch_rows(records, sources.values(), getattr(schema, "needs", ()))
    return [
        schema.model_construct(
            set(names), **{name: _value(record, sources[name]) for name in names}
        )
        for record in records
    ]


def read_page(model, query, domain=()):
    """A page of the records that the user may see.

    :param query: a ``ListQuery``: filters, order, cursor, size, fields
    :param domain: further conditions
    :return: values of a ``Page``
    """
    conditions = Domain(query.filters) & Domain(domain)
    if request.env.context.get(ASSISTANT):
        # What is left is never left out without a word.
        current_call().row_count = request.env[model].search_count(conditions)
    name = STORED_AS.get(query.sort_field, query.sort_field)
    field = request.env[model]._fields[name]
    if query.cursor:
        conditions &= _after(query, field)
    found = request.env[model]._search(conditions)
    found.order = _order_sql(request.env[model], found, field, query.is_descending)
    found.limit = query.limit + 1
    records = request.env[model].browse(found)
    page, rest = records[: query.limit], records[query.limit :]
    return {
        "items": rows(page, query),
        "next_cursor": _cursor(page[-1], query, field) if rest else None,
    }


def etag(answer):
    """Tag that changes whenever the answer does."""
    text = adapter(type(answer)).dump_json(answer, exclude_unset=True)
    return hashlib.sha256(text).hexdigest()[:32]


def _fetch_rows(records, fields, needs):
    """These records with what their rows say in memory, and nothing beside it.

    Odoo reads all fields of a record with the first one: of KPIs, their definitions and
    companies that takes longer than all the rest of an answer.

    :param needs: names of fields that values of ``fields`` depend on
    """
    records = records.with_context(prefetch_fields=False)
    fields = [*fields, *(records._fields[name] for name in needs)]
    records.fetch([field.name for field in fields])
    beyond = {}
    for field in fields:
        if field.relational:
            beyond.setdefault(field.name, set()).add("display_name")
        if field.related and not field.store:
            first, *rest = field.related.split(".")
            if rest:  # of another record, not another name for an own field
                beyond.setdefault(first, set()).add(rest[0])
    for name, names in beyond.items():
        # Those who may see a record may see what it says of others: see ``reference``.
        records.sudo()[name].fetch(names)
    return records


def _value(record, field):
    value = record[field.name]
    if field.type == "many2one":
        return reference(value) if value else None
    if field.relational:
        return [reference(each) for each in value]
    if field.type == "boolean":
        return value
    is_known = getattr(field, "known", None)
    if is_known and not is_known(record):
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=timezone.utc)
    return or_none(value)


def reference(record):
    """Another record by its number and name."""
    # Names of what a record stands for, for those who may see the record.
    return Reference.model_construct(id=record.id, name=record.sudo().display_name)


def _order_sql(model, found, field, is_descending):
    """SQL of an order: choices as in their list, and what is empty last."""
    way = SQL("DESC") if is_descending else SQL("ASC")
    by_number = SQL("%s %s", SQL.identifier(found.table, "id"), way)
    if field.name == "id":
        return by_number
    value = model._field_to_sql(found.table, field.name, found)
    if field.type == "selection":
        choices = field.get_values(model.env)
        value = SQL("array_position(%s::varchar[], %s::varchar)", choices, value)
    if field.required:
        return SQL("%s %s, %s", value, way, by_number)
    if _has_place(field):
        value = SQL("coalesce(%s, %s)", value, field.falsy_value)
    return SQL("%s %s NULLS LAST, %s", value, way, by_number)


def _has_place(field):
    """Check whether what is empty is sorted as a value is, as 0 or an empty text."""
    return field.falsy_value is not None


def _cursor(record, query, field):
    value = record[field.name]
    if not value and _has_place(field):
        value = field.falsy_value
    place = [str(value) if not isinstance(value, (int, float, str)) else value]
    content = [_shape(query), *place, record.id]
    return request.env["kpi.api.key"]._seal("cursor", content)


def _after(query, field):
    """Conditions for the rows behind the position that the cursor names.

    :raises Problem: the cursor is not ours, or of another list
    """
    known = request.env["kpi.api.key"]._unseal("cursor", query.cursor)
    if not known:
        raise Problem("invalid", "cursor: invalid value.")
    shape, value, record_id = known
    if shape != _shape(query):
        raise Problem(
            "invalid", "cursor: belongs to another list, filter or sort order."
        )
    behind = Domain("id", "<" if query.is_descending else ">", record_id)
    if field.name == "id":
        return behind
    beyond = _beyond(field, value, query.is_descending)
    return beyond | Domain(field.name, "=", value) & behind


def _beyond(field, value, is_descending):
    """Conditions for the rows whose value comes later in the order of a list."""
    are_last = Domain.FALSE
    if not (field.required or _has_place(field)):
        if value is False:
            return are_last
        are_last = Domain(field.name, "=", False)
    if field.type == "selection":
        choices = field.get_values(request.env)
        place = choices.index(value)
        later = choices[:place] if is_descending else choices[place + 1 :]
        return Domain(field.name, "in", later) | are_last
    return Domain(field.name, "<" if is_descending else ">", value) | are_last


def _shape(query):
    """Digest of what two pages of one list have in common: its filters and order."""
    parts = [current_call().route, query.sort, query.filters]
    text = json.dumps(parts, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
