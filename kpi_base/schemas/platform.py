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


class HealthOut(Answer):
    status: str
    jobs: list[JobHealth]
    queues: dict[str, int]
    failed_messages: int = 0
    paused_servers: int = 0


class TokenIn(Body):
    scopes: list[Name] | None = Field(
        None, max_length=50, description="Some of the key's own; default: all of them"
    )
    minutes: int = Field(60, ge=1, le=60)


class TokenOut(Answer):
    token: str
    scopes: list[str]
    expires_at: datetime
