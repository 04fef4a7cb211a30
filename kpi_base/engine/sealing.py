"""Secrets as they are stored: sealed with a key that the database does not hold."""

import re
from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .fault import Fault, _lt


class SealError(Fault):
    """A secret that cannot be stored or read, and what to do about it."""


def generate_key() -> str:
    """A new key, as the configuration takes it."""
    return Fernet.generate_key().decode()


def load_keys(text: str | None) -> MultiFernet:
    """Keys parted by commas: the first one seals, all of them open.

    :raises SealError: there is none, or one is no key
    """
    parts = re.findall(r"[^\s,]+", text or "")
    if not parts:
        raise SealError(
            _lt(
                "The server has no key for secrets. Ask your administrator to set "
                "kpi_secret_keys in its configuration."
            )
        )
    try:
        return MultiFernet([Fernet(part) for part in parts])
    except ValueError:
        raise SealError(
            _lt(
                "kpi_secret_keys in the server configuration is invalid. Create a "
                "key with the command kpi_secret generate."
            )
        ) from None


def seal(keys: MultiFernet, text: str) -> str:
    """What is stored of a secret."""
    return keys.encrypt(text.encode()).decode()


def unseal(keys: MultiFernet, sealed: str) -> str:
    """The secret itself.

    :raises SealError: it was sealed with none of the keys
    """
    return _open(keys.decrypt, sealed)


def reseal(keys: MultiFernet, sealed: str) -> str:
    """The same secret, sealed with the first key.

    :raises SealError: it was sealed with none of the keys
    """
    return _open(keys.rotate, sealed)


def _open(way: Callable[[bytes], bytes], sealed: str) -> str:
    try:
        return way(sealed.encode()).decode()
    except InvalidToken:
        raise SealError(
            _lt(
                "This secret cannot be read: its key is missing from "
                "kpi_secret_keys. Enter it again."
            )
        ) from None
