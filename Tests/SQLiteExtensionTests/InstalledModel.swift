import Foundation

/// The default model as it is installed on this machine, and damaged copies of it.
enum InstalledModel {
  /// The folder of the installed model; nil where it is not installed.
  static var folder: String? {
    let variables = ProcessInfo.processInfo.environment
    let home =
      variables["SIBYL_HOME"] ?? (variables["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share")
      + "/sibyl"
    let folder = home + "/models/minilm"
    return FileManager.default.fileExists(atPath: folder + "/model.safetensors") ? folder : nil
  }

  /// Makes a Sibyl home with a copy of the model, whose weights `change` may damage.
  static func copy(to home: String, change: (FileHandle) throws -> Void) throws {
    guard let folder else {
      throw SQLiteShell.Unavailable(reason: "minilm is not installed; run: make models")
    }
    let copy = home + "/models/minilm"
    try FileManager.default.createDirectory(atPath: home + "/models", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder, toPath: copy)
    let weights = try FileHandle(forUpdating: URL(filePath: copy + "/model.safetensors"))
    try change(weights)
    try weights.close()
  }
}
