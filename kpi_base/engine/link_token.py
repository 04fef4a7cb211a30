"""Texts that let somebody without a login do one thing: whoever has one, may.

256 bits nobody guesses, so a plain hash protects them: what is stored opens
nothing.
"""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """A text of 43 letters, as an address can hold it."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Hash stored for a token, and computed of any text that is sent as one."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def is_token_of(token: str, stored_hash: str) -> bool:
    """Check whether ``stored_hash`` is that of ``token``, in constant time."""
    return hmac.compare_digest(token_hash(token).encode(), stored_hash.encode())
