# shellcheck shell=bash
# Parts that run in the background: their processes, ports and secrets. Sourced; needs common.sh and $data.

# running PART: prints its pid, or fails. The start time beside the pid keeps us from taking another process for it.
running() {
  local pid started
  read -r pid started 2>/dev/null <"$data/run/$1.pid" || return 1
  runs "$pid" "$started" || return 1
  echo "$pid"
}

# start PART COMMAND… : in the background, detached from the terminal, unless it runs already.
start() {
  local part=$1 pid
  shift
  ! running "$part" >/dev/null || return 0
  mkdir -p "$data/run" "$data/logs"
  # The lock of this script is not for its children: they would hold it for as long as they live.
  setsid "$@" </dev/null >>"$data/logs/$part.log" 2>&1 9>&- &
  pid=$!
  echo "$pid $(started_at "$pid")" >"$data/run/$part.pid"
}

# stop PART SIGNAL SECONDS: asks it to end, and makes it end if it does not.
stop() {
  local part=$1 signal=$2 patience=$3 pid
  pid=$(running "$part") || { rm -f "$data/run/$part.pid"; return 0; }
  echo "Ending $part"
  kill "-$signal" "$pid" 2>/dev/null || true
  for ((; patience > 0; patience--)); do
    for _ in 1 2 3 4 5; do
      running "$part" >/dev/null || { rm -f "$data/run/$part.pid"; return 0; }
      sleep 0.2
    done
  done
  echo "$part did not end by itself and is killed."
  ! running "$part" >/dev/null || kill -KILL "$pid"
  rm -f "$data/run/$part.pid"
}

# await PART WHAT COMMAND… : until the command succeeds; fails with the end of the part's log if it ends or takes too long.
await() {
  local part=$1 what=$2 deadline=$((SECONDS + 90))
  shift 2
  # Somebody else's server may answer on that port, so it counts only while ours runs.
  until running "$part" >/dev/null && "$@" >/dev/null 2>&1; do
    if ! running "$part" >/dev/null || ((SECONDS > deadline)); then
      tail -20 "$data/logs/$part.log" >&2
      fail "$part is not $what; above is the end of its log, $data/logs/$part.log"
    fi
    sleep 0.2
  done
}

# Whether somebody listens on TCP port $1 or holds UDP port $1.
port_taken() {
  local hexadecimal
  printf -v hexadecimal ':%04X' "$1"
  awk -v port="$hexadecimal" '
    FILENAME ~ /tcp/ && $4 != "0A" { next }
    substr($2, length($2) - 4) == port { found = 1 }
    END { exit !found }' /proc/net/tcp /proc/net/udp $(ls /proc/net/tcp6 /proc/net/udp6 2>/dev/null)
}

# port NAME: prints it.
port() { sed -n "s/^$1=//p" "$data/ports.env" 2>/dev/null | grep . || fail "Nothing was started yet: run ./dialer up"; }

# choose_port PART NAME WANTED: keeps the port of the last time, or takes the wanted one, or the next free one.
choose_port() {
  local part=$1 name=$2 wanted=$3 candidate
  ! running "$part" >/dev/null || return 0
  touch "$data/ports.env"
  candidate=$(sed -n "s/^$name=//p" "$data/ports.env")
  wanted=${candidate:-$wanted}
  candidate=$wanted
  while port_taken "$candidate" || grep -v "^$name=" "$data/ports.env" | grep -q "=$candidate\$"; do
    candidate=$((candidate + 1))
    ((candidate < 65536)) || fail "There is no free port above $wanted for $name."
  done
  [[ $candidate == "$wanted" ]] || echo "Port $wanted is taken: $name uses $candidate"
  { grep -v "^$name=" "$data/ports.env" || true; echo "$name=$candidate"; } >"$data/ports.env.part"
  mv "$data/ports.env.part" "$data/ports.env"
}

# secret NAME: prints it; made at the first time.
secret() {
  [[ -s $data/secrets/$1 ]] || { mkdir -p -m 700 "$data/secrets"; random_secret "${2:-16}" | write_secret "$data/secrets/$1"; }
  cat "$data/secrets/$1"
}
