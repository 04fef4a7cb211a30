"""Delays before failed messages are tried again, and failures that are final."""

import smtplib
from random import Random

ATTEMPTS = 12
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
