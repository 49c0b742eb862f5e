import Glibc

/// Variables of the environment; an empty one counts as absent where it names a place.
enum Environment {
  static func value(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  static func path(_ name: String) -> String? {
    guard let value = value(name), !value.isEmpty else { return nil }
    return value
  }
}
