import Diagnostics
import ModelFiles

/// Which calls may ask models on servers.
///
/// A view, a trigger, a generated column or an index comes with a database file, and whoever made the file wrote the
/// calls in it. Such a call must not send data over the network, or spend somebody's money. SQLite knows where a call
/// comes from, but tells it to nobody at run time: a function is for the user's own statements only (SQLITE_DIRECTONLY)
/// or for all, from its registration on. So it is decided when a connection loads the extension:
/// - no server is registered: everything as it was, and no server is asked on that connection;
/// - otherwise the forms of functions that may name a model are for the user's own statements only, and may ask servers;
///   the forms that name none stay usable everywhere and ask no server, unless the default model is on one already.
public struct ServerPolicy: Sendable {
  private let hasServers: Bool
  private let defaultIsServer: Bool

  /// The variable that keeps all servers from being asked.
  static let variable = "SIBYL_SERVERS"
  static var isOff: Bool { Environment[variable] == "off" }

  /// What the model store says at the moment.
  public init() {
    let remote =
      Self.isOff
      ? [] : ((try? ModelStore().list()) ?? []).filter { $0.manifest?.isRemote == true }.map(\.name)
    hasServers = !remote.isEmpty
    let settings = Settings.shared
    defaultIsServer = remote.contains(settings.embeddingModel) || remote.contains(settings.generationModel)
  }

  /// Whether a function may ask servers when it is called with so many arguments. It is then for the user's own
  /// statements only.
  public func permits(_ function: AIFunction, arguments count: Int) -> Bool {
    guard hasServers, function.model.takesAnyModel else { return false }
    return defaultIsServer || function.parameters.prefix(count).contains { $0.mayNameModel }
  }

  /// - Throws: where a model is on a server that the call may not ask.
  static func check(_ model: SelectedModel, _ host: any FunctionHost) throws(SibylError) {
    guard model.installed.isRemote else { return }
    guard !isOff else {
      throw SibylError(
        .missingModel,
        "the model \"\(model.installed.name)\" is on a server, and \(variable)=off keeps servers from being asked; unset "
          + "it, or name another model")
    }
    guard host.permitsServers else {
      throw SibylError(
        .missingModel,
        "the model \"\(model.installed.name)\" is on a server, which only a call that names its model may ask, on a "
          + "connection that was opened after the model was registered; name it in the call, such as "
          + "'{\"model\":\"\(model.installed.name)\"}', or open a new connection")
    }
  }
}

extension Parameter {
  /// Whether an argument may name the model that the call runs on.
  fileprivate var mayNameModel: Bool { namesModel || name == "options" }
}
