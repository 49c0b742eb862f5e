"""Runs the whole suite; see scripts/bench."""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import postgresql
from vault import BINARIES, PROGRAMME, Vault

CONNECTIONS = [1, 8, 64]
FIND = ["find-prefix", "find-substring", "find-fuzzy"]
# What issue and design ask of one run: (operation, connections, baseline, at least).
RATIOS = [
    ("read", 64, "bare-table", 0.5), ("read", 8, "bare-table", 0.6), ("read", 1, "bare-table", 0.6),
    ("mixed", 64, "bare-table", 0.4),
    ("read", 64, "postgresql-plain", 3), ("read", 8, "postgresql-plain", 1), ("read", 1, "postgresql-plain", 0.9),
    ("mixed", 64, "postgresql-plain", 2), ("create", 64, "postgresql-plain", 1.5),
]


class Suite:
    def __init__(self, options):
        self.options = options
        self.figures = []
        self.file = open(options.out, "a")

    def keep(self, figure, **more):
        if figure is None:
            return
        figure = {**figure, **more}
        self.figures.append(figure)
        self.file.write(json.dumps(figure) + "\n")
        self.file.flush()
        rate = f"{figure['perSecond']:>10,.0f}/s" if "perSecond" in figure else f"{figure.get('seconds', 0):>10.3f} s"
        print(
            f"  {figure['subject']:<20}{figure['operation']:<18}{figure.get('connections', ''):>4}{rate}"
            f"{figure.get('p50Microseconds', 0):>10,.0f} us{figure.get('p99Microseconds', 0):>10,.0f} us"
            f"{figure.get('serverProcessorMicrosecondsEach', 0):>8.1f} us cpu", flush=True)

    def program(self, arguments, **more):
        output = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
        for line in output.splitlines():
            self.keep(json.loads(line), **more)

    # One vault with so many records.

    def vault(self, records):
        print(f"vault, {records:,} records", flush=True)
        vault = Vault()
        try:
            vault.log_in_officer()
            empty = vault.disk_bytes()
            self.program(vault.load("create", 64, "--requests", records), fill=True)
            self.keep({
                "subject": "vault", "operation": "disk", "records": records,
                "bytesPerRecord": round((vault.disk_bytes() - empty) / records)})
            for operation in FIND:
                self.program(vault.load(operation, 1, "--seconds", self.options.seconds), repeat=0)
            for repeat in range(self.options.repeats):
                for connections in CONNECTIONS:
                    for operation in ["read", "update", "mixed"]:
                        self.program(
                            vault.load(operation, connections, "--seconds", self.options.seconds, "--seed", repeat + 1),
                            repeat=repeat)
                self.program(vault.load("status", 64, "--seconds", self.options.seconds), repeat=repeat)
                for operation in FIND + ["list"]:
                    self.program(
                        vault.load(operation, 8, "--seconds", self.options.seconds, "--seed", repeat + 1), repeat=repeat)
                # At the end of a round: it makes the vault larger.
                self.program(vault.load("create", 64, "--seconds", self.options.seconds), repeat=repeat)
            self.keep({
                "subject": "vault", "operation": "resident", "records": records, "bytes": vault.resident_bytes()})
            for repeat in range(self.options.repeats):
                self.once("stop", vault.stop(), records, repeat)
                self.once("start", vault.start(), records, repeat)
                self.once("login", vault.log_in_officer(), records, repeat)
                token = open(vault.token_file).read().strip()
                begun = time.monotonic()
                vault.ask("POST", "/v1/search", {"terms": "Mirela", "limit": 1}, token, Vault_Purpose="casework")
                self.once("unlock and find", time.monotonic() - begun, records, repeat)
        finally:
            vault.remove()

    def once(self, operation, seconds, records, repeat):
        self.keep({
            "subject": "vault", "operation": operation, "records": records, "seconds": round(seconds, 4), "repeat": repeat})

    def bare(self, records):
        print(f"the bare server, {records:,} records", flush=True)
        for repeat in range(self.options.repeats):
            for connections in CONNECTIONS:
                for log, operations in [("table", ["read", "mixed", "create"]), ("file", ["read"])]:
                    for operation in operations:
                        self.program([
                            str(BINARIES / "vault-bench"), "bare", "--log", log, "--operation", operation, "--connections",
                            str(connections), "--seconds", str(self.options.seconds), "--records", str(records)],
                            repeat=repeat)

    def postgresql(self, records):
        if not postgresql.is_installed():
            print("** PostgreSQL 15 is not installed (apt-get install postgresql-15): nothing is compared with it. **")
            return
        print(f"PostgreSQL, {records:,} records", flush=True)
        server = postgresql.PostgreSQL(records)
        try:
            for repeat in range(self.options.repeats):
                for connections in CONNECTIONS:
                    for kind in ["plain", "pgcrypto"]:
                        for operation in ["read", "mixed", "create"]:
                            self.keep(server.run(kind, operation, connections, self.options.seconds), repeat=repeat)
                self.keep(server.run("plain", "find", 8, self.options.seconds), repeat=repeat)
        finally:
            server.remove()

    def run(self):
        print(f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}", flush=True)
        self.program([str(BINARIES / "vault-bench"), "parts", "--directory", tempfile.gettempdir()])
        only = self.options.only
        for records in self.options.records:
            if "vault" in only:
                self.vault(records)
            if "bare" in only:
                self.bare(records)
            if "postgresql" in only:
                self.postgresql(records)
        self.report()

    # What came of it.

    def median(self, subject, operation, connections, records, member="perSecond"):
        values = [
            figure[member] for figure in self.figures
            if figure["subject"] == subject and figure["operation"] == operation and figure.get("records", records) >= records
            and figure.get("records", records) < records * 5 and figure.get("connections") == connections
            and member in figure and not figure.get("fill")]
        return statistics.median(values) if values else None

    def report(self):
        smallest = min(self.options.records)
        print(f"\nRatios of medians of {self.options.repeats} runs, {smallest:,} records:")
        for operation, connections, baseline, wanted in RATIOS:
            ours = self.median("vault", operation, connections, smallest)
            theirs = self.median(baseline, operation, connections, smallest)
            if ours and theirs:
                verdict = "met" if ours / theirs >= wanted else "NOT MET"
                print(
                    f"  {operation:<8}{connections:>3} connections {ours:>9,.0f}/s against {baseline:<18}{theirs:>9,.0f}/s:"
                    f" x {ours / theirs:>5.2f}, wanted {wanted}: {verdict}")
        cost = self.median("vault", "read", 64, smallest, "serverProcessorMicrosecondsEach")
        p50, p99 = (self.median("vault", "read", 64, smallest, f"p{n}Microseconds") for n in (50, 99))
        if cost:
            print(f"  processor a read, 64 connections: {cost:.1f} us, wanted 60: {'met' if cost <= 60 else 'NOT MET'}")
            print(f"  p99 of reads is {p99 / p50:.2f} times p50, wanted 3: {'met' if p99 <= 3 * p50 else 'NOT MET'}")
        for records in self.options.records:
            if records == smallest or not cost:
                continue
            more = self.median("vault", "read", 64, records, "serverProcessorMicrosecondsEach")
            print(f"  a read of {records:,} records costs {more / cost:.2f} times one of {smallest:,}")
        print(f"\nAll runs: {self.options.out}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    numbers = lambda text: [int(part) for part in text.split(",")]
    parser.add_argument("--records", type=numbers, default=[10_000, 100_000])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", type=lambda text: text.split(","), default=["vault", "bare", "postgresql"])
    parser.add_argument("--out", default=os.path.join(tempfile.gettempdir(), f"vault-bench-{os.getpid()}.jsonl"))
    Suite(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
