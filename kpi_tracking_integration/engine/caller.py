"""Calls to a vendor for one run: paced, signed, their answers read with distrust."""

import json
import logging
import math
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from odoo.addons.kpi_base.engine.fault import Fault
from odoo.addons.kpi_base.engine.nesting import JsonError, parse
from odoo.addons.kpi_base.engine.outgoing import (
    Answer,
    OutgoingFailed,
    OutgoingRefused,
    call,
    parse_address,
    parse_retry_after,
    redact,
)
from odoo.addons.kpi_base.engine.outgoing.client import STORED_HEADERS

from .oauth import OAuthRefused, Token, read_token

_logger = logging.getLogger(__name__)
MOST_BYTES = 16 * 1024**2
SECONDS = 60.0  # for one call
Headers = Mapping[str, str]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
REDIRECTS = {301, 302, 303, 307, 308}
MAX_REDIRECTS = 5
READ_HEADERS = (*STORED_HEADERS, "content-encoding", "location")
LONGEST_QUOTE = 2_000  # characters of what a vendor says, in the log


def _lt(template: str) -> str:
    """A template; under this name Odoo collects it for its translators."""
    return template


class VendorFault(Fault):
    """Why a vendor gave nothing, and what to do.

    :ivar seconds: it asked to be left alone for so long
    :ivar code: why it gave no token (RFC 6749), as ``invalid_grant``
    :ivar status: of HTTP, where it refused; 0 = it did not
    :ivar said: its answer, for the log and for decisions, not for people
    """

    seconds: float | None = None
    code = ""
    status = 0
    said = ""


# what can be done about a refusal
REFUSALS = {
    "access_denied": _lt("%(vendor)s denied access. Connect again and allow it."),
    "invalid_client": _lt("%(vendor)s rejected your app. Check its ID and secret."),
    "": _lt("%(vendor)s sent no access token. Try again later."),
    "invalid_grant": _lt("%(vendor)s no longer grants access. Connect again."),
}
# the same for all vendors, by the status of HTTP
STATUS_REFUSALS = {
    401: REFUSALS["invalid_grant"],
    403: _lt(
        "%(vendor)s denied access. Give the connected account permission to read "
        "this there."
    ),
    404: _lt("%(vendor)s found nothing there. Check the names and IDs on this form."),
}
OTHER_REFUSAL = _lt(
    "%(vendor)s refused the request (%(status)s). Check the names and IDs on this form."
)
SERVER_FAULT = _lt("%(vendor)s has a problem (%(status)s). The next sync retries.")


