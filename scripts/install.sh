# shellcheck shell=bash
# Installs what is missing, through the distribution's packages, and says so. Sourced; needs common.sh.

# what_is_missing COMMAND… : packages whose command is not there yet.
missing_packages() {
  local wanted=("$@") pair
  for pair in "${wanted[@]}"; do
    command -v "${pair%%=*}" >/dev/null || echo "${pair#*=}"
  done
}

install_needs() {
  local with_browser=${1:-} packages=()
  command -v dotnet >/dev/null || fail "The .NET SDK 10 is missing (no «dotnet» in PATH). Get it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again."
  mapfile -t packages < <(missing_packages curl=curl espeak-ng=espeak-ng sox=sox opusdec=opus-tools setpriv=util-linux)
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || packages+=(postgresql)
  # sox reads MP3 and Ogg through add-ons that have no command of their own.
  sox --help 2>/dev/null | grep -q '^AUDIO FILE FORMATS.* mp3' || packages+=(libsox-fmt-mp3 libsox-fmt-base)
  if [[ -n $with_browser ]] && ! command -v chromium >/dev/null; then packages+=(chromium); fi
  install_packages "${packages[@]}"
  install_asterisk
}

install_packages() {
  [[ $# -gt 0 ]] || return 0
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null \
    || fail "These are missing: $*. Install them (on Debian or Ubuntu, as root: apt-get install $*) and run this again."
  echo "Installing: $*"
  update_package_lists
  # PostgreSQL's package would make and start a cluster of the system, which nobody asked for.
  if [[ " $* " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  apt_install "$@"
}

update_package_lists() {
  [[ -z ${package_lists_updated:-} ]] || return 0
  apt-get update -qq || fail "apt-get update failed (see above): these packages could not be looked for."
  package_lists_updated=yes
}

# Without starting the services that packages bring: policy-rc.d answers 101, «not allowed», for as long as this takes.
apt_install() {
  local policy=/usr/sbin/policy-rc.d ours='' status=0
  if [[ ! -e $policy ]]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >"$data/install.log" 2>&1 || status=$?
  [[ -z $ours ]] || rm -f "$policy"
  [[ $status == 0 ]] || { tail -5 "$data/install.log" >&2; fail "apt-get install $* failed; see $data/install.log"; }
}

# Asterisk from the distribution, or, where it has none (Debian 12 and 13), from Debian's sid in a tree of its own.
install_asterisk() {
  local tree=$data/asterisk-tree made
  [[ ! -x /usr/sbin/asterisk ]] || { export DIALER_ASTERISK_ROOT=/; return; }
  [[ ! -x ${DIALER_ASTERISK_TREE:-}/usr/sbin/asterisk ]] || { export DIALER_ASTERISK_ROOT=$DIALER_ASTERISK_TREE; return; }
  [[ ! -x $tree/usr/sbin/asterisk ]] || { export DIALER_ASTERISK_ROOT=$tree; return; }
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null \
    || fail "Asterisk is missing. Install your distribution's package «asterisk», or run this as root on Debian or Ubuntu."
  update_package_lists
  if apt-cache policy asterisk | grep -q 'Candidate: [^(]'; then
    echo "Installing: asterisk"
    apt_install asterisk
    export DIALER_ASTERISK_ROOT=/
    return
  fi
  command -v debootstrap >/dev/null || install_packages debootstrap
  echo "Installing: Asterisk from Debian sid into $tree (about 500 MB, once; this distribution has no package of it)"
  # A name of its own until it is complete: an interrupted one is started anew.
  rm -rf "$tree".part.*
  made=$tree.part.$$
  debootstrap --variant=minbase --include=asterisk,ca-certificates sid "$made" </dev/null >"$data/install.log" 2>&1 \
    || { tail -5 "$data/install.log" >&2; fail "debootstrap failed; see $data/install.log"; }
  mv "$made" "$tree"
  export DIALER_ASTERISK_ROOT=$tree
}
