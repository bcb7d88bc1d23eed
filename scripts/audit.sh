#!/usr/bin/env bash
# What is known of the dependencies. Licences, sources and duplicates are looked at always; advisories need their
# databases, which not every machine reaches: what could not be looked at is said, and with AUDIT=all it fails.
set -uo pipefail
cd "$(dirname "$0")/.."
deny=$(command -v cargo-deny || echo target/tools/bin/cargo-deny)
failed=() unseen=()

look() { # NAME COMMAND...
  echo "audit: $1"
  "${@:2}" </dev/null || failed+=("$1")
}

# deny.toml says what is let through, and why.
look "licences, sources and duplicates of the crates" \
  "$deny" --locked --log-level error check --hide-inclusion-graph licenses bans sources

if timeout 90 "$deny" --log-level off fetch db </dev/null >/dev/null 2>&1; then
  look "advisories on crates" \
    "$deny" --offline --locked --log-level error check --hide-inclusion-graph advisories
else
  unseen+=("advisories on crates (the RustSec database can't be reached)")
fi

for pages in supervisor-ui tests/browser; do
  report=$(timeout 60 npm audit --json --prefix "$pages" </dev/null 2>/dev/null)
  case $report in
    *'"auditReportVersion"'*) look "advisories on the packages of $pages" npm audit --audit-level=moderate --prefix "$pages" ;;
    *) unseen+=("advisories on the packages of $pages (the registry answers no audits)") ;;
  esac
done

for what in "${unseen[@]}"; do
  echo "audit: NOT LOOKED AT: $what" >&2
done
if [ "${AUDIT:-}" = all ] && [ ${#unseen[@]} -gt 0 ]; then
  failed+=("what could not be looked at")
fi
if [ ${#failed[@]} -gt 0 ]; then
  printf 'audit: failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
