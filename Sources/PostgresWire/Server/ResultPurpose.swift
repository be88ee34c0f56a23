/// Where a result goes.
enum ResultPurpose {
  /// To a simple query's client: columns, rows, completion.
  case simple
  /// To an Execute of a portal, which described its columns before.
  case portal(String, maximumRows: Int)

  var isExtended: Bool {
    if case .portal = self { true } else { false }
  }
}
