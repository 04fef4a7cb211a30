"""A log that shows when it was changed: canonical texts, hash chains, Merkle trees.

Nothing here reads a database or a clock, so that a stranger can verify an export with
these files alone. The formats are documented in ``docs/audit.md``.
"""

from .anchor import Anchor, AnchorKey, parse_anchor
from .canonical import AuditError, AuditFault, canonical_text, parse_canonical
from .chain import GENESIS, Entry, commitment, link_hash, parse_hash, verify_chain
from .merkle import Frontier, consistency_proof, inclusion_proof, leaf_hash, roots_at
