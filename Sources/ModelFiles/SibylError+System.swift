import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension SibylError {
  /// What the operating system refused: `cannot open PATH: Permission denied`.
  static func system(_ action: String, _ path: String, _ code: Int32) -> SibylError {
    let advice = code == ENOSPC || code == EDQUOT ? "; make room on that disk and try again" : ""
    return SibylError(.unavailable, "cannot \(action) \(path): \(String(cString: strerror(code)))\(advice)")
  }
}
