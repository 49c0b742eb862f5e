"""PostgreSQL as its users would set it up for this: one row a record, an audit row in the same transaction, its own socket,
durable commits. Each operation is one statement, so that it costs one round trip, and is prepared once."""
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

BINARIES = pathlib.Path("/usr/lib/postgresql/15/bin")
# Bytes of one record, as in InventedRecord.swift.
RECORD_BYTES = 2048
KEY = "'\\x0707070707070707070707070707070707070707070707070707070707070707'"

SCRIPTS = {
    "plain": {
        "read": "WITH a AS (INSERT INTO audit(account, action, record) VALUES ('mihaela', 'read', :id)) "
                "SELECT body FROM record WHERE id = :id;",
        "update": "WITH a AS (INSERT INTO audit(account, action, record) VALUES ('mihaela', 'edit', :id)) "
                  "UPDATE record SET body = repeat(chr(65 + :id %% 26), %d) WHERE id = :id;" % RECORD_BYTES,
        "create": "WITH a AS (INSERT INTO audit(account, action, record) VALUES ('mihaela', 'create', 0)) "
                  "INSERT INTO record(name, body) VALUES ('name ' || :id, repeat('x', %d));" % RECORD_BYTES,
        "find": "WITH a AS (INSERT INTO audit(account, action, record) VALUES ('mihaela', 'find', 0)) "
                "SELECT id, name FROM record WHERE name LIKE 'name ' || :id || '%' LIMIT 20;",
    },
    "pgcrypto": {
        "read": "WITH a AS (INSERT INTO audit(account, action, record) VALUES ('mihaela', 'read', :id)) "
                f"SELECT decrypt(sealed, {KEY}, 'aes') FROM record WHERE id = :id;",
        "update": "WITH a AS (INSERT INTO audit(account, action, record) VALUES ('mihaela', 'edit', :id)) "
                  "UPDATE record SET sealed = encrypt(convert_to(repeat(chr(65 + :id %% 26), %d), 'UTF8'), %s, 'aes') "
                  "WHERE id = :id;" % (RECORD_BYTES, KEY),
        "create": "WITH a AS (INSERT INTO audit(account, action, record) VALUES ('mihaela', 'create', 0)) "
                  "INSERT INTO record(name, sealed) VALUES ('name ' || :id, "
                  "encrypt(convert_to(repeat('x', %d), 'UTF8'), %s, 'aes'));" % (RECORD_BYTES, KEY),
    },
}


def is_installed():
    return (BINARIES / "postgres").exists() and (BINARIES / "pgbench").exists()


class PostgreSQL:
    def __init__(self, records):
        self.records = records
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pgbench-"))
        # It refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        shutil.chown(self.home, self.user)
        self._as_user(BINARIES / "initdb", "-D", self.home / "data", "-A", "trust", "-U", "bench", "--no-sync")
        self._as_user(
            BINARIES / "pg_ctl", "-D", self.home / "data", "-w", "-l", self.home / "log", "-o",
            f"-c listen_addresses='' -c unix_socket_directories={self.home} -c shared_buffers=512MB "
            "-c max_connections=100 -c max_wal_size=4GB", "start")
        self.sql(
            "CREATE EXTENSION IF NOT EXISTS pgcrypto; CREATE EXTENSION IF NOT EXISTS pg_trgm;"
            "CREATE TABLE record(id bigserial PRIMARY KEY, name text, body text, sealed bytea);"
            "CREATE TABLE audit(n bigserial PRIMARY KEY, at timestamptz DEFAULT now(), account text, action text, record bigint);"
            f"INSERT INTO record(name, body, sealed) SELECT 'name ' || g, repeat(md5(g::text), {RECORD_BYTES // 32}), "
            f"encrypt(convert_to(repeat(md5(g::text), {RECORD_BYTES // 32}), 'UTF8'), {KEY}, 'aes') "
            f"FROM generate_series(1, {records}) g;"
            "CREATE INDEX ON record USING gin (name gin_trgm_ops); VACUUM ANALYZE;")

    def _as_user(self, *command):
        prefix = ["runuser", "-u", self.user, "--"] if os.getuid() == 0 else []
        return subprocess.run(
            [*prefix, *map(str, command)], check=True, cwd="/", capture_output=True, text=True).stdout

    def sql(self, text):
        for statement in filter(str.strip, text.split(";")):
            self._as_user(BINARIES / "psql", "-q", "-h", self.home, "-U", "bench", "postgres", "-c", statement)

    def run(self, kind, operation, connections, seconds):
        """One JSON-able figure, or None where this kind has no such operation."""
        scripts = SCRIPTS[kind]
        weights = {"mixed": [("read", 80), ("update", 15), ("create", 5)]}.get(operation, [(operation, 1)])
        files = []
        for name, weight in weights:
            if name not in scripts:
                return None
            file = self.home / f"{kind}-{name}.sql"
            file.write_text(f"\\set id random(1, {self.records})\n{scripts[name]}\n")
            os.chmod(file, 0o644)
            files += ["-f", f"{file}@{weight}"]
        for old in self.home.glob("latency.*"):
            old.unlink()
        output = self._as_user(
            BINARIES / "pgbench", "-n", "-M", "prepared", "-h", self.home, "-U", "bench", "-c", connections, "-j", 1, "-T",
            seconds, "-l", f"--log-prefix={self.home}/latency", *files, "postgres")
        per_second = float(re.search(r"tps = ([0-9.]+)", output).group(1))
        latencies = sorted(
            int(line.split()[2]) for log in self.home.glob("latency.*") for line in open(log))
        return {
            "subject": f"postgresql-{kind}", "operation": operation, "connections": connections, "records": self.records,
            "count": len(latencies), "perSecond": round(per_second, 1),
            "p50Microseconds": latencies[len(latencies) // 2], "p99Microseconds": latencies[int(len(latencies) * 0.99)],
        }

    def remove(self):
        self._as_user(BINARIES / "pg_ctl", "-D", self.home / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)
