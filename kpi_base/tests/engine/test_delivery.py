import smtplib
from random import Random

import pytest

from ...engine.delivery import (
    LONGEST_DELAY_SECONDS,
    asked_delay,
    is_refused_for_good,
    is_server_failure,
    pause_after,
    retry_delay,
)

ANN, BOB = "ann@example.com", "bob@example.com"


@pytest.mark.parametrize(
    ("attempt", "bound"),
    [(1, 60), (2, 120), (5, 960), (9, 15360), (10, 21600), (500, 21600)],
)
def test_waits_are_spread_evenly_below_a_bound_that_doubles(attempt, bound):
    rng = Random(7)
    waits = [retry_delay(attempt, rng) for _draw in range(2000)]
    assert 0 <= min(waits) < 0.02 * bound
    assert 0.98 * bound < max(waits) <= bound <= LONGEST_DELAY_SECONDS
    assert sum(waits) / len(waits) == pytest.approx(bound / 2, rel=0.05)


def test_an_attempt_that_was_not_made_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        retry_delay(0, Random(7))


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(30, 30), (0.2, 1), (1.5, 2), (-5, 1), (1e9, 21600), (float("nan"), 1)],
)
def test_a_server_is_left_alone_for_as_long_as_it_says_within_reason(asked, waits):
    assert asked_delay(asked) == waits


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (smtplib.SMTPRecipientsRefused({ANN: (550, b"unknown")}), True),
        (smtplib.SMTPRecipientsRefused({ANN: (450, b"busy")}), False),
        (smtplib.SMTPRecipientsRefused({ANN: (550, b""), BOB: (451, b"")}), False),
        (smtplib.SMTPDataError(554, b"spam"), True),
        (smtplib.SMTPDataError(452, b"full"), False),
        (smtplib.SMTPSenderRefused(552, b"too big", ANN), True),
        # the sender's administrator mends these
        (smtplib.SMTPAuthenticationError(535, b"bad password"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
        # an address or a text that can never be written
        (UnicodeError(), True),
    ],
)
def test_only_what_the_far_server_refuses_for_good_is_given_up(error, expected):
    assert is_refused_for_good(error) is expected


@pytest.mark.parametrize(
    ("failures", "seconds", "pause"),
    [
        (1, 0.1, 0),
        (2, 0.1, 0),
        (3, 0.1, 30),
        (4, 0.1, 60),
        (8, 0.1, 900),
        (500, 0.1, 900),
        (1, 15.0, 30),  # one that hangs is enough
        (2, 15.0, 60),
    ],
)
def test_a_server_that_fails_is_left_alone(failures, seconds, pause):
    assert pause_after(failures, seconds) == pause


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError("No answer"), True),
        (smtplib.SMTPServerDisconnected("gone"), True),
        (smtplib.SMTPConnectError(421, b"busy"), True),
        (smtplib.SMTPAuthenticationError(535, b"who?"), True),
        (smtplib.SMTPDataError(421, b"closing"), True),
        (smtplib.SMTPDataError(451, b"try later"), False),
        (smtplib.SMTPRecipientsRefused({ANN: (450, b"full")}), False),
        (ValueError("a message that cannot be built"), False),
    ],
)
def test_what_tells_of_the_server_and_what_of_the_message(error, expected):
    assert is_server_failure(error) is expected
