# shellcheck shell=bash
# What ./dialer up and demo consist of. Sourced; needs common.sh, services.sh and $checkout, $data.

# No build server stays behind, and packages are kept in the data folder.
build() {
  echo "Building $1"
  dotnet "${2:-build}" "$checkout/$1" -c Release -v quiet -nologo -clp:NoSummary -nodeReuse:false -p:UseSharedCompilation=false "${@:3}" \
    </dev/null || fail "$1 does not build (see above)."
}

start_postgres() {
  "$checkout/scripts/postgres.sh" init "$data/postgres"
  choose_port postgres postgres 55432
  start postgres "$checkout/scripts/postgres.sh" run "$data/postgres" "$(port postgres)"
  await postgres "answering" bash -c "</dev/tcp/127.0.0.1/$(port postgres)"
}

start_asterisk() {
  choose_port asterisk ari 8088
  choose_port asterisk sip 5060
  # A gateway elsewhere is reached from an address of this machine: DIALER_SIP_BIND=0.0.0.0, and behind NAT the others.
  running asterisk >/dev/null || "$checkout/scripts/asterisk.sh" render pbx "$data/asterisk" \
    http="$(port ari)" sip="$(port sip)" password="$(secret ari)" bind="${DIALER_SIP_BIND:-127.0.0.1}" \
    external="${DIALER_SIP_EXTERNAL:-}" local_net="${DIALER_SIP_LOCAL_NET:-}" rtp_from=10000 rtp_to=19999
  start asterisk "$checkout/scripts/asterisk.sh" run "$data/asterisk"
  await asterisk "answering" "$checkout/scripts/asterisk.sh" ready "$data/asterisk"
}

start_network() {
  choose_port network network_ari 8090
  choose_port network network_sip 5070
  running network >/dev/null || "$checkout/scripts/asterisk.sh" render network "$data/network" \
    http="$(port network_ari)" sip="$(port network_sip)" password="$(secret network)" line_password="$(secret line)" \
    rtp_from=20000 rtp_to=29999
  start network "$checkout/scripts/asterisk.sh" run "$data/network"
  await network "answering" "$checkout/scripts/asterisk.sh" ready "$data/network"
}

connection() { "$checkout/scripts/postgres.sh" connection "$data/postgres" "$(port postgres)"; }

# Settings go in by the environment: command lines are for everybody to read.
export_settings() {
  Dialer__Database=$(connection)
  Dialer__Nodes__0__Password=$(secret ari)
  Dialer__ApiKey=$(secret key)
  Dialer__WebPassword=$(secret password 6)
  export Dialer__Database Dialer__Nodes__0__Password Dialer__ApiKey Dialer__WebPassword
  export Dialer__Nodes__0__Id=pbx Dialer__Nodes__0__User=dialer Dialer__Media__Folder="$data/media"
  Dialer__Nodes__0__AriUrl=http://127.0.0.1:$(port ari)/ari/
  Dialer__Silo__Port=$(port silo)
  Dialer__Silo__GatewayPort=$(port silo_gateway)
  export Dialer__Nodes__0__AriUrl Dialer__Silo__Port Dialer__Silo__GatewayPort
}

start_dialer() {
  local missing=()
  running silo >/dev/null || missing+=(silo)
  running web >/dev/null || missing+=(web)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  # Published, not only built: the pages' styles and scripts come out of packages.
  [[ " ${missing[*]} " != *" silo "* ]] || build Dialer.Silo publish -o "$data/app/silo"
  [[ " ${missing[*]} " != *" web "* ]] || build Dialer.Web publish -o "$data/app/web"
  # Only now: a port that was free before a build of minutes may be taken after it.
  choose_port silo silo_http 8081
  choose_port silo silo 11111
  choose_port silo silo_gateway 30000
  choose_port web web 8080
  export_settings
  mkdir -p "$data/media"
  ASPNETCORE_URLS=http://127.0.0.1:$(port silo_http) start silo env -C "$data/app/silo" dotnet Dialer.Silo.dll
  await silo "ready" healthy silo_http
  ASPNETCORE_URLS=http://${DIALER_WEB_BIND:-127.0.0.1}:$(port web) start web env -C "$data/app/web" dotnet Dialer.Web.dll
  await web "ready" healthy web
}

healthy() { curl --silent --fail --max-time 5 --output /dev/null "http://127.0.0.1:$(port "$1")/health/ready"; }

stop_all() {
  stop web TERM 15
  stop silo TERM 30
  stop network TERM 10
  stop asterisk TERM 10
  stop postgres INT 30
}

# Prints a line for each part: process, port, health.
show_status() {
  local part pid health
  for part in postgres asterisk network silo web; do
    if ! pid=$(running "$part"); then
      [[ $part == network ]] || printf '%-9s not running\n' "$part"
      continue
    fi
    case $part in
      silo) health=$(healthy silo_http && echo ready || echo 'not ready') ;;
      web) health=$(healthy web && echo ready || echo 'not ready') ;;
      postgres) health=$(bash -c "</dev/tcp/127.0.0.1/$(port postgres)" 2>/dev/null && echo answers || echo 'does not answer') ;;
      *) health=$("$checkout/scripts/asterisk.sh" ready "$data/$part" && echo answers || echo 'does not answer') ;;
    esac
    printf '%-9s process %-8s %-32s %s\n' "$part" "$pid" "$(ports_of "$part")" "$health"
  done
}

ports_of() {
  case $1 in
    asterisk) echo "ARI $(port ari), SIP $(port sip)" ;;
    network) echo "ARI $(port network_ari), SIP $(port network_sip)" ;;
    silo) echo "HTTP $(port silo_http), Orleans $(port silo)" ;;
    *) echo "port $(port "$1")" ;;
  esac
}
