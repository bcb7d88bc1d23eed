#!/usr/bin/env bash
# What can be checked without running anything of ours. Each check runs, whatever the others say.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
check() { # NAME COMMAND...
  echo "== $1"
  "${@:2}" </dev/null || failed+=("$1")
}
check tidy cargo run --quiet --locked -p xtask -- tidy
check formatting cargo fmt --all --check
check clippy cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
check "types of the pages" npm run --silent --prefix supervisor-ui check
check "types of the browser tests" npm run --silent --prefix tests/browser check

if [ ${#failed[@]} -gt 0 ]; then
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
fi
