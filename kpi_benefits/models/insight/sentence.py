"""Sentences that name the records they are about."""


def cite(text, *recordsets):
    """A sentence and what it is about, as screens and REST routes give it."""
    return {
        "text": text,
        "records": [
            {"model": one._name, "id": one.id, "name": one.display_name}
            for records in recordsets
            for one in records
        ],
    }
