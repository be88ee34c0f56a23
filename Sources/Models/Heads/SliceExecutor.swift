/// Runs the slices of a computation: `body(0)` to `body(count - 1)`, each exactly once, all of them finished
/// when it returns.
///
/// Training is cut into slices whose number depends on the data alone, and their results are added up in a
/// fixed order: so an executor decides how fast an answer comes and never what it is. The heads start no
/// threads of their own; whoever owns some passes an executor over them.
public struct SliceExecutor: Sendable {
  public let run: @Sendable (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void

  public init(run: @escaping @Sendable (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void) {
    self.run = run
  }

  /// One slice after another on the calling thread.
  public static let serial = SliceExecutor { count, body in
    for slice in 0..<max(count, 0) { body(slice) }
  }
}
