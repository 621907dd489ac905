# shellcheck shell=bash
# What every script here shares. Sourced, never run.

fail() { echo "$*" >&2; exit 1; }

# A random secret of $1 bytes, as hexadecimal: safe in connection strings, URLs and Asterisk's configuration.
random_secret() { head -c "${1:-16}" /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# Writes standard input to $1 so that only its owner reads it, and so that an interrupted write leaves no half of it.
write_secret() {
  ( umask 077; cat >"$1.part" ) && mv "$1.part" "$1"
}

# When process $1 started, in ticks since boot, into REPLY: with the pid this names one process for good, where a pid alone may
# be somebody else's tomorrow. The name in /proc/PID/stat can hold spaces and brackets, hence the cut at the last one. Forks nothing.
read_started() {
  local stat=
  { IFS= read -rd '' stat <"/proc/$1/stat"; } 2>/dev/null || [[ -n $stat ]] || return 1
  stat=${stat##*) }
  # Field 22 of the line is the 20th after the name.
  # shellcheck disable=SC2086
  set -- $stat
  REPLY=${20}
}

# Prints it.
started_at() { local REPLY; read_started "$1" && echo "$REPLY"; }

# runs PID TICKS: whether that process, which started then, still runs.
runs() { local REPLY; read_started "$1" && [[ $REPLY == "$2" ]]; }

# Ends this process (and with it what it becomes by exec) as soon as process DIALER_OWNER is gone: a test run that was
# killed leaves no server behind. $1: the signal that ends it well. Detached twice, so that the server does not inherit a child it knows nothing of.
end_with_owner() {
  [[ -n ${DIALER_OWNER:-} ]] || return 0
  local signal=${1:-TERM} owner=$DIALER_OWNER self=$$ owner_start self_start never
  owner_start=$(started_at "$owner") || fail "DIALER_OWNER names process $owner, which does not run."
  self_start=$(started_at "$self")
  (
    (
      # Nothing is ever to be read from it: a sleep that starts no process. Each server has such a watcher.
      exec {never}<> <(:)
      while runs "$self" "$self_start"; do
        if ! runs "$owner" "$owner_start"; then
          kill "-$signal" "$self" 2>/dev/null || true
          sleep 5
          runs "$self" "$self_start" && kill -KILL "$self" 2>/dev/null
          break
        fi
        read -rt 1 -u "$never" || true
      done
    ) </dev/null >/dev/null 2>&1 &
  )
}

# Where everything of a run is kept. Nothing is stored outside the checkout unless asked for.
data_folder() { echo "${DIALER_DATA:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.dialer}"; }

# One setting of the Asterisk in folder $1.
asterisk_setting() {
  sed -n "s/^$2=//p" "$1/settings" 2>/dev/null | grep . || fail "There is no Asterisk in $1 (no setting «$2»)."
}

# ari DIR METHOD PATH [BODY]: one ARI request to the Asterisk in DIR; fails on an error answer. The password goes in by
# standard input, for it not to show in the list of processes.
ari() {
  local dir=$1 method=$2 path=$3 body=${4:-}
  local options=(--silent --show-error --fail-with-body --max-time 5 --config - --request "$method")
  [[ -z $body ]] || options+=(--header 'Content-Type: application/json' --data "$body")
  curl "${options[@]}" "http://127.0.0.1:$(asterisk_setting "$dir" http)/ari/$path" <<<\
    "user = \"$(asterisk_setting "$dir" user):$(asterisk_setting "$dir" password)\""
}
