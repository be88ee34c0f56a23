#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads the process environment. Variables are read when they are needed, so that a host that sets one
/// after loading the extension (`setenv`, Python's `os.environ`) is heard.
public enum Environment {
  /// The variable's value, or nil where it is unset or empty.
  public static subscript(name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// `$SIBYL_HOME`, where models and Sibyl's own files live; by default `~/.local/share/sibyl`
  /// (or under `$XDG_DATA_HOME`).
  public static var sibylHome: String {
    if let home = self["SIBYL_HOME"] { return home }
    if let data = self["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/sibyl" }
    return homeFolder + "/.local/share/sibyl"
  }

  /// `$HOME`, or where a service runs without it, the user's home in the system's list of users: never a
  /// folder in which others could put files.
  private static var homeFolder: String {
    if let home = self["HOME"] { return home }
    guard let user = getpwuid(getuid()), let folder = user.pointee.pw_dir else { return "/nonexistent" }
    return String(cString: folder)
  }
}
