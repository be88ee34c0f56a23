/// Texts that a careless way from SQL to the engine would change, cut or trip over.
enum NastyTexts {
  /// Without NUL, which PostgreSQL's text can't hold.
  static let all: [String] = [
    "I waited three weeks and it arrived broken",
    "", " ", "\t \n\r\n\u{A0}\u{3000}",
    "It's \"quoted\", ''twice'' and `back` \u{2018}curly\u{2019}",
    #"back\slash \\ \' \n \x41 E'\101' ending in one \"#,
    "$1 $$dollar$$ $sibyl$ $1::text :name :'name' %L %s %% {0}",
    "'); DROP TABLE texts; --", "/* never closed", "-- to the end", "NULL", "null", "{}", "{1,2}",
    "{\"a\",NULL}",
    #"{"json":[1,2,{"a":null}]}"#, "[0.1,0.2]", "ARRAY['a']", "a,b;c|d\te\r\nf",
    "Ünïcödé – déjà vu! 日本語。Ελληνικά العربية",
    "\u{E9}t\u{E9} or e\u{301}te\u{301}: the same letters twice", "\u{E9}", "e\u{301}",
    "👩‍👩‍👧 🏳️‍🌈 𝒜 \u{10FFFF}\u{FFFE}\u{FEFF}\u{200B}\u{202E}", "\u{1}\u{7}\u{8}\u{1B}\u{7F}\u{85}\u{2028}",
    String(repeating: "x", count: 10_000), String(repeating: "'", count: 999),
    String(repeating: "The parcel came late and it's broken by now. \n", count: 4_400),
  ]
}
