"""Hash chains, Merkle trees and anchors against published vectors and by hand."""

import hashlib
import json
from itertools import pairwise

import pytest

from ...engine.audit import (
    GENESIS,
    AnchorKey,
    AuditError,
    AuditFault,
    Entry,
    Frontier,
    canonical_text,
    commitment,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    link_hash,
    parse_anchor,
    parse_canonical,
    parse_hash,
    roots_at,
    verify_chain,
)
from ..merkle_proofs import is_consistent, is_included

# Leaves and roots of the reference implementation of Certificate Transparency.
LEAVES = [
    leaf_hash(bytes.fromhex(data))
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def root_of(leaves):
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size):
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing():
    assert root_of([]) == hashlib.sha256().digest()


def test_a_frontier_goes_on_where_it_was_left():
    half = Frontier()
    for leaf in LEAVES[:5]:
        half.append(leaf)
    later = Frontier(half.size, half.hashes)
    for leaf in LEAVES[5:]:
        later.append(leaf)
    assert later.root().hex() == ROOTS[7]
    with pytest.raises(ValueError, match="2 full subtrees, got 1"):
        Frontier(5, half.hashes[:1])


def many(count):
    return [leaf_hash(str(number).encode()) for number in range(count)]


def test_roots_end_at_a_missing_leaf():
    entries = [str(number).encode() for number in range(6)]
    found = roots_at(enumerate(entries), {0, 1, 3, 9})
    assert found == {1: root_of(many(1)), 3: root_of(many(3))}
    del entries[2]
    missing = zip((0, 1, 3, 4, 5), entries, strict=True)
    assert roots_at(missing, {1, 3, 5}) == {1: root_of(many(1))}


