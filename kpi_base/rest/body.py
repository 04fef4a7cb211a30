"""Body and parameters of a request, read strictly."""

from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic import ValidationError as SchemaError

from ..engine import nesting
from .problem import Problem


@cache
def adapter(schema: Any) -> TypeAdapter:
    """Return the adapter that validates and writes values of ``schema``."""
    return TypeAdapter(schema)


def read_query(httprequest, schema: type[BaseModel]) -> BaseModel:
    """The query string as ``schema`` has it.

    :raises Problem: unknown or doubled names, values that cannot be read or do not fit
    """
    given = httprequest.args.to_dict(flat=False)
    doubled = [name for name, values in given.items() if len(values) > 1]
    if doubled:
        raise Problem("invalid", errors=[(f"/{doubled[0][:50]}", "given twice")])
    return read_given(httprequest.args.to_dict(), schema)


def read_given(values: dict[str, Any], schema: type[BaseModel]) -> BaseModel:
    """Values by name as the ``schema`` of a query has them.

    :raises Problem: as above
    """
    texts = {name: each for name, each in values.items() if isinstance(each, str)}
    misread = [(f"/{name}", advice) for name, advice in schema.misread(texts)]
    if misread:
        raise Problem("malformed-query", ": ".join(misread[0]), misread)
    try:
        return schema.model_validate(values)
    except SchemaError as error:
        raise Problem.of_schema(error) from None


def read_body(httprequest, schema: Any, max_bytes: int) -> Any:
    """The body as ``schema`` has it.

    :raises Problem: no length, too long, no JSON, or not what the schema describes
    """
    content = read_bytes(httprequest, max_bytes)
    try:
        nesting.parse(content)
        return adapter(schema).validate_json(content)
    except nesting.JsonError as error:
        raise Problem("malformed-body", str(error)) from None
    except SchemaError as error:
        raise Problem.of_schema(error) from None


def read_bytes(httprequest, max_bytes: int) -> bytes:
    if httprequest.content_length is None:
        raise Problem("length-required")
    if httprequest.content_length > max_bytes:
        raise Problem("too-large", f"The limit is {max_bytes} bytes.")
    if httprequest.mimetype != "application/json":
        raise Problem("unsupported-media-type")
    return httprequest.get_data()
