import Glibc

/// Measures what DESIGN promises about speed, each figure beside the raw cost of the same cryptography in the same run,
/// so that it says something on any machine. One JSON line a figure on standard output, a table on standard error.
@main
struct VaultBench {
  static let usage = """
    usage: vault-bench log [--entries N] [--threads N] [--directory DIR]

      log   verify, open and append to an access log of N entries (1,000,000)

      --threads     that hash and open; default: as many as there are processors
      --directory   where the export is written (512 bytes an entry) and removed again; default: /tmp

    """

  static func main() throws {
    #if DEBUG
      fail("figures of a debug build mean nothing; build with `-c release`")
    #else
      var arguments = CommandLine.arguments.dropFirst()
      guard arguments.popFirst() == "log" else { fail(usage) }
      var bench = LogBench()
      while let option = arguments.popFirst() {
        guard let value = arguments.popFirst() else { fail(usage) }
        switch (option, Int(value)) {
        case ("--entries", let count?) where (1...100_000_000).contains(count): bench.entryCount = count
        case ("--threads", let count?) where (1...256).contains(count): bench.threadCount = count
        case ("--directory", _): bench.directory = value
        default: fail(usage)
        }
      }
      try bench.run()
    #endif
  }

  static func fail(_ text: String) -> Never {
    say(text)
    exit(2)
  }
}

/// A line to standard error: what is for people.
func say(_ text: String) {
  let line = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)
  _ = unsafe write(STDERR_FILENO, line, line.count)
}
