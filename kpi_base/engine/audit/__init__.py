"""A log that shows when it was changed: canonical texts, hash chains, Merkle trees.

Nothing here reads a database or a clock, so that a stranger can verify an export with
these files alone. The formats are documented in ``docs/audit.md``.
"""

from .anchor import Anchor, AnchorKey, parse_anchor
from .canonical import AuditError, canonical_text, parse_canonical
from .chain import (
    GENESIS,
    Entry,
    Fault,
    commitment,
    link_hash,
    parse_hash,
    verify_chain,
)
from .canonical import AuditFault
from .merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    roots_at,
)

__all__ = [
    "GENESIS",
    "Anchor",
    "AnchorKey",
    "AuditError",
    "AuditFault",
    "Entry",
    "Fault",
    "Frontier",
    "canonical_text",
    "commitment",
    "consistency_proof",
    "inclusion_proof",
    "is_consistent",
    "is_included",
    "leaf_hash",
    "link_hash",
    "parse_anchor",
    "parse_canonical",
    "parse_hash",
    "roots_at",
    "verify_chain",
]
