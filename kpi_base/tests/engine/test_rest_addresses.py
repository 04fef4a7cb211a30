import pytest

from ...engine.rest.addresses import AddressError, is_within, networks


@pytest.mark.parametrize(
    "address, allowed, expected",
    [
        ("192.0.2.1", "", True),  # an empty list allows all
        ("192.0.2.1", " , ", True),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.2", "192.0.2.1", False),
        ("192.0.2.7", "192.0.2.0/29", True),
        ("192.0.2.8", "192.0.2.0/29", False),
        ("192.0.2.9", "198.51.100.1\n192.0.2.9", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),  # the same address, as IPv6 writes it
        ("2001:db8::1", "2001:db8::/32", True),
        ("2001:db9::1", "2001:db8::/32", False),
        ("", "192.0.2.1", False),
        ("unknown", "192.0.2.1", False),
    ],
)
def test_addresses_are_looked_up_in_networks(address, allowed, expected):
    assert is_within(address, allowed) is expected


@pytest.mark.parametrize("text", ["300.1.1.1", "192.0.2.0/33", "example.com", "1;x"])
def test_a_text_that_is_no_address_is_named(text):
    with pytest.raises(AddressError):
        networks(text)
