#!/usr/bin/env python3
"""Verifies a bundle for a court, as far as it needs no cipher of ours, with PyPI's aics-tlog (Python 3.12 or newer).

    verify_bundle.py DIR

DIR is what `log prove` wrote; the log's public key is in DIR.vkey, and that of whoever signed off in DIR.cosigner.vkey
where there is one. Ends with status 1 at the first thing that is not as it should be.
"""

import base64
import json
import sys
from pathlib import Path

import aics_tlog as tlog
from aics_tlog.checkpoint import checkpoint_from_note


def demand(condition, what):
    if not condition:
        print(f"WRONG: {what}", file=sys.stderr)
        sys.exit(1)


def proof_file(data):
    """C2SP tlog-proof: a first line, `index N`, one hash a line, an empty line, the checkpoint."""
    head, _, note = data.partition(b"\n\n")
    first, index, *hashes = head.decode("ascii").split("\n")
    demand(first == "c2sp.org/tlog-proof@v1", "another format than tlog-proof@v1")
    name, _, number = index.partition(" ")
    demand(name == "index", "no index")
    return int(number), [base64.b64decode(line, validate=True) for line in hashes], note


def main(path):
    bundle = Path(path)
    key = tlog.read_vkey_file(Path(f"{bundle}.vkey").read_text())
    cosigner_file = Path(f"{bundle}.cosigner.vkey")
    witnesses = [tlog.parse_vkey(cosigner_file.read_text().strip())] if cosigner_file.exists() else []
    claim = json.loads((bundle / "entries.json").read_bytes())
    for entry in claim["entries"]:
        index = entry["index"]
        number, hashes, encoded = proof_file((bundle / f"{index}.tlog-proof").read_bytes())
        demand(number == index, "the proof is of another entry")
        demand(encoded == (bundle / "checkpoint").read_bytes(), "the proof leads to another checkpoint")
        head, note = checkpoint_from_note(encoded)
        result = tlog.verify_checkpoint(note, key, witnesses, len(witnesses), expected_origin=claim["origin"])
        demand(result.ok, f"checkpoint: {result.error}")
        root = head.root_hash if hasattr(head, "root_hash") else head.root
        demand(head.size == claim["size"] and base64.b64encode(root).decode() == claim["root"], "another tree")
        leaf = (bundle / f"{index}.leaf").read_bytes()
        demand(tlog.verify_leaf_inclusion(leaf, index, head.size, hashes, root), f"inclusion of {index}")
        altered = bytes([leaf[0] ^ 1]) + leaf[1:]
        demand(not tlog.verify_leaf_inclusion(altered, index, head.size, hashes, root), f"another leaf at {index}")
    print(f"{len(claim['entries'])} entries of {claim['size']}: verified, {len(witnesses)} cosignatures")


if __name__ == "__main__":
    main(sys.argv[1])
