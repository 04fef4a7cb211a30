"""What the executive dashboard shows and watches, unless somebody says otherwise."""

import json
from pathlib import Path
from typing import Any

DEFAULTS = Path(__file__).with_suffix(".json")


class DashboardConfig:
    """Configurations of orchestrators."""

    def get_config(self, env: Any = None, **given: Any) -> dict[str, Any]:
        """A configuration of one's own, to be changed at will.

        :param env: environment of Odoo, whose user's rights hold; without one, figures
            are made of the rows in ``given``: see ``DataAggregator``
        :param given: rows, and what replaces ``kpi_config`` or ``alert_rules``
        """
        return {**json.loads(DEFAULTS.read_text()), "env": env, **given}

    def load(self, config: dict[str, Any]) -> dict[str, list[str]]:
        """Turn on in Odoo what a configuration with an ``env`` names.

        :return: as ``_load_config`` of ``kpi.bi.analysis``
        """
        analyses = config["env"]["kpi.bi.analysis"]
        return analyses._load_config(config["kpi_config"], config["alert_rules"])


bi_config = DashboardConfig()
