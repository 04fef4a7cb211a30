from ...engine.fingerprint import hash_text


def test_a_digest_is_the_beginning_of_sha256():
    # FIPS 180-2, appendix B.1: SHA-256 of "abc" begins with ba7816bf
    assert hash_text("abc") == "ba7816bf8f01cfea414140de5dae2223"


def test_a_text_and_its_bytes_have_one_digest():
    assert hash_text("12,5 €") == hash_text("12,5 €".encode())
    assert hash_text("12,5 €") != hash_text("12.5 €")
