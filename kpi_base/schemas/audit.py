"""The audit log: whether it is intact, and proofs that it is."""

from typing import Annotated, ClassVar

from pydantic import Field

from .base import Answer, Filter, Id, ListQuery, Moment, Query, Row, Word


class AuditVerifyQuery(Query):
    model: Word | None = None
    res_id: Id | None = None


class AuditFaultOut(Answer):
    kind: str
    model: str
    res_id: int
    seq: int
    text: str


class AuditVerifyOut(Answer):
    is_whole: bool
    entry_count: int
    anchored_count: int
    faults: list[AuditFaultOut]


class AuditEntryOut(Row):
    model: str
    res_id: int
    seq: int
    event_type: str
    recorded_at: Moment
    text: str
    previous_hash: str
    hash: str


class AuditEntriesQuery(ListQuery):
    row: ClassVar = AuditEntryOut

    model: Annotated[Word | None, Filter("model")] = None
    res_id: Annotated[Id | None, Filter("res_id")] = None
    event_type: Annotated[Word | None, Filter("event_type")] = None


class AuditAnchorOut(Row):
    size: int
    anchored_at: Moment
    is_signed: bool
    text: str


class AuditAnchorsQuery(ListQuery):
    row: ClassVar = AuditAnchorOut


class AuditProofOut(Answer):
    text: str
    previous_hash: str
    leaf_index: int
    proof: list[str]
    anchor: str


class AuditConsistencyQuery(Query):
    size: Annotated[int, Field(ge=1)]


class AuditConsistencyOut(Answer):
    first: int
    second: int
    proof: list[str]
    anchor: str
