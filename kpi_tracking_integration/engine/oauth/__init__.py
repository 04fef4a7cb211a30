"""OAuth 2.0 as a client: RFC 6749, PKCE (RFC 7636), signed assertions (RFC 7523).

::

    verifier = new_verifier()
    address = build_address(endpoint, client, redirect, state, verifier, scope)
    answer = post(token_endpoint, ask_by_code(client, code, redirect, verifier))
    token = read_token(answer.body)

Requests are the bodies of forms; whoever calls posts them.
"""

from .assertion import KeyFault, ServiceAccount, read_service_account
from .flow import (
    Client,
    OAuthRefused,
    Token,
    ask_anew,
    ask_as_client,
    ask_by_assertion,
    ask_by_code,
    build_address,
    new_verifier,
    read_token,
)
