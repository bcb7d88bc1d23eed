#!/usr/bin/env bash
# Tries nginx.conf and Caddyfile beside this file with the real programs (Debian: nginx, caddy) in front of a real
# server, on free ports of this machine, with a certificate that the server made: `media-server doctor` asks through
# each proxy, WebSockets included, and the headers of a sign-in are looked at.
#
#   docs/deploy/try-proxies.sh [target/release/media-server]
set -euo pipefail
cd "$(dirname "$0")/../.."
server=${1:-target/release/media-server}
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
until_up() { # URL
  for _ in $(seq 100); do
    curl -sk -o /dev/null "$1" && return
    sleep 0.1
  done
  echo "nobody answers at $1" >&2
  return 1
}

# A certificate for localhost: the server makes one.
"$server" --demo 0 --data "$work/made" --http "127.0.0.1:0" --media 127.0.0.1:0 --operate off --tls self-signed \
  >"$work/made.log" 2>&1 &
made=$!
until [ -s "$work/made/demo/self-signed.pem" ]; do sleep 0.1; done
kill -INT "$made"
wait "$made"
chain=$work/made/demo/self-signed.pem key=$work/made/demo/self-signed.key

try() { # NAME HTTPS-PORT COMMAND...: the proxy in front of a server of its own
  local name=$1 https=$2 http
  shift 2
  http=$(port)
  local options=(--demo 0 --data "$work/$name" --http "127.0.0.1:$http" --media 127.0.0.1:0 --operate off
    --public-url "https://localhost:$https")
  "$server" "${options[@]}" >"$work/$name.log" 2>&1 &
  pids+=($!)
  until_up "http://127.0.0.1:$http/healthz"
  sed -i "s/127\.0\.0\.1:8080/127.0.0.1:$http/" "$work/$name.conf"
  "$@" >"$work/$name.proxy.log" 2>&1 &
  pids+=($!)
  until_up "https://localhost:$https/healthz" || { cat "$work/$name.proxy.log"; return 1; }
  echo "== $name"
  SSL_CERT_FILE=$chain "$server" doctor "${options[@]}" | grep -E 'public address|WebSockets' | tee "$work/$name.said"
  [ "$(grep -c '^ok' "$work/$name.said")" = 2 ]
  curl -s --cacert "$chain" -D - -o /dev/null "https://localhost:$https/api/v1/login" \
    -H 'content-type: application/json' -d '{"username": "admin", "password": "sotto-demo"}' >"$work/$name.headers"
  grep -i '^set-cookie: __Host-sotto_session=.*; Secure' "$work/$name.headers" | cut -c1-40
  grep -i '^strict-transport-security' "$work/$name.headers"
}

https=$(port)
clear=$(port)
sed -e "s/listen \[::\]:.*//; s/listen 443 ssl/listen 127.0.0.1:$https ssl/; s/listen 80/listen 127.0.0.1:$clear/" \
  -e "s/voice\.example/localhost/; s|/etc/ssl/sotto/chain.pem|$chain|; s|/etc/ssl/sotto/key.pem|$key|" \
  docs/deploy/nginx.conf >"$work/nginx.conf"
cat >"$work/main.conf" <<EOF
pid $work/nginx.pid;
error_log stderr;
events {}
http { access_log off; include $work/nginx.conf; }
EOF
sed -i "s/server_name voice/server_name localhost/" "$work/nginx.conf"
try nginx "$https" nginx -c "$work/main.conf" -g 'daemon off;'
curl -s -o /dev/null -w 'redirect: %{http_code} %{redirect_url}\n' "http://localhost:$clear/chat"

https=$(port)
sed -e "s/^voice\.example {/https:\/\/localhost:$https {\n\ttls ${chain//\//\\/} ${key//\//\\/}/" docs/deploy/Caddyfile \
  >"$work/caddy.conf"
sed -i "1i {\n\tadmin off\n\tauto_https disable_redirects\n}" "$work/caddy.conf"
XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work try caddy "$https" \
  caddy run --adapter caddyfile --config "$work/caddy.conf"
echo "both proxies work"
