/// Why a query, a card or an index operation was refused. Carries no part of the input.
public struct SearchError: Error, Equatable, Sendable {
  public enum Code: String, Equatable, Sendable {
    /// The query is longer than `SearchTerms.queryByteCountMax`.
    case queryTooLong
    /// The query has more than `SearchTerms.wordCountMax` words or numbers.
    case tooManyWords
    /// The query holds no word, no year and no run of four digits.
    case nothingToSearchFor
    /// A card would hold more, or longer, values than its bounds allow.
    case cardTooLarge
    /// Bytes that are no card, or not the one encoding of it.
    case malformedCard
    /// A card of a format version this program does not know.
    case unknownCardVersion
    /// The record is in the index already.
    case duplicateRecord
    /// The record is not in the index.
    case unknownRecord
    /// The arena may not or cannot grow further.
    case arenaFull
  }

  public let code: Code

  public init(_ code: Code) { self.code = code }
}
