/// What can be found in a text by rule, without a model.
public enum EntityKind: String, CaseIterable, Hashable, Sendable {
  case email
  case phone
  /// The numbers of payment cards.
  case card
  case iban
  case ip
  case url
  case date

  /// The kind that a user means by a name, such as `email`, `E-Mail` or `credit card`; nil where it is another
  /// one, which takes a model.
  public init?(name: String) {
    var key = ""
    for scalar in name.unicodeScalars where scalar.properties.isAlphabetic {
      key += scalar.properties.lowercaseMapping
    }
    let names: [EntityKind: [String]] = [
      .email: ["email", "mail", "emailaddress"],
      .phone: [
        "phone", "telephone", "phonenumber", "telephonenumber", "fax", "faxnumber", "mobile", "mobilenumber",
      ],
      .card: ["card", "creditcard", "cardnumber", "creditcardnumber", "debitcard", "paymentcard"],
      .iban: ["iban", "bankaccount"],
      .ip: ["ip", "ipaddress"],
      .url: ["url", "link", "website", "webaddress"],
      .date: ["date"],
    ]
    let singular =
      key.hasSuffix("esses") ? String(key.dropLast(2)) : key.hasSuffix("s") ? String(key.dropLast()) : key
    guard let kind = names.first(where: { $0.value.contains(key) || $0.value.contains(singular) })?.key else {
      return nil
    }
    self = kind
  }

  /// Where two kinds fit the same bytes, the one that asks for more wins.
  var specificity: Int {
    switch self {
    case .iban: 7
    case .card: 6
    case .email: 5
    case .url: 4
    case .ip: 3
    case .date: 2
    case .phone: 1
    }
  }
}
