import Foundation
import VaultCrypto

/// One line as it stands in the file: its place and its envelope.
struct JournalLine: Sendable, Equatable {
  /// The largest holds a checkpoint, or the programmes of one revocation.
  static let envelopeByteCountMax = 1 << 18

  let ordinal: UInt64
  let envelope: [UInt8]

  var text: [UInt8] { Array("\(ordinal) \(Data(envelope).base64EncodedString())\n".utf8) }

  init(ordinal: UInt64, envelope: [UInt8]) {
    self.ordinal = ordinal
    self.envelope = envelope
  }

  /// Without its newline; nil for what no daemon wrote.
  init?(text: some Collection<UInt8>) {
    let words = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 2, let ordinal = UInt64(String(decoding: words[0], as: UTF8.self)),
      let envelope = Data(base64Encoded: Data(words[1])), envelope.count <= JournalLine.envelopeByteCountMax
    else { return nil }
    self.init(ordinal: ordinal, envelope: [UInt8](envelope))
    // One spelling: re-encoding gives the same bytes.
    guard self.text.dropLast().elementsEqual(text) else { return nil }
  }

  var hash: [UInt8] { SHA256.hash(envelope) }

  static func sealed(_ event: JournalEvent, after link: JournalLink, with keys: StoreKeys) -> JournalLine {
    let place = link.count + 1
    return JournalLine(
      ordinal: place,
      envelope: Envelope.seal(
        event.bytes, key: keys.journal, suite: .card, associatedData: context(keys.vault, place, link.hash)))
  }

  /// `integrity` for a line of another place, another vault or another hand.
  func opened(after hash: [UInt8], with keys: StoreKeys) throws(VaultError) -> JournalEvent {
    try onStored("The journal") {
      try JournalEvent(
        decoding: Envelope.open(
          envelope, key: keys.journal, suite: .card,
          associatedData: JournalLine.context(keys.vault, ordinal, hash)
        ).copyBytes())
    }
  }

  private static func context(_ vault: [UInt8], _ ordinal: UInt64, _ previous: [UInt8]) -> [UInt8] {
    var encoding = CanonicalEncoding("journal-line")
    encoding.append(vault)
    encoding.append(ordinal)
    encoding.append(previous)
    return encoding.bytes
  }
}

/// Where a chain of lines ends: how many there are, and the hash of the last.
struct JournalLink: Sendable, Equatable {
  static let none = JournalLink(count: 0, hash: [UInt8](repeating: 0, count: SHA256.byteCount))

  var count: UInt64
  var hash: [UInt8]

  init(count: UInt64, hash: [UInt8]) {
    self.count = count
    self.hash = hash
  }

  init(_ line: JournalLine) { self.init(count: line.ordinal, hash: line.hash) }
}

/// What the state row knows of the journal. A line belongs to the chain in the transaction of its event, and waits here
/// until it is durable in the file, so that a crash in between loses none.
struct JournalChain: Sendable, Equatable {
  /// What waits makes every commit larger; a journal that is away for longer gets a gap instead.
  static let pendingCountMax = 64

  var durable = JournalLink.none
  var pending: [JournalLine] = []
  /// Something happened that has no line: no journal was kept, or too much waited for it.
  var hasGap = false

  var end: JournalLink { pending.last.map { JournalLink($0) } ?? durable }

  mutating func confirm(_ link: JournalLink) {
    guard let place = pending.firstIndex(where: { JournalLink($0) == link }) else { return }
    durable = link
    pending.removeSubrange(...place)
  }

  mutating func append(_ event: JournalEvent, with keys: StoreKeys) {
    if pending.count >= JournalChain.pendingCountMax {
      pending = []
      hasGap = true
    }
    if hasGap {
      hasGap = false
      let gap = JournalEvent(.gap, incarnation: event.incarnation, logSize: event.logSize, time: event.time)
      pending.append(.sealed(gap, after: end, with: keys))
    }
    pending.append(.sealed(event, after: end, with: keys))
  }

  func encode(into encoding: inout CanonicalEncoding) {
    encoding.append(durable.count)
    encoding.append(durable.hash)
    encoding.append(hasGap ? 1 : 0)
    encoding.append(list: pending.map(\.envelope))
  }

  init() {}

  init(decoding decoder: inout CanonicalDecoder) throws(CryptoError) {
    durable = JournalLink(count: try decoder.integer(), hash: try decoder.field(exactly: SHA256.byteCount))
    hasGap = try decoder.integer() == 1
    for number in 0..<UInt64(try decoder.count(limit: JournalChain.pendingCountMax + 2)) {
      pending.append(
        JournalLine(
          ordinal: durable.count + number + 1, envelope: try decoder.field(limit: JournalLine.envelopeByteCountMax)))
    }
  }
}
