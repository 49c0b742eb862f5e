import CEdit
import Glibc
import Synchronization

/// One line with editing, completion and history: libedit, with its memory never written anywhere.
@safe @MainActor final class LineEditor {
  /// Lines of the history, in memory only.
  private static let historyCountMax: Int32 = 200

  enum Line {
    case text(String)
    case cancelled
    case end
    case idle
  }

  private let editor: OpaquePointer
  private let history: OpaquePointer
  private let complete: @MainActor (String) -> (word: String, candidates: [String])

  /// The one whose line is being read: libedit's callbacks carry nothing of ours.
  private static var current: LineEditor?
  private static var promptBytes: [CChar] = [0]
  private static var idleSeconds: Int?
  private static var lastKey = KeyPress.end

  init(complete: @escaping @MainActor (String) -> (word: String, candidates: [String])) throws {
    guard let editor = unsafe vault_edit_open("vaultsh"), let history = unsafe history_init() else {
      throw Failure(.failed, "The terminal cannot be used for typing commands.", hint: "Give a COMMAND instead.")
    }
    unsafe self.editor = editor
    unsafe self.history = history
    self.complete = complete
    unsafe vault_edit_use_emacs_keys(editor)
    unsafe vault_edit_set_history(editor, history, Self.historyCountMax)
    unsafe vault_edit_bind_history_search(editor)
    unsafe vault_edit_set_prompt(editor) { _ in
      // An address as a number may leave the actor, which a pointer may not.
      unsafe UnsafeMutablePointer(bitPattern: MainActor.assumeIsolated { LineEditor.promptAddress() })
    }
    unsafe vault_edit_set_reader(editor) { _, character in
      let result = MainActor.assumeIsolated { LineEditor.readCharacter() }
      if let scalar = result.scalar { unsafe character?.pointee = wchar_t(scalar) }
      return result.status
    }
    unsafe vault_edit_set_completion(editor) { _, _ in MainActor.assumeIsolated { LineEditor.completeWord() } }
  }

  /// - Parameter idleSeconds: how long nobody may type.
  func read(_ prompt: String, idleSeconds: Int) -> Line {
    Self.current = self
    Self.promptBytes = prompt.utf8.map { CChar(bitPattern: $0) } + [0]
    Self.idleSeconds = idleSeconds
    Self.lastKey = .byte(0)
    defer { Self.current = nil }
    // The window may have changed since the last line.
    unsafe el_resize(editor)
    var count: Int32 = 0
    guard let text = unsafe el_gets(editor, &count), count > 0 else {
      switch Self.lastKey {
      case .idle: return .idle
      case .interrupted: return .cancelled
      default: return .end
      }
    }
    return unsafe .text(String(cString: text))
  }

  /// Keeps a line for the arrow keys.
  func remember(_ line: String) { unsafe vault_edit_remember(history, line) }

  func close() {
    unsafe vault_edit_forget(history)
    unsafe history_end(history)
    unsafe el_end(editor)
  }

  // MARK: Called by libedit

  private static func promptAddress() -> UInt {
    // The array stays where it is until the next line is read.
    unsafe promptBytes.withUnsafeMutableBufferPointer { UInt(bitPattern: $0.baseAddress) }
  }

  /// One character of UTF-8; the C library's own reader neither times out nor tells us about Ctrl-C.
  private static func readCharacter() -> (status: Int32, scalar: UInt32?) {
    lastKey = KeyPress.next(idleSeconds: idleSeconds)
    guard case .byte(let first) = lastKey else {
      // 0 ends the line as an end of file, -1 as an error: either way the reason stands in `lastKey`.
      return (lastKey == .end ? 0 : -1, nil)
    }
    var decoder = UTF8()
    var bytes = [first]
    let needed = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    while bytes.count < needed {
      guard case .byte(let next) = KeyPress.next(idleSeconds: 1) else { break }
      bytes.append(next)
    }
    var iterator = bytes.makeIterator()
    if case .scalarValue(let scalar) = decoder.decode(&iterator) { return (1, scalar.value) }
    return (1, 0xFFFD)
  }

  private static func completeWord() -> UInt8 {
    guard let current, let line = unsafe el_line(current.editor) else { return UInt8(CC_ERROR) }
    let count = unsafe line.pointee.cursor - line.pointee.buffer
    let bytes = unsafe UnsafeBufferPointer(start: line.pointee.buffer, count: count).map { UInt8(bitPattern: $0) }
    let (word, candidates) = current.complete(String(decoding: bytes, as: UTF8.self))
    guard let first = candidates.first else { return UInt8(CC_ERROR) }
    if candidates.count == 1 {
      return current.insert(String(first.dropFirst(word.count)) + " ")
    }
    let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
    if common.count > word.count { return current.insert(String(common.dropFirst(word.count))) }
    Terminal.write("\r\n" + candidates.joined(separator: "  ") + "\r\n")
    return UInt8(CC_REDISPLAY)
  }

  private func insert(_ text: String) -> UInt8 {
    unsafe el_insertstr(editor, text) == 0 ? UInt8(CC_REFRESH) : UInt8(CC_ERROR)
  }
}

extension String {
  fileprivate func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
