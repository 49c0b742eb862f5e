import Glibc

/// What caseworkers ask of a vault, as HTTP over its socket.
struct VaultWork: Workload {
  enum Operation: String, CaseIterable {
    case create, read, update, mixed
    case findPrefix = "find-prefix"
    case findSubstring = "find-substring"
    case findFuzzy = "find-fuzzy"
    case list, status
  }

  let operation: Operation
  let token: String
  let programme: String
  var records: RecordBook
  private var generator: LinearGenerator
  private var nextUpdate = 0
  private var requestCount = 0
  private let isAcknowledging: Bool

  init(_ operation: Operation, token: String, programme: String, records: RecordBook, seed: UInt64) {
    self.operation = operation
    self.token = token
    self.programme = programme
    self.records = records
    generator = LinearGenerator(seed: seed)
    isAcknowledging = operation == .create || operation == .mixed
  }

  var kinds: [String] { operation == .mixed ? Mix.kinds : [operation.rawValue] }

  mutating func request(into bytes: inout [UInt8]) -> Int {
    switch operation {
    case .create:
      create(&bytes)
      return 0
    case .read:
      read(&bytes)
      return 0
    case .update:
      update(&bytes)
      return 0
    case .mixed:
      requestCount += 1
      let kind = Mix.kind(ofRequest: requestCount)
      switch kind {
      case 2: create(&bytes)
      case 1: update(&bytes)
      default: read(&bytes)
      }
      return kind
    case .findPrefix:
      find(String(InventedRecord.familyName(records.known(generator.next())).prefix(5)), &bytes)
      return 0
    case .findSubstring:
      find(String(InventedRecord.familyName(records.known(generator.next())).dropFirst(2).prefix(5)), &bytes)
      return 0
    case .findFuzzy:
      var letters = Array(InventedRecord.familyName(records.known(generator.next())))
      letters.swapAt(2, 3)
      find(String(letters), &bytes)
      return 0
    case .list:
      put(&bytes, "GET /v1/records?programme=\(programme)&limit=100 HTTP/1.1\r\nHost: vault\r\n", nil)
      return 0
    case .status:
      bytes.append(contentsOf: "GET /v1/status HTTP/1.1\r\nHost: vault\r\n\r\n".utf8)
      return 0
    }
  }

  func answerByteCount(_ bytes: UnsafeRawBufferPointer) -> Int? { unsafe HTTPAnswer.byteCount(bytes) }

  mutating func answered(_ bytes: UnsafeRawBufferPointer, kind: Int) {
    guard isAcknowledging, operation == .create || kind == 2 else { return }
    // {"id":"lusab-babad-gutih-s",…
    let body = unsafe HTTPAnswer.body(bytes)
    let id = unsafe UnsafeRawBufferPointer(rebasing: body[7..<7 + RecordBook.idByteCount])
    unsafe records.append(id)
  }

  private mutating func read(_ bytes: inout [UInt8]) {
    bytes.append(contentsOf: "GET /v1/records/".utf8)
    records.appendID(records.known(generator.next()), to: &bytes)
    put(&bytes, "?sections=identity,case HTTP/1.1\r\nHost: vault\r\nVault-Purpose: casework\r\n", nil)
  }

  /// In turn, so that no two requests in flight are about one record.
  private mutating func update(_ bytes: inout [UInt8]) {
    let index = nextUpdate
    nextUpdate = (nextUpdate + 1) % records.count
    let version = records.raise(index)
    bytes.append(contentsOf: "PATCH /v1/records/".utf8)
    records.appendID(index, to: &bytes)
    let notes = InventedRecord.notes(index &+ Int(version) &* 7919, byteCount: InventedRecord.byteCount - 300)
    put(
      &bytes,
      " HTTP/1.1\r\nHost: vault\r\nContent-Type: application/merge-patch+json\r\nIf-Match: \"\(version)\"\r\n",
      Array(#"{"sections":{"case":{"vault_Notes":"\#(notes)"}}}"#.utf8))
  }

  private mutating func create(_ bytes: inout [UInt8]) {
    put(
      &bytes,
      "POST /v1/programmes/\(programme)/records?duplicates=skip HTTP/1.1\r\nHost: vault\r\nContent-Type: application/json\r\n",
      InventedRecord.json(records.begin()))
  }

  private func find(_ terms: String, _ bytes: inout [UInt8]) {
    put(
      &bytes,
      "POST /v1/search HTTP/1.1\r\nHost: vault\r\nVault-Purpose: casework\r\nContent-Type: application/json\r\n",
      Array(#"{"terms":"\#(terms)","limit":20}"#.utf8))
  }

  private func put(_ bytes: inout [UInt8], _ head: String, _ body: [UInt8]?) {
    bytes.append(contentsOf: head.utf8)
    bytes.append(contentsOf: "Authorization: Bearer \(token)\r\n".utf8)
    if let body { bytes.append(contentsOf: "Content-Length: \(body.count)\r\n".utf8) }
    bytes.append(contentsOf: "\r\n".utf8)
    if let body { bytes.append(contentsOf: body) }
  }
}

/// The ids and versions of the records that a run has made, kept in a file between runs.
struct RecordBook {
  /// `lusab-babad-gutih-s`.
  static let idByteCount = 19

  private var ids: [UInt8] = []
  private var versions: [UInt32] = []
  /// Records asked for, answered or not.
  private var begun = 0

  init(file: String?) {
    guard let file else { return }
    let descriptor = unsafe open(file, O_RDONLY)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    guard unsafe Glibc.read(descriptor, &bytes, bytes.count) == bytes.count else {
      VaultBench.fail("cannot read \(file)")
    }
    for line in bytes.split(separator: 0x0A) {
      ids.append(contentsOf: line.prefix(RecordBook.idByteCount))
      versions.append(UInt32(String(decoding: line.dropFirst(RecordBook.idByteCount + 1), as: UTF8.self)) ?? 1)
    }
    begun = versions.count
  }

  func write(to file: String) {
    var bytes: [UInt8] = []
    for index in versions.indices {
      appendID(index, to: &bytes)
      bytes.append(contentsOf: " \(versions[index])\n".utf8)
    }
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0, unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      VaultBench.fail("cannot write \(file)")
    }
    close(descriptor)
  }

  var count: Int { versions.count }

  mutating func begin() -> Int {
    begun += 1
    return begun - 1
  }

  mutating func append(_ id: UnsafeRawBufferPointer) {
    unsafe ids.append(contentsOf: id)
    versions.append(1)
  }

  /// One that exists, by a random number.
  func known(_ random: UInt64) -> Int {
    guard !versions.isEmpty else { VaultBench.fail("there are no records yet: run create first") }
    return Int(random % UInt64(versions.count))
  }

  func appendID(_ index: Int, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: ids[index * RecordBook.idByteCount..<(index + 1) * RecordBook.idByteCount])
  }

  /// The version that an edit changes; the next one finds it raised.
  mutating func raise(_ index: Int) -> UInt32 {
    defer { versions[index] += 1 }
    return versions[index]
  }
}

/// PCG's multiplier without its output function: any spread will do here, and it has to be cheap.
struct LinearGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 16
  }
}
