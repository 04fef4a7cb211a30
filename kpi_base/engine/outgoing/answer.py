"""What a server answered, and what that means for the message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

LONGEST_TEXT = 1024
LONGEST_RETRY_AFTER = 6 * 3600.0
GONE = 410
WORTH_ANOTHER_TRY = {408, 425, 429}  # time-out, too early, too many
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Answer:
    """A status with some of what came with it.

    :ivar headers: the few that matter, names in lower case
    :ivar body: at most ``MOST_BYTES``; empty where it came compressed
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """What is kept of the body."""
        text = self.body[: 4 * LONGEST_TEXT].decode(errors="replace")
        return _CONTROL.sub("", text)[:LONGEST_TEXT].strip()


class Meaning(Enum):
    """What becomes of the message."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    GONE = "gone"  # refused, and whatever is sent there later will be, too


def meaning_of(status: int) -> Meaning:
    """Tell what a status of HTTP means for a message (RFC 9110, 15)."""
    if 200 <= status < 300:
        return Meaning.SENT
    if status == GONE:
        return Meaning.GONE
    if 400 <= status < 500 and status not in WORTH_ANOTHER_TRY:
        return Meaning.REFUSED
    return Meaning.LATER


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds to wait, of the header ``Retry-After`` (RFC 9110, 10.2.3).

    :param text: a number of seconds or a date of HTTP; None = no header
    :param now: with its time zone
    :return: 0 to ``LONGEST_RETRY_AFTER``; None where the text says nothing
    """
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        # more digits than any number of seconds that matters
        return min(float(text[:12]), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000", or the old form of C
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)
