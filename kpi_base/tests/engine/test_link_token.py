import hashlib

from ...engine.link_token import is_token_of, new_token, token_hash


def test_a_token_has_256_bits_and_fits_into_an_address():
    tokens = {new_token() for _each in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}  # 32 bytes in base64
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_what_is_stored_is_a_hash_and_fits_no_other_token():
    token, other = new_token(), new_token()
    stored = token_hash(token)
    assert stored == hashlib.sha256(token.encode()).hexdigest()
    assert is_token_of(token, stored)
    assert not is_token_of(other, stored)
    assert not is_token_of(stored, stored)  # what is stored opens nothing


def test_any_text_can_be_asked_for():
    for text in ("", "\ud800", "é", "x" * 10_000):
        assert not is_token_of(text, token_hash(new_token()))
