import VaultCrypto
import VaultModel

/// What is left of a record that was erased, in the place of its row: that there was one of this id, since when it is
/// gone, and on whose request. The id is never given to anybody else.
struct Tombstone: Sendable {
  enum Cause: Equatable, Sendable {
    /// Two people's.
    case request(RequestID)
    /// The restore that began this log repeated an erasure whose request was lost.
    case restore(log: UInt64)
  }

  let record: RecordID
  let programme: ProgrammeID
  let erased: Timestamp
  let cause: Cause
  /// Versions 1 ... `rest` are still to be taken away; 0: nothing is left.
  var rest: UInt64

  init(record: RecordID, programme: ProgrammeID, erased: Timestamp, cause: Cause, rest: UInt64) {
    self.record = record
    self.programme = programme
    self.erased = erased
    self.cause = cause
    self.rest = rest
  }

  init(decoding bytes: [UInt8]) throws {
    var decoder = try CanonicalDecoder(bytes, purpose: "tombstone")
    record = try RecordID(bytes: decoder.field(exactly: RecordID.byteCount))
    programme = try ProgrammeID(decoder.text(limit: 64))
    erased = Timestamp(milliseconds: try decoder.integer())
    let request = try decoder.field(limit: RequestID.byteCount)
    rest = try decoder.integer()
    cause = request.isEmpty ? .restore(log: try decoder.integer()) : .request(try RequestID(bytes: request))
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoding = CanonicalEncoding("tombstone")
    encoding.append(record.bytes)
    encoding.append(programme.description)
    encoding.append(erased.milliseconds)
    switch cause {
    case .request(let request):
      encoding.append(request.bytes)
      encoding.append(rest)
    case .restore(let log):
      encoding.append([])
      encoding.append(rest)
      encoding.append(log)
    }
    return encoding.bytes
  }
}

/// What a row of `record` holds: a record's head, or what is left of one.
enum RecordPlace: Sendable {
  case head(RecordHead)
  case tombstone(Tombstone)

  init(decoding bytes: [UInt8]) throws {
    if bytes.starts(with: CanonicalEncoding("tombstone").bytes) {
      self = .tombstone(try Tombstone(decoding: bytes))
    } else {
      self = .head(try RecordHead(decoding: bytes))
    }
  }

  var id: RecordID {
    switch self {
    case .head(let head): head.id
    case .tombstone(let tombstone): tombstone.record
    }
  }

  var programme: ProgrammeID {
    switch self {
    case .head(let head): head.programme
    case .tombstone(let tombstone): tombstone.programme
    }
  }
}
