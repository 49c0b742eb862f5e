import AccessLog
import VaultCrypto

/// The log's name, `survivor-vault/HEX/N`: HEX are the first 16 digits of the vault's id, N is raised by a restore.
enum LogOrigin {
  static func name(vault: [UInt8], incarnation: Int = 1) throws(LogError) -> NoteName {
    try NoteName("survivor-vault/\(hexadecimal(Array(vault.prefix(8))))/\(incarnation)")
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
