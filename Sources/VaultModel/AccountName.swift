/// The name an account logs in with: 1…64 bytes of lowercase ASCII letters, digits, `-` and `.`, starting with a letter.
public struct AccountName: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) throws(IdentifierError) {
    try PlainName.check(text, as: .account)
    description = text
  }

  public static func < (left: AccountName, right: AccountName) -> Bool { left.description < right.description }
}

/// A programme's short id: 1…64 bytes of lowercase ASCII letters, digits, `-` and `.`, starting with a letter.
public struct ProgrammeID: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) throws(IdentifierError) {
    try PlainName.check(text, as: .programme)
    description = text
  }

  public static func < (left: ProgrammeID, right: ProgrammeID) -> Bool { left.description < right.description }
}

/// The one alphabet of names that stand in URLs, file names and associated data.
enum PlainName {
  /// Long enough for any real team, short enough to fit a line of the log's report.
  static let byteCountMax = 64

  static func check(_ text: String, as kind: IdentifierError.Kind) throws(IdentifierError) {
    guard let first = text.utf8.first else { throw IdentifierError(kind, .empty) }
    guard text.utf8.count <= byteCountMax else { throw IdentifierError(kind, .tooLong(byteCountMax: byteCountMax)) }
    guard (0x61...0x7A).contains(first) else { throw IdentifierError(kind, .badStart) }
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E: continue
      default: throw IdentifierError(kind, .badCharacter(position: index + 1))
      }
    }
  }
}

extension AccountName: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension ProgrammeID: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
