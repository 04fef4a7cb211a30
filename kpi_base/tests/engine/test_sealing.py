import base64

import pytest

from ...engine.sealing import SealError, generate_key, load_keys, reseal, seal, unseal

OLD, NEW = generate_key(), generate_key()


def test_a_secret_comes_back_and_does_not_show():
    sealed = seal(load_keys(NEW), "https://example.com/ä")
    assert unseal(load_keys(NEW), sealed) == "https://example.com/ä"
    assert "example" not in sealed
    assert b"example" not in base64.urlsafe_b64decode(sealed)
    assert sealed != seal(load_keys(NEW), "https://example.com/ä")


def test_the_first_key_seals_and_all_open():
    sealed = seal(load_keys(OLD), "token")
    both = load_keys(f" {NEW},\n{OLD} ")
    assert unseal(both, sealed) == "token"
    fresh = reseal(both, sealed)
    assert unseal(load_keys(NEW), fresh) == "token"
    with pytest.raises(SealError, match="Enter it again"):
        unseal(load_keys(OLD), fresh)
    with pytest.raises(SealError, match="Enter it again"):
        reseal(load_keys(OLD), fresh)


@pytest.mark.parametrize("sealed", ["", "plain", "gAAAAA=="])
def test_what_was_never_sealed_is_not_read(sealed):
    with pytest.raises(SealError):
        unseal(load_keys(NEW), sealed)


@pytest.mark.parametrize("text", [None, "", " , "])
def test_without_a_key_it_is_said_what_to_set(text):
    with pytest.raises(SealError, match="no key .* kpi_secret_keys"):
        load_keys(text)


@pytest.mark.parametrize("text", ["wrong", NEW[:-5], f"{NEW},x", "ä" * 44])
def test_what_is_no_key_is_refused_without_repeating_it(text):
    with pytest.raises(SealError, match="is invalid. Create a key with") as caught:
        load_keys(text)
    assert text not in str(caught.value)
