from datetime import datetime, timezone

import pytest
from standardwebhooks.webhooks import Webhook

from ...engine.webhook_signature import (
    WINDOW,
    SecretError,
    SignatureError,
    TimeError,
    load_secret,
    new_secret,
    sign,
    verify,
)

# The example of the reference implementations (standard-webhooks/standard-webhooks)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, MOMENT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_is_signed_alike():
    assert sign([SECRET], ID, MOMENT, BODY) == SIGNATURE


def test_two_secrets_sign_during_a_rotation():
    other = new_secret()
    both = sign([other, SECRET], ID, MOMENT, BODY).split(" ")
    assert both == [sign([other], ID, MOMENT, BODY), SIGNATURE]


HEADERS = {
    "webhook-id": ID,
    "webhook-timestamp": str(MOMENT),
    "webhook-signature": SIGNATURE,
}


@pytest.mark.parametrize(
    ("webhook_id", "moment", "body"),
    [("msg_2", MOMENT, BODY), (ID, MOMENT + 1, BODY), (ID, MOMENT, BODY + b" ")],
)
def test_all_of_a_message_is_signed(webhook_id, moment, body):
    assert sign([SECRET], webhook_id, moment, body) != SIGNATURE


@pytest.mark.parametrize("webhook_id", ["", "a.b", "a b", "a\n", "é"])
def test_an_id_cannot_move_into_the_rest(webhook_id):
    with pytest.raises(ValueError, match="no id"):
        sign([SECRET], webhook_id, MOMENT, BODY)


def test_new_secrets_differ_and_are_long_enough():
    assert new_secret() != new_secret()
    assert len(load_secret(new_secret())) == 24


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        SECRET.removeprefix("whsec_"),
        "whsec_",
        "whsec_c2hvcnQ=",  # five bytes
        "whsec_" + "A" * 200,  # more than 64
        SECRET + "*",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
    ],
)
def test_what_is_no_secret_is_refused(text):
    with pytest.raises(SecretError):
        load_secret(text)


def test_what_the_reference_signs_is_verified():
    secret = new_secret()
    moment = datetime.fromtimestamp(MOMENT, timezone.utc)
    signed = Webhook(secret).sign(ID, moment, BODY.decode())
    for texts in ([secret], [new_secret(), secret]):
        given = HEADERS | {"webhook-signature": f"v1a,x v2,y é {signed}"}
        assert verify(texts, given, BODY, MOMENT) == ID


@pytest.mark.parametrize("seconds", [-WINDOW, 0, WINDOW])
def test_a_message_is_valid_for_minutes(seconds):
    assert verify([SECRET], HEADERS, BODY, MOMENT + seconds) == ID


@pytest.mark.parametrize(
    ("change", "body", "seconds"),
    [
        ({}, BODY, WINDOW + 1),
        ({}, BODY, -WINDOW - 1),
        ({}, BODY + b" ", 0),
        ({"webhook-id": "msg_2"}, BODY, 0),
        ({"webhook-id": "a.b"}, BODY, 0),
        ({"webhook-id": ""}, BODY, 0),
        ({"webhook-timestamp": str(MOMENT + 1)}, BODY, 0),
        ({"webhook-timestamp": ""}, BODY, 0),
        ({"webhook-timestamp": f"{MOMENT}.0"}, BODY, 0),
        ({"webhook-timestamp": "9" * 5000}, BODY, 0),
        ({"webhook-signature": ""}, BODY, 0),
        ({"webhook-signature": SIGNATURE.removeprefix("v1,")}, BODY, 0),
        ({"webhook-signature": "v1,"}, BODY, 0),
    ],
)
def test_any_other_message_is_refused(change, body, seconds):
    with pytest.raises(SignatureError):
        verify([SECRET], HEADERS | change, body, MOMENT + seconds)


def test_another_secret_signs_nothing():
    with pytest.raises(SignatureError):
        verify([new_secret()], HEADERS, BODY, MOMENT)
    with pytest.raises(SignatureError):
        verify([], HEADERS, BODY, MOMENT)


def test_a_broken_secret_of_ours_is_no_fault_of_the_message():
    with pytest.raises(SecretError):
        verify([SECRET, "whsec_short"], HEADERS, BODY, MOMENT)


@pytest.mark.parametrize("minutes", [-10, 6])
def test_a_clock_that_is_wrong_is_known_as_such(minutes):
    with pytest.raises(TimeError):
        verify([SECRET], HEADERS, BODY, MOMENT + 60 * minutes)
