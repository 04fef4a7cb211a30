"""Template messages of WhatsApp's Cloud API.

A business may write to somebody who has not written within 24 hours by approved
templates only, and nobody writes to an alarm
(https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates).
"""

import re

from odoo.addons.kpi_base.engine.message import Message

from .words import Words, list_lines, shorten

JOINT = " · "
LONGEST_PARAMETER = 300  # three of them and the template's own words: at most 1,024
# Refused now, taken later: limits of rate and faults of the service.
PASSING_CODES = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131056, 133004})
_SPACES = re.compile(r"\s+")


def whatsapp_payload(
    message: Message, words: Words, *, phone: str, template: str, language: str
) -> dict:
    """The template, filled with title, what is said, and the link.

    :param phone: with country code; other signs than digits are left out
    :param template: name of an approved template with three variables in its body
    :param language: as it was approved in, such as ``en_US``
    """
    lines = list_lines(message, words, JOINT, LONGEST_PARAMETER - 30)
    said = JOINT.join(lines) or message.title
    parameters = [message.title, said, message.url or "–"]
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": re.sub(r"\D", "", phone),
        "type": "template",
        "template": {
            "name": template,
            "language": {"code": language},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "text": _parameter(text)}
                        for text in parameters
                    ],
                }
            ],
        },
    }


def _parameter(text: str) -> str:
    """Without line breaks, tabs and runs of blanks: they are refused."""
    return shorten(_SPACES.sub(" ", text).strip(), LONGEST_PARAMETER)


def is_passing(answer: object) -> bool:
    """Check whether an error of the service may be another one later.

    :param answer: its JSON, or anything else that came
    """
    error = answer.get("error") if isinstance(answer, dict) else None
    return isinstance(error, dict) and error.get("code") in PASSING_CODES
