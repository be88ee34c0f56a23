/// A five-character error code that programs act on (PostgreSQL documentation, Appendix A).
public struct SQLState: RawRepresentable, Hashable, Sendable {
  public let rawValue: String

  /// - Parameter rawValue: five digits or capital letters; anything else goes over the wire as `XX000`.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  public static let successfulCompletion = SQLState(rawValue: "00000")
  public static let connectionFailure = SQLState(rawValue: "08006")
  public static let protocolViolation = SQLState(rawValue: "08P01")
  public static let featureNotSupported = SQLState(rawValue: "0A000")
  public static let arrayShape = SQLState(rawValue: "2202E")
  public static let numberOutOfRange = SQLState(rawValue: "22003")
  public static let invalidEncoding = SQLState(rawValue: "22021")
  public static let invalidParameterValue = SQLState(rawValue: "22023")
  public static let invalidTextRepresentation = SQLState(rawValue: "22P02")
  public static let invalidBinaryRepresentation = SQLState(rawValue: "22P03")
  public static let transactionAlreadyOpen = SQLState(rawValue: "25001")
  public static let noTransactionOpen = SQLState(rawValue: "25P01")
  public static let transactionFailed = SQLState(rawValue: "25P02")
  public static let invalidStatementName = SQLState(rawValue: "26000")
  public static let invalidAuthorization = SQLState(rawValue: "28000")
  public static let invalidPassword = SQLState(rawValue: "28P01")
  public static let invalidPortalName = SQLState(rawValue: "34000")
  public static let syntaxError = SQLState(rawValue: "42601")
  public static let nameTooLong = SQLState(rawValue: "42622")
  public static let undefinedObject = SQLState(rawValue: "42704")
  public static let cannotCoerce = SQLState(rawValue: "42846")
  public static let undefinedFunction = SQLState(rawValue: "42883")
  public static let undefinedParameter = SQLState(rawValue: "42P02")
  public static let duplicatePortal = SQLState(rawValue: "42P03")
  public static let duplicateStatement = SQLState(rawValue: "42P05")
  public static let insufficientResources = SQLState(rawValue: "53000")
  public static let outOfMemory = SQLState(rawValue: "53200")
  public static let tooManyConnections = SQLState(rawValue: "53300")
  public static let configurationLimitExceeded = SQLState(rawValue: "53400")
  public static let programLimitExceeded = SQLState(rawValue: "54000")
  public static let prerequisiteMissing = SQLState(rawValue: "55000")
  public static let queryCanceled = SQLState(rawValue: "57014")
  public static let administratorShutdown = SQLState(rawValue: "57P01")
  public static let systemError = SQLState(rawValue: "58000")
  public static let corruptFile = SQLState(rawValue: "58P01")
  /// Sibyl's own: a call asks a classifier that the database has to send first.
  public static let unknownClassifier = SQLState(rawValue: "SB001")
  public static let internalError = SQLState(rawValue: "XX000")
}
