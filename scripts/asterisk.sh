#!/usr/bin/env bash
# An Asterisk of our own in one folder, configured from the templates in asterisk/.
#   asterisk.sh render pbx|network DIR [key=value…]   writes its configuration
#   asterisk.sh run DIR                               becomes Asterisk, in the foreground (SIGTERM ends it)
#   asterisk.sh ready DIR                             succeeds once it answers over ARI
#   asterisk.sh cli DIR COMMAND                       gives the one that runs a command of Asterisk's; prints the answer
# Keys: http=PORT sip=PORT password=… (required); user=dialer bind=127.0.0.1 http_bind=127.0.0.1 rtp_from=10000
# rtp_to=29999 silence=yes; pbx behind NAT: external=IP local_net=NET; network: line_password=… heard=FOLDER trusted=127.0.0.1
# packets=20 (the milliseconds of sound in each packet that it asks to be sent); where Asterisk was built by hand: modules=FOLDER share=FOLDER.
# DIALER_ASTERISK_ROOT: where Asterisk is installed, «/» or the tree of install.sh (the default: whichever exists).
# DIALER_OWNER=PID ends it when that process is gone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
source "$here/common.sh"

usage() { sed -n '3,11s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

asterisk_root() {
  local root
  for root in "${DIALER_ASTERISK_ROOT:-}" / "${DIALER_ASTERISK_TREE:-}" "$(data_folder)/asterisk-tree"; do
    if [[ -n $root && -x ${root%/}/usr/sbin/asterisk ]]; then echo "${root%/}"; return; fi
  done
  fail "Asterisk is not installed. Run ./dialer up or ./dialer test, which install it."
}

# The first path that matches: folders differ between architectures, releases, and what was built by hand.
first() {
  local pattern
  for pattern in "$@"; do
    if compgen -G "$pattern" >/dev/null; then compgen -G "$pattern" | head -1; return; fi
  done
  fail "Asterisk's installation is incomplete: there is no $*"
}

# Where what was fetched by HTTP is kept. Asterisk takes whatever follows the first dot of that path for the ending of the file, and finds none of
# them in a folder below .dialer: those have theirs in /tmp, by a name that stays the same.
cache_folder() {
  local folder=$1/cache
  if [[ $folder == *.* ]]; then
    folder=/tmp/dialer-cache-$(cksum <<<"$1" | cut -d' ' -f1)
    mkdir -m 700 "$folder" 2>/dev/null || [[ -O $folder && ! -L $folder ]] || fail "$folder belongs to somebody else."
  fi
  echo "$folder"
}

render() {
  local role=$1 dir=$2 root file pair key value script=
  shift 2
  [[ -d $here/../asterisk/$role ]] || fail "There is no Asterisk role «$role»: pbx or network."
  root=$(asterisk_root)
  mkdir -p "$dir"
  chmod 700 "$dir"
  dir=$(cd "$dir" && pwd)
  local -A set=([role]=$role [dir]=$dir [user]=dialer [bind]=127.0.0.1 [http_bind]=127.0.0.1 [rtp_from]=10000
    [rtp_to]=29999 [silence]=yes [external]='' [local_net]='' [heard]=$dir/heard [cache]=$(cache_folder "$dir") [trusted]=127.0.0.1 [packets]=20 [line_password]='' [share]='' [modules]='')
  for pair in "$@"; do set[${pair%%=*}]=${pair#*=}; done
  [[ -n ${set[modules]} ]] || set[modules]=$(first "$root/usr/lib/*/asterisk/modules" "$root/usr/lib*/asterisk/modules")
  [[ -n ${set[share]} ]] || set[share]=$(first "$root/usr/share/asterisk" "$root/var/lib/asterisk")
  for key in http sip password; do
    [[ -n ${set[$key]:-} ]] || fail "asterisk.sh render: $key=… is missing"
  done
  [[ $role != network || -n ${set[line_password]} ]] || fail "asterisk.sh render network: line_password=… is missing"
  mkdir -p "$dir"/{etc,lib,run,log/cdr-custom,moh,spool/monitor,spool/recording} "${set[heard]}" "${set[cache]}"
  # A line whose value is empty has nothing to say and is left out.
  for key in "${!set[@]}"; do
    value=${set[$key]}
    if [[ -z $value ]]; then script+="/@$key@/d;"; else script+="s|@$key@|${value//[\\|&]/\\&}|g;"; fi
  done
  rm -f "$dir"/etc/*.conf
  for file in "$here"/../asterisk/{common,"$role"}/*.conf; do
    sed "$script" "$file" | write_secret "$dir/etc/${file##*/}"
  done
  # Up to release 21 the log of calls is described another way.
  if [[ $role == network && ! -f ${set[modules]}/res_cdrel_custom.so ]]; then
    printf '%s\n' '[mappings]' 'calls.csv => ${CDR(dst)},${CDR(src)},${CDR(start,f)},${CDR(answer,f)},${CDR(end,f)},${CDR(disposition)},${CDR(uniqueid)}' \
      >"$dir/etc/cdr_custom.conf"
  fi
  # Asterisk reports each of these as an error when it is not there, though nothing has to be in them.
  for key in ccss cel features manager pjproject udptl websocket_client; do
    echo '[general]' >"$dir/etc/$key.conf"
  done
  # Audio that comes by HTTP: a silo that hangs is given up while the caller still listens (else after 180 s).
  printf '%s\n' '[general]' 'timeout_secs = 6' >"$dir/etc/res_http_media_cache.conf"
  for key in "${!set[@]}"; do printf '%s=%s\n' "$key" "${set[$key]}"; done | write_secret "$dir/settings"
  : >"$dir/etc/acl.conf"
  music "$dir/moh/hold.wav"
}

# What is heard while waiting for an operator: a slow, soft third and fifth, made here so that no one owns it.
music() {
  [[ -f $1 ]] && return
  command -v sox >/dev/null || fail "sox is missing. Run ./dialer up, or install the package «sox»."
  sox -q -n -r 8000 -c 1 -b 16 "$1.part.wav" synth 8 sine 220 synth 8 sine mix 330 tremolo 0.5 80 gain -20 fade 1 8 1
  mv "$1.part.wav" "$1"
}

# choose DIR: reads into $dir where that is, and into $program what starts Asterisk with the configuration there.
choose() {
  local root loader libraries
  dir=$(cd "$1" 2>/dev/null && pwd) && [[ -f $dir/etc/asterisk.conf ]] || fail "There is no Asterisk in $1. Run: $0 render …"
  root=$(asterisk_root)
  program=("$root/usr/sbin/asterisk" -C "$dir/etc/asterisk.conf")
  [[ -n $root ]] || return 0
  # Out of a tree of another release: with that tree's own loader and libraries, no chroot needed.
  loader=$(first "$root/lib*/ld-linux-*.so.*")
  libraries=$(first "$root/usr/lib/*-linux-gnu")
  program=("$loader" --library-path "$libraries" "${program[@]}")
}

run() {
  local dir program hard
  choose "$1"
  # A line is a socket pair and a recording is a file: the usual 1,024 are 200 calls.
  hard=$(ulimit -Hn)
  [[ $hard == unlimited || $hard -gt 65536 ]] && hard=65536
  ulimit -n "$hard"
  end_with_owner
  cd "$dir"
  # Inherited. Where it may not be set, it stays.
  [[ -z ${DIALER_NICE:-} ]] || renice -n "$DIALER_NICE" $$ >/dev/null 2>&1 || true
  exec "${program[@]}" -f >>"$dir/log/output" 2>&1
}

cli() {
  local dir program
  choose "$1"
  "${program[@]}" -rx "$2"
}

ready() { ari "$1" GET asterisk/info >/dev/null 2>&1; }

[[ ${BASH_SOURCE[0]} == "$0" ]] || return 0
case "${1:-}" in
  render) [[ $# -ge 3 ]] || usage; shift; render "$@" ;;
  run) [[ $# == 2 ]] || usage; run "$2" ;;
  ready) [[ $# == 2 ]] || usage; ready "$2" ;;
  cli) [[ $# == 3 ]] || usage; cli "$2" "$3" ;;
  *) usage ;;
esac
