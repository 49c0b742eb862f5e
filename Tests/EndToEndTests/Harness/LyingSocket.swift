import Foundation
import Glibc
import Testing

/// A socket that passes everything on to the real daemon, and flips one bit in the answers of one kind: what somebody
/// between shell and daemon could do.
final class LyingSocket: Sendable {
  let path: String
  private let process: Process

  /// - Parameters:
  ///   - part: of the request path whose answers are altered.
  ///   - position: of the altered byte, from the end of the body.
  ///   - recording: file that everything which passes is written to, both ways.
  init(
    before vault: RunningVault, altering part: String, fromEnd position: Int, recording: String? = nil
  ) async throws {
    path = vault.home.appendingPathComponent("run/lying-\(UUID().uuidString.prefix(6)).socket").path
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["python3", "-c", Self.script, path, vault.socket, part, String(position)]
      + (recording.map { [$0] } ?? [])
    process.environment = vault.environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<250 where !FileManager.default.fileExists(atPath: path) {
      try await Task.sleep(for: .milliseconds(20))
    }
    try #require(FileManager.default.fileExists(atPath: path), "the proxy did not start")
  }

  /// By force: whoever runs the tests may ignore SIGTERM, and what they start inherits that.
  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  private static let script = #"""
    import socket, sys, threading
    path, upstream, part, position = sys.argv[1], sys.argv[2], sys.argv[3].encode(), int(sys.argv[4])

    record = open(sys.argv[5], "ab", buffering=0) if len(sys.argv) > 5 else None

    def message(stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line: return None
            head += line
        count = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"): count = int(line.split(b":")[1])
        body = stream.read(count)
        # A request without a body is sent as one empty chunk.
        if b"transfer-encoding: chunked" in head.lower():
            while not body.endswith(b"0\r\n\r\n"): body += stream.readline()
        if record: record.write(head + body)
        return head, body

    def serve(client):
        daemon = socket.socket(socket.AF_UNIX)
        daemon.connect(upstream)
        source, target = client.makefile("rb"), daemon.makefile("rb")
        while True:
            request = message(source)
            if request is None: break
            daemon.sendall(request[0] + request[1])
            answer = message(target)
            if answer is None: break
            head, body = answer
            if part in request[0].split(b"\r\n")[0] and head.startswith(b"HTTP/1.1 2"):
                body = bytearray(body)
                body[-position] ^= 1
            client.sendall(head + bytes(body))

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()
    """#
}
