# shellcheck shell=bash
# Silos and Asterisk nodes, one or several: the first ones are called silo and asterisk, the others silo-2, asterisk-2 …
# Sourced; needs common.sh, services.sh, parts.sh and $data.

# More would have no RTP ports of their own left below 65536.
most_nodes=8

# part KIND NUMBER: the name of a part. The first one has no number, as it had none when there was only one.
part() { if [[ $2 == 1 ]]; then echo "$1"; else echo "$1-$2"; fi; }

# number PART: the other way round.
number() { if [[ $1 == *-* ]]; then echo "${1##*-}"; else echo 1; fi; }

# port_name NAME PART: under which name a part's port is kept.
port_name() { part "$1" "$(number "$2")" | tr - _; }

# node_id PART: what silos call the Asterisk of a part.
node_id() { part pbx "$(number "$1")"; }

# running_parts KIND: those that run, in order.
running_parts() {
  local file name
  for file in $(compgen -G "$data/run/$1*.pid" | sort -V); do
    name=${file##*/} name=${name%.pid}
    [[ $name != "$1" && ! $name =~ ^$1-[0-9]+$ ]] || ! running "$name" >/dev/null || echo "$name"
  done
}

# wanted_parts KIND COUNT: the names of that many.
wanted_parts() { local number; for ((number = 1; number <= $2; number++)); do part "$1" "$number"; done; }

# beyond KIND COUNT: those that run and are too many, the last one first.
beyond() { comm -13 <(wanted_parts "$1" "$2" | sort) <(running_parts "$1" | sort) | sort -rV; }

start_asterisk() {
  local name=$1 number rtp_from=10000 rtp_to=19999
  number=$(number "$name")
  choose_port "$name" "$(port_name ari "$name")" $((8087 + number))
  choose_port "$name" "$(port_name sip "$name")" $((5059 + number))
  # Two nodes on one machine must not take each other's ports; 20000 to 29999 are the demo's network.
  if ((number > 1)); then rtp_from=$((20000 + 5000 * number)) rtp_to=$((24999 + 5000 * number)); fi
  # A gateway elsewhere is reached from an address of this machine: DIALER_SIP_BIND=0.0.0.0, and behind NAT the others.
  running "$name" >/dev/null || "$checkout/scripts/asterisk.sh" render pbx "$data/$name" \
    http="$(port "$(port_name ari "$name")")" sip="$(port "$(port_name sip "$name")")" password="$(secret ari)" \
    bind="${DIALER_SIP_BIND:-127.0.0.1}" external="${DIALER_SIP_EXTERNAL:-}" local_net="${DIALER_SIP_LOCAL_NET:-}" \
    rtp_from=$rtp_from rtp_to=$rtp_to
  start "$name" "$checkout/scripts/asterisk.sh" run "$data/$name"
  await "$name" "answering" "$checkout/scripts/asterisk.sh" ready "$data/$name"
}

# export_nodes COUNT: every silo is told of every node.
export_nodes() {
  local name index=0
  for name in $(wanted_parts asterisk "$1"); do
    export "Dialer__Nodes__${index}__Id=$(node_id "$name")" "Dialer__Nodes__${index}__User=dialer" \
      "Dialer__Nodes__${index}__Password=$(secret ari)" \
      "Dialer__Nodes__${index}__AriUrl=http://127.0.0.1:$(port "$(port_name ari "$name")")/ari/"
    index=$((index + 1))
  done
}

# start_silo PART NODES: a silo that was told of other nodes is started again; the others keep its calls meanwhile.
start_silo() {
  local name=$1 nodes=$2 http
  http=$(port_name silo_http "$name")
  [[ $(cat "$data/run/$name.nodes" 2>/dev/null || echo 1) == "$nodes" ]] || stop "$name" TERM 30
  if running "$name" >/dev/null; then return; fi
  choose_port "$name" "$http" $((8080 + $(number "$name")))
  choose_port "$name" "$(port_name silo "$name")" $((11110 + $(number "$name")))
  choose_port "$name" "$(port_name silo_gateway "$name")" $((29999 + $(number "$name")))
  mkdir -p "$data/media" "$data/run"
  (
    export_nodes "$nodes"
    export ASPNETCORE_URLS Dialer__Silo__Port Dialer__Silo__GatewayPort
    ASPNETCORE_URLS=http://127.0.0.1:$(port "$http")
    Dialer__Silo__Port=$(port "$(port_name silo "$name")")
    Dialer__Silo__GatewayPort=$(port "$(port_name silo_gateway "$name")")
    start "$name" env -C "$data/app/silo" dotnet Dialer.Silo.dll
  )
  echo "$nodes" >"$data/run/$name.nodes"
  await "$name" "ready" healthy "$http"
}

# tell_node drain|undrain ID: through REST; prints what the node is then.
tell_node() {
  local answer
  answer=$(rest POST "nodes/$2/$1") || fail "Node $2: ${answer:-the web does not answer; is it running? ./dialer status}"
  grep -o '"state":"[a-z]*"' <<<"$answer" | cut -d'"' -f4
}

# rest METHOD PATH: one request to the REST API. The key goes in by standard input, for it not to show in the list of processes.
rest() {
  curl --silent --show-error --fail-with-body --max-time 20 --config - --request "$1" "http://127.0.0.1:$(port web)/api/v1/$2" \
    <<<"header = \"Authorization: Bearer $(secret key)\""
}

# let_node_end PART: drained first, so that nobody who talks is cut off; gives up waiting after five minutes.
let_node_end() {
  local id deadline=$((SECONDS + 300))
  id=$(node_id "$1")
  echo "Draining $id: its calls end by themselves"
  until [[ $(tell_node drain "$id") == drained ]]; do
    ((SECONDS < deadline)) || fail "Node $id still has calls and gets no new ones. Run the command again, or: ./dialer undrain $id"
    sleep 1
  done
}
