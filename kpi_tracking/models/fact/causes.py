"""Why a value became another one, as far as the engine sees it."""

CAUSES = [
    ("records", "Records changed"),
    ("removed", "Records removed or moved"),
    ("people", "Departments or teams changed"),
    ("rates", "Exchange rates changed"),
    ("definition", "Definition changed"),
    ("target", "Target changed"),
    ("time", "Time passed"),
    ("manual", "Entry"),
    ("import", "Import"),
    ("api", "Other system"),
    ("external", "Other app"),
    ("recomputed", "Recomputed"),
    ("several", "Several changes"),
]
# of those that nothing else is known of
CAUSE_OF_SOURCE = {"records": "recomputed", "formula": "recomputed"}
