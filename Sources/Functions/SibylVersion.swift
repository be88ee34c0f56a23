/// The version of the whole package, in semantic versioning.
public enum SibylVersion {
  public static let current = "0.1.0"
}
