"""The audit log: whether it is intact, and proofs that it is."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from .base import Answer, Id, Query, Row, Word


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
    recorded_at: datetime
    text: str
    previous_hash: str
    hash: str


class AuditAnchorOut(Row):
    size: int
    anchored_at: datetime
    is_signed: bool
    text: str


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
