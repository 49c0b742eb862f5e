import Glibc

/// What a process has cost so far, from `/proc` (proc(5)).
struct ProcessCost {
  let processorSeconds: Double
  let residentBytes: Int

  init(_ identifier: Int) {
    let stat = ProcessCost.text("/proc/\(identifier)/stat")
    // After the name, which may hold anything but is closed by the last parenthesis.
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
      let pages = Int(fields[21])
    else { VaultBench.fail("there is no process \(identifier)") }
    processorSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    residentBytes = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func text(_ path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
