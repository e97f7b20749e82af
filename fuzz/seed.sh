#!/usr/bin/env bash
# Fills the corpora with what the repository has: fixtures of the language, the library, published and wrong circuits.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/circuit_text
for folder in compiler tests circuits; do [ -d $folder ] && find $folder -name '*.circuit' -size -9k; done | while read -r file; do
  cp "$file" "fuzz/corpus/circuit_text/$(echo "$file" | tr / _)"
done