@pytest.mark.parametrize(
    ("text", "found"),
    [("00ff", b"\x00\xff"), ("", b""), ("0f0", b""), ("no hash", b"")],
)
def test_a_text_that_is_no_hash_is_read_as_empty(text, found):
    assert parse_hash(text) == found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_every_leaf_is_proved_and_no_other(size):
    leaves = many(size)
    root = root_of(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        assert is_included(leaf, index, size, proof, root)
        assert not is_included(leaf, (index + 1) % (size + 1), size, proof, root)
        assert not is_included(leaf_hash(b"other"), index, size, proof, root)
        assert not is_included(leaf, index, size, [*proof, root], root)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_every_earlier_tree_is_proved_within_the_later(size):
    leaves = many(size)
    for first in range(1, size + 1):
        proof = consistency_proof(leaves, first)
        old, new = root_of(leaves[:first]), root_of(leaves)
        assert is_consistent(first, size, old, new, proof)
        assert not is_consistent(first, size, leaf_hash(b"other"), new, proof)
        assert not is_consistent(first, size, old, leaf_hash(b"other"), proof)


def test_a_rewritten_past_cannot_be_proved():
    leaves = many(9)
    forged = [leaf_hash(b"forged"), *leaves[1:]]
    proof = consistency_proof(forged, 4)
    assert not is_consistent(4, 9, root_of(leaves[:4]), root_of(forged), proof)


@pytest.mark.parametrize(("leaves", "index"), [([], 0), (many(3), 3), (many(3), -1)])
def test_a_leaf_that_is_not_there_is_refused(leaves, index):
    with pytest.raises(IndexError, match=f"no leaf {index}"):
        inclusion_proof(leaves, index)


CANONICAL = [
    ({"b": 1, "a": [True, None, "x"]}, '{"a":[true,null,"x"],"b":1}'),
    ({"€": '\n\t"\\é', "1": {}}, '{"1":{},"€":"\\n\\t\\"\\\\é"}'),
    # By UTF-16 code units, as RFC 8785 orders: the emoji before U+FB33.
    ({"\ufb33": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ufb33":1}'),
    ({"amount": "10.01"}, '{"amount":"10.01"}'),
]


@pytest.mark.parametrize(("value", "text"), CANONICAL)
def test_one_meaning_has_one_text(value, text):
    assert canonical_text(value) == text
    assert parse_canonical(text) == value


REFUSED = [
    ({"a": 1.5}, r"\$\.a: float"),
    ({"a": [0, 2**53]}, r"\$\.a\[1\]: 9007199254740992"),
    ({1: "x"}, "the name 1"),
    ({"a": "\0"}, r"\$\.a: contains"),
    ({"a": "\ud800"}, r"\$\.a: contains"),
    ({"a": b"x"}, "bytes"),
]


@pytest.mark.parametrize(("value", "message"), REFUSED)
def test_what_has_no_single_text_is_refused(value, message):
    with pytest.raises(AuditError, match=message):
        canonical_text(value)


def test_too_deep_is_refused():
    value = "x"
    for _level in range(40):
        value = [value]
    with pytest.raises(AuditError, match="32 levels"):
        canonical_text(value)


@pytest.mark.parametrize("text", ['{"b":1,"a":2}', '{"a": 1}', '{"a":1,"a":1}', "{"])
def test_other_texts_of_the_same_are_refused(text):
    with pytest.raises(AuditError):
        parse_canonical(text)


def chain_of(*texts):
    entries, previous = [], GENESIS
    for seq, text in enumerate(texts, 1):
        found = hashlib.sha256(previous + text.encode()).digest()
        entries.append(Entry(seq, text, previous, found))
        previous = found
    return entries


CHAIN = chain_of("one", "two", "three", "four")


def faults(entries, head=CHAIN[-1]):
    return list(verify_chain(("deal", 1), entries, head.seq, head.hash))


def test_a_whole_chain_has_no_fault():
    assert faults(CHAIN) == []
    assert faults([], Entry(0, "", GENESIS, GENESIS)) == []


def test_an_edited_entry_is_named():
    edited = Entry(2, "TWO", CHAIN[1].previous_hash, CHAIN[1].hash)
    assert faults([CHAIN[0], edited, *CHAIN[2:]]) == [
        AuditFault("changed", "deal", 1, 2)
    ]


def test_an_edited_entry_with_a_new_hash_breaks_the_next():
    new = link_hash(CHAIN[0].hash, "TWO")
    edited = Entry(2, "TWO", CHAIN[0].hash, new)
    assert faults([CHAIN[0], edited, *CHAIN[2:]]) == [
        AuditFault("reordered", "deal", 1, 3)
    ]


def test_a_missing_entry_is_named():
    assert faults([CHAIN[0], *CHAIN[2:]]) == [AuditFault("missing", "deal", 1, 2)]


def test_exchanged_entries_are_named():
    second = Entry(2, CHAIN[2].text, CHAIN[2].previous_hash, CHAIN[2].hash)
    third = Entry(3, CHAIN[1].text, CHAIN[1].previous_hash, CHAIN[1].hash)
    found = faults([CHAIN[0], second, third, CHAIN[3]])
    assert [fault.kind for fault in found] == ["reordered"] * 3


def test_a_cut_tail_is_found_by_the_head():
    assert faults(CHAIN[:2]) == [AuditFault("truncated", "deal", 1, 3)]


def test_a_rewritten_tail_is_found_by_the_head():
    rewritten = chain_of("one", "two", "three", "FOUR")
    assert faults(rewritten) == [AuditFault("head", "deal", 1, 4)]
    assert faults(CHAIN, CHAIN[2]) == [AuditFault("head", "deal", 1, 4)]


def test_a_commitment_needs_its_salt():
    salt = bytes(range(16))
    assert commitment(salt, "Ann") == hashlib.sha256(salt + b"Ann").hexdigest()
    with pytest.raises(ValueError, match="16 bytes, got 3"):
        commitment(b"abc", "Ann")


KEY = AnchorKey(bytes(range(32)))


def test_an_anchor_survives_its_text_and_shows_its_signer():
    anchor = KEY.sign_anchor("log", 8, bytes.fromhex(ROOTS[7]), "2026-01-02T03:04:05Z")
    assert parse_anchor(anchor.text()) == anchor
    assert anchor.is_signed_by(KEY.public_key)
    assert not anchor.is_signed_by(AnchorKey(bytes(32)).public_key)


def test_a_changed_anchor_is_not_signed():
    anchor = KEY.sign_anchor("log", 8, bytes.fromhex(ROOTS[7]), "2026-01-02T03:04:05Z")
    members = json.loads(anchor.text())
    for name, other in (("size", 7), ("root", ROOTS[6]), ("log", "other")):
        forged = parse_anchor(canonical_text({**members, name: other}))
        assert not forged.is_signed_by(KEY.public_key)


DAMAGED = ["[]", '{"format":"x"}', '{"format":"kpi-audit-anchor-1"}', "nothing"]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_anchor_is_refused(text):
    with pytest.raises(AuditError):
        parse_anchor(text)


def test_a_key_of_another_length_is_refused():
    with pytest.raises(AuditError, match="32 bytes, got 3"):
        AnchorKey(b"abc")


def test_proofs_differ_from_size_to_size():
    proofs = [consistency_proof(many(size), 3) for size in range(4, 9)]
    assert all(one != other for one, other in pairwise(proofs))
