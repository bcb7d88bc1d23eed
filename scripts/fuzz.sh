#!/usr/bin/env bash
# Runs every fuzz target for a bounded time: FUZZ_SECONDS each (default 20).
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-20}

if ! command -v cargo-fuzz >/dev/null; then
  echo "fuzz: installing cargo-fuzz" >&2
  cargo install cargo-fuzz --locked --quiet
fi

# Ours is safe Rust, where a panic is the finding: no sanitizer, and so no nightly compiler.
export RUSTC_BOOTSTRAP=1
mapfile -t targets < <(cargo fuzz list)
[ ${#targets[@]} -gt 0 ] || { echo "fuzz: no targets in fuzz/" >&2; exit 1; }
failed=()
for target in "${targets[@]}"; do
  echo "== $target, $seconds s"
  corpus=("fuzz/corpus/$target") # what it finds; seeds are kept apart, and in the repository
  mkdir -p "${corpus[0]}"
  [ ! -d "fuzz/seeds/$target" ] || corpus+=("fuzz/seeds/$target")
  cargo fuzz run --sanitizer none "$target" "${corpus[@]}" -- \
    -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=5 -print_final_stats=1 || failed+=("$target")
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "fuzz: found something in: ${failed[*]} (see fuzz/artifacts/)" >&2
  exit 1
fi
echo "fuzz: nothing found in: ${targets[*]}"
