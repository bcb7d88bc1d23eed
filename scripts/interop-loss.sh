#!/usr/bin/env bash
# Set-ups of stations by aiortc and Chromium in a network of their own that loses packets both ways (our own client has
# a proxy for that: `cargo run --release -p loadtest --example setups`).
# Needs root: a network namespace and iptables. After `make build` and `scripts/interop.sh --quick`.
#
#   scripts/interop-loss.sh [LOSS% [COUNT]]      default: 5 1000
set -euo pipefail
cd "$(dirname "$0")/.."
loss=${1:-5} count=${2:-1000}
[[ $loss =~ ^[1-9][0-9]?$ && $count =~ ^[1-9][0-9]*$ ]] || { echo "usage: interop-loss.sh [LOSS, 1 to 99 % [COUNT]]" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "interop-loss: root is needed, for a network namespace" >&2; exit 1; }
cargo build --release --locked -p loadtest

in_namespace() { # LOSS COUNT
  local server=http://127.0.0.1:8080 data failed=0
  data=$(mktemp -d)
  ip link set lo up
  # Chromium offers no address of the loopback interface.
  ip link add near type veth peer name far
  ip address add 10.83.0.1/24 dev near
  ip link set near up
  ip link set far up
  target/release/loadtest accounts "$data/accounts" --agents 1 --supervisors 1 >"$data/log"
  target/release/media-server --provision "$data/accounts/provision.toml" --http 127.0.0.1:8080 --media 10.83.0.1:47000 --operate 127.0.0.1:9090 --data "$data/data" \
    --set limits.guests_per_client=10000 --set limits.guests_per_client_minute=10000 \
    --set limits.interactions_per_client=1000 >>"$data/log" 2>&1 &
  local pid=$!
  trap 'kill $pid; wait $pid || true; rm -rf "$data"' EXIT
  until [ "$(curl -s 127.0.0.1:9090/readyz)" = ready ]; do
    kill -0 $pid 2>/dev/null || { cat "$data/log" >&2; exit 1; }
    sleep 0.1
  done
  iptables -A INPUT -p udp -m statistic --mode random --probability "0.$(printf %02d "$1")" -j DROP
  echo "$1 % of the packets are lost each way"
  target/interop/venv/bin/python tests/interop/setups.py "$server" "$2" || failed=1
  node tests/interop/setups.mjs "$server" "$2" || failed=1
  exit $failed
}
export -f in_namespace
unshare -n bash -euo pipefail -c 'in_namespace "$@"' - "$loss" "$count"
