import Glibc

/// Measures what DESIGN promises about speed, each figure beside the raw cost of the same cryptography in the same run,
/// so that it says something on any machine. One JSON line a figure on standard output, a table on standard error.
@main
struct VaultBench {
  static let usage = """
    usage: vault-bench log [--entries N] [--threads N] [--directory DIR]
           vault-bench load --socket PATH --token-file F --programme ID --records F --server PID
                            --operation O [--connections N] [--seconds N | --requests N] [--seed N]
           vault-bench bare --operation O [--log table|file] [--connections N] [--seconds N] [--records N] [--directory DIR]
           vault-bench parts [--directory DIR]

      log    verify, open and append to an access log of N entries (1,000,000)
      load   one operation against a vault that is being served: create, read, update, mixed, find-prefix,
             find-substring, find-fuzzy, list, status; the ids of records are kept in F
      bare   the same against the least that a server of encrypted records can do: create, read, update, mixed
      parts  what the parts of a read cost by themselves

      --threads     that hash and open; default: as many as there are processors
      --directory   where the export is written (512 bytes an entry) and removed again; default: /tmp

    """

  static func main() throws {
    #if DEBUG
      fail("figures of a debug build mean nothing; build with `-c release`")
    #else
      var arguments = CommandLine.arguments.dropFirst()
      let word = arguments.popFirst()
      var options: [(name: String, value: String)] = []
      while let option = arguments.popFirst() {
        guard let value = arguments.popFirst() else { fail(usage) }
        options.append((option, value))
      }
      switch word {
      case "log":
        var bench = LogBench()
        for (option, value) in options where !bench.take(option, value) { fail(usage) }
        try bench.run()
      case "load":
        var bench = LoadBench()
        for (option, value) in options where !bench.take(option, value) { fail(usage) }
        bench.run()
      case "bare":
        var bench = BareBench()
        for (option, value) in options where !bench.take(option, value) { fail(usage) }
        try bench.run()
      case "bare-server":
        let values = Dictionary(options.map { ($0.name, $0.value) }) { $1 }
        guard let socket = values["--socket"], let directory = values["--directory"],
          let log = values["--log"].flatMap({ BareServer.Log(rawValue: $0) })
        else { fail(usage) }
        BareServer(socket: socket, directory: directory, log: log).run()
      case "parts":
        var bench = PartsBench()
        for (option, value) in options where !bench.take(option, value) { fail(usage) }
        bench.run()
      default: fail(usage)
      }
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
