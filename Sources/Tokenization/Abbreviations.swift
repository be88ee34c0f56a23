/// English abbreviations by what a full stop behind them can mean. All are in lower case without that stop.
enum Abbreviations {
  /// Something always follows: titles, "e.g.", "vs.".
  static let alwaysContinue: Set<String> = [
    "mr", "mrs", "ms", "mx", "dr", "prof", "rev", "fr", "hon", "messrs", "mme", "mlle", "gen", "col", "maj",
    "capt",
    "cpt", "cmdr", "lt", "sgt", "cpl", "pvt", "adm", "sen", "rep", "gov", "pres", "supt", "det", "insp", "st",
    "ste",
    "mt", "ft", "e.g", "eg", "i.e", "ie", "viz", "cf", "vs", "v", "ca", "approx", "incl", "excl", "esp", "al",
    "ed",
    "eds", "trans", "resp", "aka", "c.f", "b.v",
  ]

  /// An abbreviation where a number follows, else a word: "No. 5", "I said no."
  static let beforeNumber: Set<String> = [
    "no", "nos", "nr", "fig", "figs", "eq", "eqs", "sec", "secs", "ch", "chap", "vol", "vols", "p", "pp",
    "pg", "art",
    "par", "para", "ref", "refs", "tab", "app", "ex", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept",
    "oct", "nov", "dec", "ver", "rm", "ext", "tel",
  ]

  /// The sentence may end here or go on; what follows decides.
  static let mayEndSentence: Set<String> = [
    "inc", "ltd", "co", "corp", "llc", "plc", "bros", "jr", "sr", "esq", "dept", "univ", "assn", "est", "ave",
    "blvd",
    "rd", "hwy", "hr", "hrs", "phd", "md", "a.m", "p.m", "mon", "tue", "tues", "thu",
    "thurs",
  ]

  /// Words that, capitalised behind an abbreviation, mostly begin a sentence.
  static let sentenceStarters: Set<String> = [
    "a", "after", "all", "also", "although", "an", "and", "another", "any", "as", "at", "because", "before",
    "both",
    "but", "by", "can", "did", "do", "does", "even", "every", "for", "from", "had", "has", "have", "he",
    "her", "here",
    "his", "how", "however", "i", "if", "in", "instead", "is", "it", "its", "just", "many", "meanwhile",
    "more", "most",
    "my", "no", "not", "nothing", "now", "of", "on", "once", "one", "only", "or", "our", "perhaps", "please",
    "she",
    "since", "so", "some", "still", "such", "than", "thank", "that", "the", "their", "then", "there", "these",
    "they",
    "this", "those", "though", "thus", "to", "under", "until", "was", "we", "were", "what", "when", "where",
    "whether",
    "which", "while", "who", "why", "will", "with", "yes", "yet", "you", "your",
  ]
}
