import pytest

from ...engine.phone import is_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+49 30 1234567", True),
        ("+1 (555) 010-9999", True),
        ("0049301234567", False),
        ("030 1234567", False),
        ("+0123456789", False),
        ("+12345", False),
        ("+1234567890123456", False),
        ("", False),
        (None, False),
        ("+49 30 CALL", False),
    ],
)
def test_a_phone_number_has_its_country(text, expected):
    assert is_phone(text) is expected
