import Models

/// What Sibyl takes, as numbers. Each limit has a test at it and one beyond it.
public enum Limits {
  /// The longest text of one argument, in bytes of UTF-8: 16 MiB.
  public static let maximumTextBytes = 16 << 20
  /// The most bytes of all texts of a group that an aggregate function takes: 64 MiB.
  public static let maximumGroupBytes = 64 << 20
  /// The most labels of one `ai_classify` call: 1,000.
  public static let maximumLabels = ZeroShotClassifier.maximumLabelCount
  /// The most examples of one `ai_classify` call: 2,000.
  public static let maximumExamples = FewShotClassifier.maximumExampleCount
  /// The most rows of one `ai_search` call: 100,000.
  public static let maximumSearchCount = 100_000
  /// The most rows of one `ai_train` call: 100,000. Their features take 9 KB a row with the default model.
  public static let maximumTrainingRows = 100_000
  /// The most bytes of all texts of one `ai_train` call: 256 MiB.
  public static let maximumTrainingBytes = 256 << 20
  /// The most bytes of all labels of a classifier together: 512 KiB.
  public static let maximumLabelBytes = 512 << 10
  /// The most rows of one `ai_review` call: 1,000.
  public static let maximumReviewCount = 1_000
  /// The longest name of a classifier, in bytes of UTF-8.
  public static let maximumClassifierNameBytes = 200
  /// The deepest nesting of a JSON argument.
  public static let maximumJSONDepth = 32
}
