"""Types that the schemas of all resources are made of.

What comes in is strict: unknown names, texts for numbers and numbers for texts are
refused. Query strings hold texts only, so those are read as what they should be, where
they are written as JSON writes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    TypeVar,
    get_args,
    get_origin,
)

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    GetJsonSchemaHandler,
    StringConstraints,
    create_model,
    model_validator,
)

MAX_ID = 2**31 - 1
ROW = "x-row"  # of a schema, until its fields are described
# How a value is written in a query string; pydantic alone takes “+1”, “1_000”, “1.0”,
# “yes” and the seconds since 1970 for a day.
DAY_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FORMS = {
    bool: (re.compile("true|false"), "write true or false"),
    date: (DAY_FORM, "write a day as 2026-01-31"),
    int: (re.compile("-?[0-9]+"), "write a whole number in digits, as 12"),
}


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text cannot hold the character NUL")
    return text


Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_without_nul)]
# Addresses hold no more than some ten thousand bytes, and a letter takes up to twelve.
Word = Annotated[str, StringConstraints(max_length=200), AfterValidator(_without_nul)]
Place = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_without_nul)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"\S"),
    AfterValidator(_without_nul),
]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(9998, 12, 31))]
Grain = Literal["day", "week", "month", "quarter", "year"]
ScopeType = Literal["company", "department", "team", "user"]
Status = Literal[
    "off_target", "at_risk", "on_target", "not_due", "no_target", "no_data"
]


def _missing(value: Any) -> Any:
    """Odoo returns False for empty values."""
    return None if value is False or value == "" else value


def _in_utc(value: Any) -> Any:
    """Odoo's datetimes are in UTC without a time zone."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=timezone.utc)
    return value


def _as_stored(moment: datetime) -> datetime:
    """Odoo stores datetimes in UTC, without a time zone."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


Moment = Annotated[datetime, BeforeValidator(_in_utc)]
AsStored = AfterValidator(_as_stored)
Number = Annotated[FiniteFloat, Field(ge=-1e300, le=1e300)]
OrNone = BeforeValidator(_missing)


def _is_day(text: str) -> str:
    if not DAY_FORM.fullmatch(text):
        raise ValueError("write a day as 2026-01-31")
    date.fromisoformat(text)
    return text


def _is_moment(text: str) -> str:
    datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    return text


# What Odoo's own clients send: False where there is nothing, days and moments as texts.
Nothing = Literal[False] | None
GivenDay = Day | Annotated[str, AfterValidator(_is_day)]
GivenMoment = datetime | Annotated[str, AfterValidator(_is_moment)]


class Body(BaseModel):
    """Body of a request."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """Parameters behind the question mark."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def misread(cls, given: dict[str, str]) -> Iterator[tuple[str, str]]:
        """Names of texts that do not have the form of their type, and that form."""
        fields = {each.alias or name: each for name, each in cls.model_fields.items()}
        for name, text in given.items():
            known = fields.get(name)
            form, advice = FORMS.get(_kind(known and known.annotation), (None, ""))
            if form and not form.fullmatch(text):
                yield name, advice


def _kind(annotation: Any) -> Any:
    """The plain type in an annotation such as ``Annotated[int, …] | None``."""
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    choices = [each for each in get_args(annotation) if each is not type(None)]
    return _kind(choices[0]) if len(choices) == 1 else annotation


class Answer(BaseModel):
    """Body of an answer."""

    model_config = ConfigDict(from_attributes=True)


class Reference(Answer):
    """Another record."""

    id: int
    name: str


@dataclass(frozen=True)
class Fields:
    """Which fields of a model a row has.

    :param names: in order; “name!” is always there, though its field could be empty
    :param notes: descriptions of some
    """

    model: str
    names: str
    notes: dict[str, str] = field(default_factory=dict)


def _describe_row(schema: dict[str, Any], row: type["Row"]) -> None:
    """Only the id is certain; types of fields are filled in later: see ``openapi``."""
    schema["required"] = ["id"]
    schema[ROW] = row


