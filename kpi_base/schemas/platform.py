"""Health of the engine, and short-lived tokens."""

from datetime import datetime

from pydantic import Field

from .base import Answer, Body, Name


class JobHealth(Answer):
    name: str
    is_active: bool
    last_run_at: datetime | None
    age_seconds: int | None
    failures: int
    last_state: str | None = None


class ServerHealth(Answer):
    name: str
    address: str
    release: str
    silence: float = Field(description="Seconds since its last report")
    clock: float = Field(description="Seconds that it is before the database's clock")
    leads: bool = Field(description="Whether its timer is active")
    lanes: int = Field(description="Computations at the moment")
    workers: int
    replica: str | None
    replica_behind: float | None
    replica_share: float | None = Field(description="Of the rows read, from 0 to 1")
    has_files: bool
    has_sessions: bool
    has_locks: bool


class HealthOut(Answer):
    status: str
    jobs: list[JobHealth]
    queues: dict[str, int]
    failed_messages: int = 0
    paused_servers: int = 0
    servers: list[ServerHealth] | None = Field(None, description="For administrators")
    problems: dict[str, list[str]] | None = Field(
        None, description="What is amiss, and the servers that it is about; as above"
    )


class TokenIn(Body):
    scopes: list[Name] | None = Field(
        None, max_length=50, description="Some of the key's own; default: all of them"
    )
    minutes: int = Field(60, ge=1, le=60)


class TokenOut(Answer):
    token: str
    scopes: list[str]
    expires_at: datetime
