"""What the story is told of: people, customers, sites and texts, as JSON."""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "facts"


def load(name: str) -> dict:
    """Tables of the file ``facts/<name>.json``, by name."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
