#!/usr/bin/env bash
# A private PostgreSQL in a folder of its own; it listens on 127.0.0.1 only and touches no cluster of the system.
#   postgres.sh init DIR              makes the cluster, its password and the database `dialer`; done before: does nothing
#   postgres.sh run DIR PORT [k=v…]   becomes the server, in the foreground (SIGTERM: smart, SIGINT: fast, SIGQUIT: at once);
#                                     k=v are server settings
#   postgres.sh connection DIR PORT   prints the connection string
# DIALER_OWNER=PID ends the server when that process is gone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
source "$here/common.sh"

usage() { sed -n '3,6s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

server_binary() {
  local found
  found=$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -t/ -k5 -n | tail -1) || true
  [[ -n $found ]] || found=$(command -v postgres) \
    || fail "PostgreSQL's server is missing. Run ./dialer up, or install the package «postgresql»."
  echo "$found"
}

# PostgreSQL refuses to run as root. It then runs as `postgres` (or `nobody`), which keeps two capabilities of root's,
# because the checkout may lie below a folder that this user cannot enter (/root).
as_server() {
  if [[ $(id -u) != 0 ]]; then exec "$@"; fi
  local user=postgres caps=+dac_override,+dac_read_search
  id -u "$user" >/dev/null 2>&1 || user=nobody
  exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups \
    --inh-caps="$caps" --ambient-caps="$caps" -- "$@"
}

init() {
  local dir=$1 bin
  [[ -f $dir/ready ]] && return
  bin=$(dirname "$(server_binary)")
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  # Whatever an interrupted attempt left is not a database yet.
  rm -rf "$dir/data"
  install -d -m 700 "$dir/data"
  random_secret 16 | write_secret "$dir/password"
  if [[ $(id -u) == 0 ]]; then
    chown "$(id -u postgres 2>/dev/null || id -u nobody)" "$dir/data"
  fi
  (as_server "$bin/initdb" -D "$dir/data" -U dialer --pwfile="$dir/password" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8) >"$dir/initdb.log" 2>&1 \
    || fail "PostgreSQL's initdb failed; see $dir/initdb.log"
  # Single-user mode needs no port and no password.
  (as_server "$bin/postgres" --single -D "$dir/data" postgres) >>"$dir/initdb.log" 2>&1 \
    <<<'CREATE DATABASE dialer' || fail "The database «dialer» could not be created; see $dir/initdb.log"
  touch "$dir/ready"
}

run() {
  local dir=$1 port=$2 setting settings=()
  shift 2
  [[ -f $dir/ready ]] || fail "There is no finished PostgreSQL cluster in $dir. Run: $0 init $dir"
  dir=$(cd "$dir" && pwd)
  for setting in "$@"; do settings+=(-c "$setting"); done
  end_with_owner INT
  cd "$dir"
  # A list of a million rows makes 1 GB of log; with the defaults it would force checkpoints all through its import.
  # A minute of calls at full speed leaves 300,000 dead rows: vacuum looks four times as often as by default.
  as_server "$(server_binary)" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=200 -c log_min_messages=warning \
    -c shared_buffers=256MB -c max_wal_size=4GB -c checkpoint_timeout=15min -c autovacuum_naptime=15s "${settings[@]}"
}

case "${1:-}" in
  init) [[ $# == 2 ]] || usage; init "$2" ;;
  run) [[ $# -ge 3 ]] || usage; shift; run "$@" ;;
  connection)
    [[ $# == 3 ]] || usage
    echo "Host=127.0.0.1;Port=$3;Database=dialer;Username=dialer;Password=$(<"$2/password")" ;;
  *) usage ;;
esac
