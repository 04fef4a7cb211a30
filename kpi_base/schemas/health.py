"""Health of the engine."""

from datetime import datetime

from .base import Answer


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
