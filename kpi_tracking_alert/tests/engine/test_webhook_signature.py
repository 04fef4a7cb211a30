import pytest

from ...engine.webhook_signature import SecretError, load_secret, new_secret, sign

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
