"""What people did on a phone, as it is sent once there is reception."""

from typing import Annotated, Any

from pydantic import Base64Bytes, Field, FiniteFloat, StringConstraints

from odoo.addons.kpi_base.schemas.base import Body, GivenDay, Id, Nothing, Text, Word

MOST_FILES = 5
Uuid = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
    ),
]


class Item(Body):
    """One act.

    :ivar seen: state and value that the phone showed
    :ivar after: the earlier item that it follows
    """

    uuid: Uuid
    uid: Id
    company_id: Id
    kind: Word
    phone_time: Word
    seen: dict[str, Any] | None = None
    after: Uuid | None = None
    data: dict[str, Any]


class Entry(Body):
    """A value.

    :ivar attachment_ids: photos that earlier versions of the app sent before it
    :ivar force: it was confirmed, however unusual it is
    :ivar photo: JPEG, PNG or WebP, as base64
    """

    report_id: Id
    contributor_id: Id | Nothing = None
    period: GivenDay
    value: str | int | FiniteFloat | None
    note: Text | Nothing = None
    reason: Text | Nothing = None
    attachment_ids: Annotated[list[Id], Field(max_length=MOST_FILES)] = []
    force: bool = False
    photo: Annotated[Base64Bytes, Field(strict=False)] | None = None


class Note(Body):
    report_id: Id
    period: GivenDay
    text: Annotated[Text, StringConstraints(min_length=1)]


class Acknowledge(Body):
    """``event_ids``: the others of the same KPI."""

    event_id: Id
    event_ids: Annotated[list[Id], Field(max_length=100)] = []


class Snooze(Acknowledge):
    until: Word


KINDS: dict[str, type[Body]] = {
    "entry": Entry,
    "note": Note,
    "acknowledge": Acknowledge,
    "snooze": Snooze,
}
