import AccessLog
import VaultCrypto

/// The log's name, `survivor-vault/HEX/N`: HEX are the first 16 digits of the vault's id, N is raised by a restore.
enum LogOrigin {
  static func name(vault: [UInt8], number: UInt64) throws(LogError) -> NoteName {
    try Succession.origin(vaultID: vault, number: number)
  }

  /// Which log of this vault has the name; nil where none has.
  static func number(of name: NoteName, vault: [UInt8]) -> UInt64? {
    guard let slash = name.text.lastIndex(of: "/"),
      let number = UInt64(name.text[name.text.index(after: slash)...]), (1...Succession.numberMax).contains(number),
      (try? self.name(vault: vault, number: number)) == name
    else { return nil }
    return number
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
