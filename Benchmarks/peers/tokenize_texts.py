"""Token ids of texts by the reference tokenizer: JSON array of strings in, JSON array of arrays out."""

import json
import sys
from pathlib import Path

from minilm import tokenize

source, target = map(Path, sys.argv[1:])
target.write_text(json.dumps(tokenize(json.loads(source.read_text(encoding="utf-8")))))
