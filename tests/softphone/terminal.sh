#!/usr/bin/env bash
# A session of the softphone in a real terminal (tmux) against a real server: an agent answers, is coached, asks for help
# and hangs up; a supervisor listens, whispers and barges. Each screen is checked for what it must say. `make test` runs
# it with what `cargo test` has built; by hand:
#
#   cargo build -p media-server && cargo build -p softphone --bins --examples && tests/softphone/terminal.sh
#
# With --keep the screens are kept in docs/softphone/ and put into docs/softphone.md.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v tmux >/dev/null || { echo "tmux is missing: apt-get install tmux" >&2; exit 1; }
[ $# = 0 ] || [ "$*" = --keep ] || { echo "usage: $0 [--keep]" >&2; exit 2; }
keeps=${1:-}
built=${CARGO_TARGET_DIR:-target}/debug
screens=docs/softphone
work=$(mktemp -d)
session=softphone
# A terminal with all letters, whatever the caller's is like, and a tmux of our own, without anybody's settings.
export LC_ALL=C.UTF-8
unset TMUX
tmux() { command tmux -u -L "sotto-$$" -f /dev/null "$@"; }

end() {
  tmux kill-server 2>/dev/null || true
  { exec 3>&-; } 2>/dev/null || true
  kill "${scene:-}" "${server:-}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

"$built/media-server" --demo 3 --data "$work/data" --http 127.0.0.1:0 --media 127.0.0.1:0 >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  url=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/server.log" | head -1) && [ -n "$url" ] && break
  sleep 0.1
done
[ -n "${url:-}" ] || { cat "$work/server.log" >&2; exit 1; }

phone() { # USER: a softphone in a terminal of its own
  tmux kill-session -t "$session" 2>/dev/null || true
  tmux new-session -d -s "$session" -x 92 -y 25 \
    "SOTTO_PASSWORD=sotto-demo $built/examples/pipe_headset $built/softphone --server $url --user $1 --settings $work/$1.toml --microphone \"Rig microphone\" --speaker \"Rig speaker\"; sleep 5"
}
press() { tmux send-keys -t "$session" "$@"; }
sees() { # TEXT…: waits until the screen says all of it
  for _ in $(seq 200); do
    local all=yes shown
    shown=$(tmux capture-pane -p -t "$session")
    for text in "$@"; do
      grep -qF -- "$text" <<<"$shown" || all=no
    done
    [ $all = yes ] && return
    sleep 0.1
  done
  echo "the screen does not say: $*" >&2
  tmux capture-pane -p -t "$session" >&2
  exit 1
}
keep() { # NAME: keeps the screen for the guide, if that is wanted
  [ -n "$keeps" ] || return 0
  tmux capture-pane -p -t "$session" | sed 's/ *$//' >"$screens/$1.txt"
  tmux capture-pane -e -p -t "$session" >"$work/$1.ansi"
  echo "kept $1"
}

# The supervisor. First, so that the demo's calls have found their agents before Ana is ready: one of them would ring
# at her in Marek's place.
phone supervisor1
sees "Live calls" "speaks"
sleep 2
keep live
press Enter
sees "Listening – nobody hears you" "your microphone is closed"
sleep 2
keep listening
press v
sees "Whispering – only" "never reaches the caller"
keep whispering
sees "Listening – nobody hears you"
press b
sees "Everyone will hear you" "Yes, I'm sure"
press y
sees "On the call – everyone hears you"
keep barging
press s
sees "Not on a call – nobody hears you"
press q

# The agent.
phone agent1
sees "Not ready" "Rig microphone" "Rig speaker"
press r
sees "Ready for calls"
keep ready
mkfifo "$work/sam"
"$built/examples/scene" "$url" <"$work/sam" >"$work/scene.log" 2>&1 &
scene=$!
exec 3>"$work/sam"
sees "Incoming call" "Marek Novák"
keep ringing
press a
sees "Marek hears you" "mic live" "good"
sees "Marek        ▮" "0:0"
keep call
echo listen >&3
sleep 2
if tmux capture-pane -p -t "$session" | grep -q Sam; then
  echo "the agent sees a listener" >&2
  exit 1
fi
echo whisper >&3
sees "Sam is coaching you – only you can hear this." "Don't answer aloud: the caller hears you." "Marek and Sam hear you"
sees "Sam          ▮"
keep coaching
press "?"
sees "Ask for help"
press "Wants to cancel. Can I make the retention offer?"
keep help
press Enter
sees "Help: Wants to cancel"
echo barge >&3
sees "Sam has joined the call – everyone hears Sam."
keep joined
echo stop >&3
sees "Sam has left."
press m
sees "You are muted – nobody hears you"
press m
sees "Marek hears you"
press e
sees "You hung up on Marek Novák."
keep over
exec 3>&-

[ -n "$keeps" ] || { echo "every screen said what it must"; exit 0; }

# Into the guide: what stands between "<!-- screen: NAME -->" and the end of the block after it.
awk -v screens="$screens" '
  /^<!-- screen: / { print; name = $3; print "```text"; while ((getline line < (screens "/" name ".txt")) > 0) print line; print "```"; skip = 1; next }
  skip && /^```/ { fences++; if (fences == 2) { skip = 0; fences = 0 } next }
  skip { next }
  { print }
' docs/softphone.md >"$work/guide.md"
cp "$work/guide.md" docs/softphone.md
[ -z "${KEEP_ANSI:-}" ] || cp "$work"/*.ansi "$KEEP_ANSI"
echo "done: $screens, docs/softphone.md"
