"""Kinds of errors (RFC 9457): their names stay as they are, programs rely on them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    """A kind of error.

    :param slug: last part of its address, which never changes
    :param status: status code of the answer
    :param title: what happened, the same each time
    :param advice: what to do about it
    """

    slug: str
    status: int
    title: str
    advice: str


TYPES = {
    kind.slug: kind
    for kind in (
        ProblemType(
            "malformed-body",
            400,
            "The body cannot be read",
            "Send one JSON value in UTF-8: every name once in an object, no NaN and no"
            " Infinity.",
        ),
        ProblemType(
            "malformed-query",
            400,
            "Invalid parameter in the URL",
            "Write numbers in the digits 0 to 9, days as 2026-01-31, and true or false;"
            " “errors” names each parameter.",
        ),
        ProblemType(
            "unauthorized",
            401,
            "No valid key",
            "Send a key of this database that has not expired, from an address that it"
            " allows, as “Authorization: Bearer …” or “X-API-Key: …”.",
        ),
        ProblemType(
            "insufficient-scope",
            403,
            "Missing scope",
            "Use a key that has the scope that this page names for the request.",
        ),
        ProblemType(
            "forbidden",
            403,
            "Not allowed",
            "The owner of the key does not have this right in Odoo. Ask for the "
            "right, or use the key of someone who has it.",
        ),
        ProblemType(
            "not-found",
            404,
            "Nothing here",
            "Check the path and the ID. Records the owner of the key has no "
            "access to are reported as not found.",
        ),
        ProblemType(
            "method-not-allowed",
            405,
            "Method not allowed",
            "Use one of the methods in the header “Allow”.",
        ),
        ProblemType(
            "conflict",
            409,
            "Conflict",
            "The detail names the conflict. If there is a header “Retry-After”, "
            "send the same request again after that many seconds.",
        ),
        ProblemType(
            "length-required",
            411,
            "The length of the body is missing",
            "Send the header “Content-Length”. Chunked bodies are not accepted.",
        ),
        ProblemType(
            "precondition-failed",
            412,
            "The record has changed",
            "Read it again, and send the change with the new “ETag” in “If-Match”.",
        ),
        ProblemType(
            "too-large", 413, "The body is too large", "Send fewer rows in a call."
        ),
        ProblemType(
            "unsupported-media-type",
            415,
            "The body is not JSON",
            "Send “Content-Type: application/json”.",
        ),
        ProblemType(
            "invalid",
            422,
            "Invalid request",
            "“detail” and “errors” name each place and what is expected there.",
        ),
        ProblemType(
            "idempotency-key-reused",
            422,
            "This idempotency key was used for another request",
            "Use a new key for each new request. Use the same key only to "
            "repeat the same request.",
        ),
        ProblemType(
            "too-many-requests",
            429,
            "Too many requests",
            "Wait for the number of seconds in the header “Retry-After”.",
        ),
        ProblemType(
            "internal-error",
            500,
            "Something went wrong here",
            "Give the “request_id” to the administrator, who finds details in "
            "the server log.",
        ),
        ProblemType(
            "unavailable",
            503,
            "Not available at the moment",
            "Send the same request again after the number of seconds in “Retry-After”.",
        ),
    )
}
