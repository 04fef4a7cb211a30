"""Types of what REST routes take and give, from the fields of models."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field, create_model

from odoo.http import request

from ..engine.rest.openapi import REF
from ..fields import OptionalNumber
from ..schemas.base import Answer, Day, Filter, Id, Reference, Row, Word, list_of

NUMBERS = ("integer", "float", "monetary")
TYPES = {
    "boolean": bool,
    "char": str,
    "date": date,
    "datetime": datetime,
    "float": float,
    "html": str,
    "integer": int,
    "json": dict[str, Any],
    "many2many": list[Reference],
    "many2one": Reference,
    "monetary": float,
    "one2many": list[Reference],
    "selection": str,
    "text": str,
}
GIVEN = {str: Word, date: Day, Reference: Id}
ARCHIVED = "false: the archived ones; default: all others"


def find_field(model, name):
    """The field behind a name in a row: itself, or ``…_id``, ``…_ids``."""
    for candidate in (name, f"{name}_id", f"{name}_ids"):
        if candidate in model._fields:
            return model._fields[candidate]
    raise KeyError(name)


def can_be_empty(field):
    """Check whether records may have no value there, which is neither 0 nor “no”."""
    if field.required or field.type == "boolean":
        return False
    return field.type not in NUMBERS or isinstance(field, OptionalNumber)


def describe_row(row: type[Row]) -> dict[str, Any]:
    """Name → JSON schema of the fields of a row whose types are those of the model."""
    if not row.of:
        return {}
    model = request.env[row.of.model]
    fields = {}
    for name in row.of.names.split():
        known, is_certain = name.removesuffix("!"), name.endswith("!")
        if row.model_fields[known].annotation is not Any:
            continue
        field = find_field(model, known)
        kind = _type_of(field, model.env)
        is_certain |= field.type in ("many2many", "one2many")
        if not is_certain and (can_be_empty(field) or getattr(field, "known", None)):
            kind |= None
        fields[known] = (kind, Field(description=row.of.notes.get(known)))
    shown = create_model(row.__name__, __base__=Answer, **fields)
    schema = shown.model_json_schema(mode="serialization", ref_template=REF)
    return schema["properties"]


@dataclass(frozen=True)
class RowsQuery:
    """The query of a list, before it is known which types fields have."""

    row: type[Row]
    names: str
    sortable: str
    others: dict[str, Any]

    def build(self, env):
        """The query in a database.

        :param env: of the database
        """
        model = env[self.row.of.model]
        filters = {name: _filter_by(model, name) for name in self.names.split()}
        return list_of(self.row, self.sortable, **filters, **self.others)


def _filter_by(model, name):
    kind = _type_of(find_field(model, name), model.env)
    note = ARCHIVED if name == "active" else None
    return Filter(name, kind=GIVEN.get(kind, kind), description=note)


def _type_of(field, env):
    values = tuple(field.get_values(env)) if field.type == "selection" else ()
    return Literal[values] if values else TYPES[field.type]
