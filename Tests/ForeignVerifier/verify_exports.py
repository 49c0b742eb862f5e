#!/usr/bin/env python3
"""Verifies exports of the access log with software that is not ours: PyPI's aics-tlog (Python 3.12 or newer).

    verify_exports.py DIR…

Each DIR is one export, all of them of one log at different sizes, with its public key in DIR.vkey. Says one line for each
check, and ends with status 1 at the first thing that is not as it should be.
"""

import contextlib
import io
import json
import shutil
import sys
import tempfile
from pathlib import Path

import aics_tlog as tlog
from aics_tlog.checkpoint import checkpoint_from_note
from aics_tlog.cli import main as command_line


class Wrong(Exception):
    pass


def demand(condition, what):
    if not condition:
        raise Wrong(what)


class Export:
    def __init__(self, path):
        self.path = Path(path)
        self.key_file = Path(str(path) + ".vkey")
        self.key = tlog.read_vkey_file(self.key_file.read_text())
        self.head, self.note = checkpoint_from_note((self.path / "checkpoint").read_bytes())
        self.size = self.head.size
        self.reader = tlog.FileSystemTileReader(self.path)

    @property
    def root(self):
        return self.head.root_hash if hasattr(self.head, "root_hash") else self.head.root


def audit(export):
    """Signature, root, every tile, every bundle; inclusion of leaves that lie at edges."""
    result = tlog.verify_checkpoint(export.note, export.key, expected_origin=export.key.name)
    demand(result.ok, f"checkpoint: {result.error}")
    size = export.size
    demand(tlog.tree_root_from_tiles(export.reader, size) == export.root, "the tiles give another root")
    report = tlog.audit_tiles(export.reader, size, export.root)
    picked = sorted({i for i in (0, 1, 2, 127, 128, 254, 255, 256, 257, 65535, 65536, size // 3, size - 2, size - 1)
                     if 0 <= i < size})
    for index in picked:
        leaf = tlog.read_entry(export.reader, index, size)
        proof = tlog.inclusion_proof_from_tiles(export.reader, index, size)
        demand(tlog.verify_leaf_inclusion(leaf, index, size, proof, export.root), f"inclusion of {index}")
        demand(not tlog.verify_leaf_inclusion(leaf + b"\0", index, size, proof, export.root), f"another leaf at {index}")
        other = index ^ 1
        if other < size:
            demand(not tlog.verify_leaf_inclusion(leaf, other, size, proof, export.root), f"leaf {index} at {other}")
    return f"{report.tiles} tiles, {report.bundles} bundles, {len(picked)} inclusion proofs"


def is_rejected(path, key):
    try:
        head, note = checkpoint_from_note((path / "checkpoint").read_bytes())
        if not tlog.verify_checkpoint(note, key, expected_origin=key.name).ok:
            return True
        root = head.root_hash if hasattr(head, "root_hash") else head.root
        tlog.audit_tiles(tlog.FileSystemTileReader(path), head.size, root)
    except (ValueError, LookupError, OSError, tlog.TileMissingError, tlog.TileVerificationError):
        return True
    return False


def tamper(export):
    """One byte of each kind of file, at its beginning, middle and end."""
    files = ["checkpoint"]
    for part in ("tile/entries", "tile/0", "tile/1", "tile/2"):
        found = sorted(p.relative_to(export.path) for p in (export.path / part).rglob("*") if p.is_file())
        files += [str(found[i]) for i in sorted({0, len(found) // 2, len(found) - 1})] if found else []
    count = 0
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "log"
        shutil.copytree(export.path, copy)
        demand(not is_rejected(copy, export.key), "an untouched copy is rejected")
        for name in files:
            original = (copy / name).read_bytes()
            for position in sorted({0, len(original) // 2, len(original) - 1}):
                altered = bytearray(original)
                altered[position] ^= 0x01
                (copy / name).write_bytes(altered)
                demand(is_rejected(copy, export.key), f"byte {position} of {name} was flipped and nobody noticed")
                count += 1
            (copy / name).write_bytes(original)
    return count


def run_command(*words):
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            status = command_line([str(w) for w in words])
        except SystemExit as end:
            status = end.code
    return status, output.getvalue()


def grown(older, newer):
    """The newer log extends the older one; the older one, shown to somebody who has seen the newer, is a rollback."""
    proof = tlog.consistency_proof_from_tiles(newer.reader, older.size, newer.size)
    demand(tlog.verify_consistency(older.size, newer.size, older.root, newer.root, proof), "consistency")
    if older.size > 0:
        wrong = bytes([older.root[0] ^ 1]) + older.root[1:]
        demand(not tlog.verify_consistency(older.size, newer.size, wrong, newer.root, proof), "another older root")
    status, said = run_command("verify-consistency", "--tiles", newer.path, "--vkey-file", newer.key_file,
                               "--old-checkpoint", older.path / "checkpoint")
    demand(status == 0, f"its own command refuses a log that grew: {said}")
    status, said = run_command("verify-consistency", "--tiles", older.path, "--vkey-file", older.key_file,
                               "--old-checkpoint", newer.path / "checkpoint")
    demand(status != 0 and "rollback" in said, f"a shorter log is not reported as a rollback: {said}")
    return len(proof)


def main(paths):
    from importlib.metadata import version
    print(f"aics-tlog {version('aics-tlog')}, Python {sys.version.split()[0]}")
    exports = sorted((Export(p) for p in paths), key=lambda e: e.size)
    for export in exports:
        print(f"{export.size:>6} entries: verified ({audit(export)}), {tamper(export)} one-byte changes rejected", flush=True)
    for older, newer in zip(exports, exports[1:]):
        count = grown(older, newer)
        print(f"{older.size:>6} → {newer.size}: consistent ({count} hashes); {newer.size} → {older.size}: reported as rollback")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Wrong as error:
        print(f"WRONG: {error}", file=sys.stderr)
        sys.exit(1)