@dataclass
class Caller:
    """Who calls a vendor.

    :param vendor: as people call it
    :param allowed: hosts that may be private
    :param headers: of each call, such as who we are
    :param secrets: texts that no sentence may repeat
    :param pause: seconds between two calls
    :param seconds: for one call
    :param deadline: of all calls, as ``time.monotonic`` counts
    :param renew: gives another token where this one is refused; empty = none is left
    :param settle: is told that the other token works
    :param explain: the fault for a status and an answer that the vendor's file knows
    """

    vendor: str
    allowed: Collection[str] = ()
    headers: Headers = field(default_factory=dict)
    secrets: Collection[str] = ()
    pause: float = 0.0
    seconds: float = SECONDS
    deadline: float = math.inf
    renew: Callable[[], str] | None = None
    settle: Callable[[], None] | None = None
    explain: Callable[[int, str], VendorFault | None] | None = None
    _next_at: float = 0.0

    def get(self, address: str, **query: Any) -> Any:
        """What stands at an address, as JSON.

        :raises VendorFault: it does not answer with 2xx, or not in JSON
        """
        place = f"{address}?{urlencode(query)}" if query else address
        return self._read(self._ask("GET", place))

    def post(self, address: str, value: Any) -> Any:
        """The answer to a question in JSON, as above."""
        return self._read(self.tell(address, value))

    def tell(self, address: str, value: Any) -> Answer:
        """Say something in JSON, where what is answered does not matter."""
        return self._ask("POST", address, json.dumps(value).encode(), JSON)

    def fetch(self, address: str) -> Answer:
        """Get the full answer of an address, after some redirects.

        Other servers that it redirects to do not get the headers, such as a secret.

        :raises VendorFault: it does not answer with 2xx, or redirects to an address
            that is not allowed
        """
        headers = self.headers
        answer = self._call("GET", address, b"", headers)
        start = urlsplit(address)[:2]
        for _number in range(MAX_REDIRECTS):
            place = answer.headers.get("location")
            if answer.status not in REDIRECTS or not place:
                break
            try:
                address = urljoin(address, place)
                if urlsplit(address)[:2] != start:
                    headers = {}
                answer = self._call("GET", address, b"", headers)
            except (ValueError, VendorFault) as error:
                if not isinstance(error.__cause__, OutgoingRefused | None):
                    raise
                raise self.fault(
                    _lt(
                        "%(vendor)s redirects to an address that is not allowed. Enter "
                        "the public https:// address that has the data."
                    )
                ) from error
        if not 200 <= answer.status < 300:
            raise self._fault_of(answer)
        self._check_whole(answer)
        return answer

    def sign(
        self, token: str, name: str = "Authorization", kind: str = "Bearer "
    ) -> None:
        """Be whoever a token is of from now on."""
        self.headers = {**self.headers, name: f"{kind}{token}"}
        self.secrets = [*self.secrets, token]

    def fetch_token(self, address: str, question: bytes) -> Token:
        """What is given for a question of ``engine.oauth``.

        :raises VendorFault: nothing
        """
        try:
            return read_token(self._call("POST", address, question, FORM).body)
        except OAuthRefused as refused:
            raise self.refusal(str(refused)) from refused

    def _ask(
        self, method: str, address: str, body: bytes = b"", kind: Headers | None = None
    ) -> Answer:
        kind = kind or {}
        answer = self._call(method, address, body, {**self.headers, **kind})
        if answer.status == 401 and self.renew and (token := self.renew()):
            self.sign(token)
            answer = self._call(method, address, body, {**self.headers, **kind})
            if self.settle and answer.status != 401:
                self.settle()
        if 200 <= answer.status < 300:
            return answer
        raise self._fault_of(answer)

    def _call(self, method: str, address: str, body: bytes, headers: Headers) -> Answer:
        time.sleep(max(self._next_at - time.monotonic(), 0.0))
        now = time.monotonic()
        self._next_at = now + self.pause
        if now >= self.deadline:
            raise self._late_fault()
        try:
            place = parse_address(address, self.allowed)
            return call(
                *(method, place, body, headers, self.allowed),
                seconds=min(self.seconds, self.deadline - now),
                most_bytes=MOST_BYTES,
                stored_headers=READ_HEADERS,
            )
        except OutgoingRefused as error:
            raise VendorFault(error.template, **error.parameters) from error
        except OutgoingFailed as error:
            if time.monotonic() >= self.deadline:
                raise self._late_fault() from error
            _logger.info("%s cannot be reached: %s", self.vendor, error)
            raise self.fault(
                _lt(
                    "%(vendor)s cannot be reached or did not answer in time. The "
                    "next sync retries."
                )
            ) from error

    def _check_whole(self, answer: Answer) -> None:
        encoding = answer.headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            raise self.fault(
                _lt(
                    "%(vendor)s sent a compressed answer, which cannot be read. It has "
                    "to honor “Accept-Encoding: identity”."
                )
            )
        if not answer.is_whole:
            raise self.fault(
                _lt("%(vendor)s returned over %(size)s MB. Request less data."),
                size=MOST_BYTES // 1024**2,
            )

    def _read(self, answer: Answer) -> Any:
        self._check_whole(answer)
        try:
            return parse(answer.body)
        except JsonError as error:
            raise self.fault(
                _lt(
                    "%(vendor)s sent an answer that cannot be read, such as a login "
                    "page. Check the names and IDs on this form."
                )
            ) from error

    def _fault_of(self, answer: Answer) -> VendorFault:
        asked = parse_retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        if answer.status == 429 or (answer.status == 503 and asked is not None):
            return self.wait_fault(60.0 if asked is None else asked)
        return self.refused(answer.status, answer.text)

    def refused(self, status: int, said: str) -> VendorFault:
        """A fault for an answer: what to do, while the log has what was said."""
        said = redact(said, self.secrets)[:LONGEST_QUOTE]
        _logger.info("%s refused (%s): %s", self.vendor, status, said)
        fault = self.explain(status, said) if self.explain else None
        if not fault:
            other = SERVER_FAULT if status >= 500 else OTHER_REFUSAL
            fault = self.fault(STATUS_REFUSALS.get(status, other), status=status)
        fault.status, fault.said = status, said
        return fault

    def wait_fault(self, seconds: float = 60.0) -> VendorFault:
        """A fault after which the vendor is not called for these seconds."""
        fault = self.fault(_lt("%(vendor)s asks to wait."))
        fault.seconds = seconds
        return fault

    def _late_fault(self) -> VendorFault:
        return self.fault(
            _lt(
                "Reading %(vendor)s took too long and was stopped. No data was saved. "
                "Reduce “Closed Periods” or read fewer records."
            )
        )

    def refusal(self, code: str) -> VendorFault:
        """A fault that says why there is no token."""
        known = REFUSALS.get(code, _lt("%(vendor)s denied access: %(code)s."))
        if not re.fullmatch("[a-z_]{0,40}", code):  # no code, and no text for people
            known = REFUSALS["access_denied"]
        fault = self.fault(known, code=code)
        fault.code = code
        return fault

    def fault(self, template: str, **parameters: Any) -> VendorFault:
        """A fault that names the vendor."""
        return VendorFault(template, vendor=self.vendor, **parameters)
