"""A demo vault of its own in a temporary directory, served by the release build."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import socketclient

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARIES = ROOT / ".build-bench/release"
PROGRAMME = "navigators"


class Vault:
    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="vault-bench-"))
        self.socket = str(self.home / "run/vault.socket")
        self.records = str(self.home / "records")
        self.token_file = str(self.home / "token")
        (self.home / "run").mkdir(mode=0o700)
        shutil.copytree(ROOT / "keys-example", self.home / "founding")
        os.chmod(self.home / "founding", 0o700)
        for file in (self.home / "founding").iterdir():
            os.chmod(file, 0o600)
        self.daemon = None
        self._run(
            "vaultd", "init", "--data", self.data, "--root-key-file", self.home / "root.key", "--demo", "--insecure-founding",
            self.home / "founding", "--no-escrow", "--administrator", "administrator", "--supervisor", "supervisor",
            "--auditor", "auditor")
        self.start()
        administrator, supervisor = self.login("administrator"), self.login("supervisor")
        self.ask("POST", "/v1/programmes", {"id": PROGRAMME, "title": "Victim Navigators"}, supervisor)
        code = self.ask("POST", "/v1/accounts", {"name": "officer", "role": "officer", "uid": "any"}, administrator)["code"]
        enrolled = self.ask(
            "POST", "/v1/enrolments", {"account": "officer", "code": code, "passphrase": self.passphrase("officer")})
        self.ask(
            "POST", f"/v1/programmes/{PROGRAMME}/grants",
            {"account": "officer", "fingerprint": enrolled["fingerprint"]}, supervisor)

    @property
    def data(self):
        return self.home / "data"

    def _run(self, program, *arguments):
        subprocess.run([BINARIES / program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def passphrase(self, account):
        return (self.home / f"founding/{account}.passphrase").read_text().strip()

    def start(self):
        """Seconds until the socket answers."""
        begun = time.monotonic()
        self.daemon = subprocess.Popen(
            [BINARIES / "vaultd", "serve", "--data", self.data, "--socket", self.socket, "--root-key-file",
             self.home / "root.key", "--demo"],
            stdout=subprocess.DEVNULL, stderr=open(self.home / "vaultd.log", "ab"),
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        while time.monotonic() - begun < 120:
            try:
                self.ask("GET", "/v1/status")
                return time.monotonic() - begun
            except (OSError, RuntimeError):
                if self.daemon.poll() is not None:
                    raise RuntimeError((self.home / "vaultd.log").read_text())
                time.sleep(0.002)
        raise RuntimeError("the daemon did not become ready")

    def stop(self):
        """Seconds from SIGTERM to the end."""
        begun = time.monotonic()
        self.daemon.send_signal(signal.SIGTERM)
        if self.daemon.wait(timeout=60) != 0:
            raise RuntimeError("the daemon failed at its end")
        return time.monotonic() - begun

    def remove(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def ask(self, method, address, body=None, token=None, **fields):
        return socketclient.ask(self.socket, method, address, body, token, **fields)

    def login(self, account):
        return self.ask("POST", "/v1/sessions", {"account": account, "passphrase": self.passphrase(account)})["token"]

    def log_in_officer(self):
        """Seconds that a login takes; the token is kept for the load."""
        begun = time.monotonic()
        token = self.login("officer")
        elapsed = time.monotonic() - begun
        pathlib.Path(self.token_file).write_text(token + "\n")
        return elapsed

    def load(self, operation, connections, *more):
        """Arguments of one run of load against this vault."""
        return [
            str(BINARIES / "vault-bench"), "load", "--socket", self.socket, "--token-file", self.token_file, "--programme",
            PROGRAMME, "--records", self.records, "--server", str(self.daemon.pid), "--operation", operation, "--connections",
            str(connections), *map(str, more)]

    def disk_bytes(self):
        """Blocks that the data directory takes, without the room kept back for the log."""
        return sum(
            file.stat().st_blocks * 512 for file in self.data.iterdir() if file.name != "vault.reserve")

    def resident_bytes(self):
        for line in open(f"/proc/{self.daemon.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0
