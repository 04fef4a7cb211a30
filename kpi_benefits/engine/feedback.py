"""What somebody typed on the page for feedback: read, or refused with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LONGEST_NAME = 100
LONGEST_COMMENT = 4000
RATINGS = ("1", "2", "3", "4", "5")
Reason = Literal["name", "rating", "comment", "key"]


@dataclass(frozen=True)
class Feedback:
    """An answer; ``key`` tells one sent twice from two."""

    key: str
    name: str
    role: str
    rating: int
    comment: str


class FeedbackError(ValueError):
    """An answer that cannot be stored.

    :ivar reason: which field is missing or wrong
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def read_feedback(form: Mapping[str, str]) -> Feedback:
    """Read the fields of the form.

    :raises FeedbackError: the first one that is wrong
    """
    texts = {
        name: _clean(form.get(name)) for name in ("name", "role", "comment", "key")
    }
    if not texts["name"] or len(texts["name"]) > LONGEST_NAME:
        raise FeedbackError("name")
    if form.get("rating") not in RATINGS:
        raise FeedbackError("rating")
    if len(texts["comment"]) > LONGEST_COMMENT:
        raise FeedbackError("comment")
    if not 16 <= len(texts["key"]) <= 64:
        raise FeedbackError("key")
    return Feedback(
        key=texts["key"],
        name=texts["name"],
        role=texts["role"][:LONGEST_NAME],
        rating=int(form["rating"]),
        comment=texts["comment"],
    )


def _clean(text: object) -> str:
    return str(text or "").replace("\x00", "").replace("\r\n", "\n").strip()
