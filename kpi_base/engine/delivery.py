"""Delays before failed messages are tried again, and failures that are final."""

import smtplib
from math import ceil
from random import Random

ATTEMPTS = 12
MOST_UNCONFIRMED = 3  # attempts at a message that may have arrived each time
FAILURES = 3  # of a server one after the other, before it is left alone
LONG_SECONDS = 5.0  # a failure that took longer is enough by itself
FIRST_PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 15 * 60.0
CLOSING = 421  # SMTP: the server is closing the connection (RFC 5321, 4.2.3)
FIRST_DELAY_SECONDS = 60.0
LONGEST_DELAY_SECONDS = 6 * 3600.0
REFUSED_FOR_GOOD = 500  # SMTP: 4xx = try again, 5xx = do not (RFC 5321, 4.2.1)


def retry_delay(attempt: int, rng: Random) -> float:
    """Seconds to wait after a failed attempt: exponential backoff with full jitter.

    The bound doubles with each attempt and the wait is drawn evenly below it, so that
    what failed together does not come back together (Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015).

    :param attempt: number of attempts made, at least 1
    :raises ValueError: ``attempt`` below 1
    """
    if attempt < 1:
        raise ValueError(f"attempt must be at least 1, got {attempt}")
    doublings = min(attempt - 1, 60)  # beyond it a float would overflow for nothing
    bound = min(FIRST_DELAY_SECONDS * 2**doublings, LONGEST_DELAY_SECONDS)
    return rng.uniform(0.0, bound)


def asked_delay(seconds: float) -> int:
    """Whole seconds to wait where the server said for how long, within reason.

    :param seconds: as the server said; less than one and NaN count as one
    """
    return ceil(min(max(1.0, seconds), LONGEST_DELAY_SECONDS))


def is_refused_for_good(error: BaseException) -> bool:
    """Check whether an SMTP server said that trying again is of no use.

    A refused log-in is the sender's to mend, so it is tried again, as is everything
    that happens to the connection.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(
            code >= REFUSED_FOR_GOOD for code, _text in error.recipients.values()
        )
    if isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused):
        return error.smtp_code >= REFUSED_FOR_GOOD
    return isinstance(error, UnicodeError | AssertionError)


def smtp_answer(error: BaseException | None) -> str:
    """What an SMTP server said, as “450 try later”; empty where it said nothing."""
    answers: list[tuple[int, bytes | str]] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    return "; ".join(
        f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
        for code, text in answers
    )


def pause_after(failures: int, seconds: float) -> float:
    """Seconds for which a server is left alone; 0 = it is tried again at once.

    A circuit breaker (Nygard, "Release It!", 2007): each failure after the pause
    doubles the next one.

    :param failures: how often it has failed, one after the other
    :param seconds: how long it took to fail last
    """
    enough = 1 if seconds >= LONG_SECONDS else FAILURES
    if failures < enough:
        return 0.0
    doublings = min(failures - enough, 60)
    return min(FIRST_PAUSE_SECONDS * 2**doublings, LONGEST_PAUSE_SECONDS)


def is_server_failure(error: BaseException) -> bool:
    """Check whether the server failed, whatever the message was.

    What it says of one message or receiver tells nothing of the next.
    """
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == CLOSING:
        return True
    if isinstance(error, smtplib.SMTPException):
        return isinstance(
            error,
            smtplib.SMTPServerDisconnected
            | smtplib.SMTPConnectError
            | smtplib.SMTPHeloError
            | smtplib.SMTPAuthenticationError,
        )
    return isinstance(error, OSError)
