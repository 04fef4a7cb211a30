"""Slack: questions typed as ``/kpi``, answered to whoever asks.

https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from ..engine.caller import _lt
from .adapter import Adapter


class Slack(Adapter):
    """Asks us; we call it to show a KPI whose link somebody posts."""

    kind = "chat"
    name = "Slack"
    icon = "fa-slack"
    gives = _lt("Answers to /kpi with figures the user can access.")
    needs = _lt("Slack app signing secret; bot token to preview KPI links.")
    origin = "https://slack.com"
    hooks = "https://hooks.slack.com"  # where answers to clicks go

    def test(self):
        return self.require(self.call("auth.test", {}), "team", str)

    def call(self, method, values):
        """What a method of Slack's Web API answers: with 200, whatever it thinks.

        :raises VendorFault: it refuses
        """
        answer = self.caller.post(f"{self.origin}/api/{method}", values)
        if not self.require(answer, "ok", bool):
            said = str(answer.get("error"))[:80]
            raise self.caller.fault(_lt("%(vendor)s refused: %(said)s."), said=said)
        return answer
