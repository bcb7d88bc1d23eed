#!/usr/bin/env bash
# All checks and all tests of all runners; ends with one line that adds up their counts.
# Fails if a check or a test fails, or if a runner ran no test. Logs: target/test-logs/.
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never NO_COLOR=1
# What is built once and thrown away needs no increments: half of the disk, and less time.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0

logs=$PWD/target/test-logs
rm -rf "$logs" && mkdir -p "$logs"
passed=0 failed=0 skipped=0
broken=()

say() { printf '\n== %s (%s)\n' "$1" "$(date +%T)"; }

run() { # LOG COMMAND...: runs it, shown and kept; its own exit status
  "${@:2}" </dev/null 2>&1 | tee "$logs/$1.log"
  return "${PIPESTATUS[0]}"
}

add() { # RUNNER EXIT PASSED FAILED SKIPPED: counts a runner in
  passed=$((passed + $3)) failed=$((failed + $4)) skipped=$((skipped + $5))
  echo "$1: $3 passed, $4 failed, $5 skipped"
  if [ $(($3 + $4)) = 0 ]; then
    broken+=("$1 ran no test")
  elif [ "$2" != 0 ] && [ "$4" = 0 ]; then
    broken+=("$1 stopped with status $2")
  fi
}

finish() {
  for what in "${broken[@]}"; do
    echo "FAILED: $what"
  done
  # What broke outside a test counts as one failure: the line must not look green.
  echo "$passed passed, $((failed + ${#broken[@]})) failed, $skipped skipped"
  [ $((failed + ${#broken[@]})) = 0 ]
  exit
}

say setup
run setup scripts/setup.sh tests || { broken+=("setup"); finish; }

say pages
run pages scripts/pages.sh || { broken+=("the pages' build"); finish; }

say vitest
run vitest npm test --silent --prefix supervisor-ui -- \
  --reporter=default --reporter=json --outputFile="$logs/vitest.json"
status=$?
counts=$(node -p '
  const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  [r.numPassedTests, r.numFailedTests, r.numPendingTests + r.numTodoTests].join(" ")
' "$logs/vitest.json" 2>/dev/null) || counts="0 0 0"
add vitest $status $counts

say "cargo test"
run cargo cargo test --locked --workspace --no-fail-fast
status=$?
counts=$(awk '
  /^test result: / { for (i = 2; i < NF; i++) { if ($(i + 1) ~ /^passed/) p += $i; if ($(i + 1) ~ /^failed/) f += $i; if ($(i + 1) ~ /^ignored/) s += $i } }
  END { print p + 0, f + 0, s + 0 }
' "$logs/cargo.log")
add "cargo test" $status $counts

say "the softphone in a terminal"
run terminal tests/softphone/terminal.sh
status=$?
add terminal $status $((status == 0)) $((status != 0)) 0

say "other WebRTC stacks"
INTEROP_SERVER=target/debug/media-server run interop scripts/interop.sh --quick
status=$?
counts=$(awk '/^interop: [0-9]+ passed/ { print $2 + 0, $4 + 0, $6 + 0 }' "$logs/interop.log")
add interop $status ${counts:-0 0 0}

say lint
run lint scripts/lint.sh || broken+=("lint: see target/test-logs/lint.log")

say playwright
PLAYWRIGHT_JSON_OUTPUT_NAME="$logs/playwright.json" \
  run playwright npm test --silent --prefix tests/browser -- --reporter=list,json
status=$?
counts=$(node -p '
  const s = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).stats;
  [s.expected + s.flaky, s.unexpected, s.skipped].join(" ")
' "$logs/playwright.json" 2>/dev/null) || counts="0 0 0"
add playwright $status $counts

echo
finish
