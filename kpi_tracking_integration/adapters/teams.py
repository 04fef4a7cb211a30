"""Microsoft Teams: questions to an outgoing webhook, answered in the channel.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
"""

from ..engine.caller import _lt
from .adapter import Adapter


class Teams(Adapter):
    """Asks us, and is never called."""

    kind = "chat"
    name = "Microsoft Teams"
    icon = "fa-comments"
    gives = _lt("Answers in a channel with figures the owner can access.")
    needs = _lt("Security token of an outgoing webhook.")
