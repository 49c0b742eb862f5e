"""HTTP over a Unix socket, for what a run has to set up and what it times once."""
import http.client
import json
import socket


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("vault", timeout=120)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(path, method, address, body=None, token=None, **fields):
    """Status and document of one request."""
    connection = Connection(path)
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        data = json.dumps(body, ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json"
    connection.request(method, address, data, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    document = json.loads(text) if text else None
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {address}: {answer.status} {document}")
    return document
