import Glibc

/// What a directory holds, by name.
enum DirectoryNames {
  /// Not sorted, `.` and `..` among them; empty where it cannot be read. No more than `countMax`.
  static func all(in directory: String, countMax: Int) -> [String] {
    guard let entries = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(entries) }
    var names: [String] = []
    while names.count < countMax, let entry = unsafe readdir(entries) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      names.append(String(decoding: name, as: UTF8.self))
    }
    return names
  }
}
