#!/usr/bin/env bash
# What can be checked without running anything of ours. Each check runs, whatever the others say.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
check() { # NAME COMMAND...
  echo "== $1"
  "${@:2}" </dev/null || failed+=("$1")
}

# The formatters break what they can; a string or a comment that is longer is broken by hand.
line_length() {
  ! LC_ALL=C.UTF-8 git grep -nP '^.{121,}$' -- supervisor-ui tests/browser ':!*.svg' ':!*package-lock.json' ':!*.md'
}

check tidy cargo run --quiet --locked -p xtask -- tidy
check formatting cargo fmt --all --check
check clippy cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
check "line length" line_length
check "style of the pages" npm run --silent --prefix supervisor-ui lint
check "style of the browser tests" npm run --silent --prefix tests/browser lint
check "types of the pages" npm run --silent --prefix supervisor-ui check
check "types of the browser tests" npm run --silent --prefix tests/browser check
check dependencies scripts/audit.sh

if [ ${#failed[@]} -gt 0 ]; then
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
fi
