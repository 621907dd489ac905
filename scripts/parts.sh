# shellcheck shell=bash
# What ./dialer up and demo consist of. Sourced; needs common.sh, services.sh, cluster.sh and $checkout, $data.

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
  Dialer__ApiKey=$(secret key)
  Dialer__WebPassword=$(secret password 6)
  export Dialer__Database Dialer__ApiKey Dialer__WebPassword Dialer__Media__Folder="$data/media"
}

# up SILOS NODES: starts what is missing and ends what is too much. What runs already goes on with the calls it has.
up() {
  local silos=$1 nodes=$2 name spare_silos spare_nodes
  install_needs
  start_postgres
  spare_silos=$(beyond silo "$silos")
  spare_nodes=$(beyond asterisk "$nodes")
  for name in $spare_nodes; do let_node_end "$name"; done
  for name in $(wanted_parts asterisk "$nodes"); do
    start_asterisk "$name"
  done
  build_missing
  export_settings
  for name in $(wanted_parts silo "$silos"); do start_silo "$name" "$nodes"; done
  for name in $spare_silos; do stop "$name" TERM 30; done
  for name in $spare_nodes; do
    stop "$name" TERM 10
    touch "$data/$name/drained-by-up"
  done
  start_web
  for name in $(running_parts asterisk); do
    [[ ! -f $data/$name/drained-by-up ]] || tell_node undrain "$(node_id "$name")" >/dev/null
    rm -f "$data/$name/drained-by-up"
  done
}

# Published, not only built: the pages' styles and scripts come out of packages. Never under the feet of a silo that runs.
build_missing() {
  [[ -n $(running_parts silo) ]] || build Dialer.Silo publish -o "$data/app/silo"
  running web >/dev/null || build Dialer.Web publish -o "$data/app/web"
}

start_web() {
  choose_port web web 8080
  ASPNETCORE_URLS=http://${DIALER_WEB_BIND:-127.0.0.1}:$(port web) start web env -C "$data/app/web" dotnet Dialer.Web.dll
  await web "ready" healthy web
}

healthy() { curl --silent --fail --max-time 5 --output /dev/null "http://127.0.0.1:$(port "$1")/health/ready"; }

# Who uses others goes first. Silos go one after the other, so that each hands its work to one that still runs.
stop_all() {
  local name
  stop web TERM 15
  for name in $(running_parts silo | sort -rV); do stop "$name" TERM 30; done
  stop network TERM 10
  for name in $(running_parts asterisk | sort -rV); do stop "$name" TERM 10; done
  stop postgres INT 30
}

# Prints a line for each part: process, port, health.
show_status() {
  local name pid health
  for name in postgres $(all_parts asterisk) network $(all_parts silo) web; do
    if ! pid=$(running "$name"); then
      [[ $name == network ]] || printf '%-11s not running\n' "$name"
      continue
    fi
    case $name in
      silo*) health=$(healthy "$(port_name silo_http "$name")" && echo ready || echo 'not ready') ;;
      web) health=$(healthy web && echo ready || echo 'not ready') ;;
      postgres) health=$(bash -c "</dev/tcp/127.0.0.1/$(port postgres)" 2>/dev/null && echo answers || echo 'does not answer') ;;
      *) health=$("$checkout/scripts/asterisk.sh" ready "$data/$name" && echo answers || echo 'does not answer') ;;
    esac
    printf '%-11s process %-8s %-32s %s\n' "$name" "$pid" "$(ports_of "$name")" "$health"
  done
}

# The first one also where it does not run; others are not missed.
all_parts() { { echo "$1"; running_parts "$1"; } | sort -uV; }

ports_of() {
  case $1 in
    asterisk*) echo "ARI $(port "$(port_name ari "$1")"), SIP $(port "$(port_name sip "$1")")" ;;
    network) echo "ARI $(port network_ari), SIP $(port network_sip)" ;;
    silo*) echo "HTTP $(port "$(port_name silo_http "$1")"), Orleans $(port "$(port_name silo "$1")")" ;;
    *) echo "port $(port "$1")" ;;
  esac
}