class Row(Answer):
    """A record: every field of the same name, ``x`` for ``x_id`` and ``x_ids`` too.

    A subclass names them in ``of``; their types are those of the model. It may
    annotate some of them, or all, with other types. A request for some of its fields
    gets those and the id. ``needs`` names fields of the model that show which of the
    values are known, ``sources`` those that are called otherwise there.
    """

    of: ClassVar[Fields | None] = None
    needs: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[dict[str, str]] = {}

    model_config = ConfigDict(json_schema_extra=_describe_row)

    id: int

    def __init_subclass__(cls, **options: Any) -> None:
        if fields := cls.__dict__.get("of"):
            typed = cls.__annotations__
            names = [name.removesuffix("!") for name in fields.names.split()]
            cls.__annotations__ = {name: typed.get(name, Any) for name in names} | typed
        return super().__init_subclass__(**options)


R = TypeVar("R")


class Page(Answer, Generic[R]):
    """Some rows of a list, and how to get the following ones."""

    items: list[R]
    next_cursor: str | None = Field(description="null on the last page")


@dataclass(frozen=True)
class Filter:
    """Field and operator that a name in a query string filters a list by.

    :param kind: type of what is given
    """

    path: str
    operator: str = "="
    kind: Any = Word
    description: str | None = None


class RowQuery(Query):
    """Choice of the fields of a row in the answer.

    ``row`` is the schema of the rows.
    """

    row: ClassVar[type[Row]] = Row

    fields: Place | None = Field(
        None,
        description="Fields to return, separated by commas; default: all",
        examples=["name"],
    )

    @property
    def names(self) -> list[str]:
        """The fields wanted, the id among them."""
        if self.fields is None:
            return list(self.row.model_fields)
        return list(dict.fromkeys(["id", *self.fields.split(",")]))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        names = "|".join(cls.row.model_fields)
        wanted = schema["properties"]["fields"]["anyOf"][0]
        wanted["pattern"] = f"^({names})(,({names}))*$"
        return schema

    @model_validator(mode="after")
    def _fields_exist(self) -> "RowQuery":
        unknown = [name for name in self.names if name not in self.row.model_fields]
        if unknown:
            known = ", ".join(self.row.model_fields)
            raise ValueError(f"fields: “{unknown[0][:50]}” is none of {known}")
        return self


def query_of(schema: type[Row]) -> type[RowQuery]:
    """The query of a route that answers with one row of a schema."""

    class OneQuery(RowQuery):
        row: ClassVar = schema

    return OneQuery


SORT = "Field to sort by; a minus in front reverses the order"
LATEST_FIRST = (Word, Field("-id", description=SORT))


class ListQuery(RowQuery):
    """Choice of the rows of a list, and of their order.

    A subclass adds fields with a ``Filter``, and names in ``sortable`` the stored
    fields that sort a list, next to the id: choices in the order of their list, and
    what is empty last.
    """

    sortable: ClassVar[tuple[str, ...]] = ()

    limit: int = Field(100, ge=1, le=1000, description="Maximum rows per page")
    cursor: Place | None = Field(
        None, description="“next_cursor” of the page before", examples=[]
    )
    sort: Word = Field("id", description=SORT)

    @property
    def sort_field(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def filters(self) -> list[tuple[str, str, Any]]:
        """The conditions given, as (path, operator, value)."""
        return [
            (condition.path, condition.operator, value)
            for name, info in type(self).model_fields.items()
            for condition in info.metadata
            if isinstance(condition, Filter)
            and (value := getattr(self, name)) is not None
        ]

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        names = ("id", *cls.sortable)
        schema["properties"]["sort"]["enum"] = [*names, *(f"-{name}" for name in names)]
        return schema

    @model_validator(mode="after")
    def _sort_is_allowed(self) -> "ListQuery":
        allowed = ("id", *self.sortable)
        if self.sort_field not in allowed:
            raise ValueError(f"sort: use one of {', '.join(allowed)}")
        return self


def list_of(row: type[Row], sortable: str = "", **given: Any) -> type[ListQuery]:
    """The query of a list of rows.

    :param sortable: stored fields that sort it, next to the id
    :param given: a ``Filter``, or (type, default) of what the route reads by itself
    """
    fields = {
        name: (
            Annotated[one.kind | None, one],
            Field(None, description=one.description),
        )
        if isinstance(one, Filter)
        else one
        for name, one in given.items()
    }
    query = create_model(f"{row.__name__}List", __base__=ListQuery, **fields)
    query.row, query.sortable = row, tuple(sortable.split())
    return query


class ProblemItem(Answer):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body, or the name")
    detail: str


class ProblemOut(Answer):
    """Any answer that is not a success (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemItem] = []
