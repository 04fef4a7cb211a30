"""The audit log: whether it is intact, and proofs that it is."""

from typing import Annotated, ClassVar

from pydantic import Field

from .base import Answer, Fields, Id, Query, Row, Word


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
    of: ClassVar = Fields(
        "kpi.audit.log",
        "model res_id seq event_type recorded_at text previous_hash hash",
    )
    model: str  # which kinds of records have entries is nobody else's to know
    res_id: int
    event_type: str


class AuditAnchorOut(Row):
    of: ClassVar = Fields("kpi.audit.anchor", "size anchored_at is_signed text")


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
