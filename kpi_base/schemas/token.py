"""Short-lived tokens."""

from datetime import datetime

from pydantic import Field

from .base import Answer, Body, Name


class TokenIn(Body):
    scopes: list[Name] | None = Field(
        None, max_length=50, description="Some of the key's own; default: all of them"
    )
    minutes: int = Field(60, ge=1, le=60)


class TokenOut(Answer):
    token: str
    scopes: list[str]
    expires_at: datetime
