#!/usr/bin/env bash
# SIP phones on the simulated telephone network (the Asterisk in folder DIALER_NETWORK, by default that of ./dialer demo).
#   network.sh phone ID PASSWORD HOST PORT   registers phone ID there. It answers after a second, sends an 880 Hz tone and
#                                            keeps what it hears as heard/phone-ID-….wav; an ID «silent-…» only rings
#   network.sh forget ID                     takes the phone away again
#   network.sh dial ID EXTENSION             lets phone ID call EXTENSION; keeps what it hears as heard/CHANNEL.wav; prints
#                                            CHANNEL, the id of the call
#   network.sh hangup CHANNEL                ends such a call
#   network.sh siplog FILE                   keeps every SIP message from now on in FILE, which begins empty, in the format of pcap
#   network.sh endsiplog                     ends that; only then is the last of it in the file
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
source "$here/common.sh"
network=${DIALER_NETWORK:-$(data_folder)/network}

usage() { sed -n '3,10s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

# push KIND ID attribute=value…
push() {
  local kind=$1 id=$2 pair fields=()
  shift 2
  for pair in "$@"; do
    pair=${pair//\\/\\\\}; pair=${pair//\"/\\\"}
    fields+=("{\"attribute\":\"${pair%%=*}\",\"value\":\"${pair#*=}\"}")
  done
  ari "$network" PUT "asterisk/config/dynamic/res_pjsip/$kind/$id" "{\"fields\":[$(IFS=,; echo "${fields[*]}")]}" >/dev/null \
    || fail "The network did not take the $kind of phone $id."
}

phone() {
  local id=$1 password=$2 host=$3 port=$4 name=phone-$1
  push auth "$name" auth_type=userpass "username=$id" "password=$password"
  push aor "$name" "contact=sip:$host:$port"
  push endpoint "$name" "aors=$name" "outbound_auth=$name" "from_user=$id" context=subscribers 'disallow=all' 'allow=alaw,ulaw' \
    dtmf_mode=rfc4733 direct_media=no
  # Tries again soon and always: the far side may be restarted, or learn of this phone only later.
  push registration "$name" "server_uri=sip:$host:$port" "client_uri=sip:$id@$host:$port" "contact_user=$name" \
    "outbound_auth=$name" expiration=60 retry_interval=1 forbidden_retry_interval=1 fatal_retry_interval=1 \
    auth_rejection_permanent=no max_random_initial_delay=0 max_retries=1000000
}

forget() {
  local kind
  for kind in registration endpoint aor auth; do
    ari "$network" DELETE "asterisk/config/dynamic/res_pjsip/$kind/phone-$1" >/dev/null || fail "There is no phone $1."
  done
}

dial() {
  local channel
  channel=dialled-$1-$(random_secret 6)
  ari "$network" POST channels "{\"endpoint\":\"PJSIP/$2@phone-$1\",\"channelId\":\"$channel\",\"context\":\"dialled\",
    \"extension\":\"$2\",\"priority\":1,\"timeout\":30}" >/dev/null || fail "Phone $1 could not dial $2."
  echo "$channel"
}

siplog() {
  local file command
  file=$(realpath -m "$1")
  rm -f "$file"
  for command in 'set logger verbose off' "set logger pcap $file" 'set logger on'; do
    "$here/asterisk.sh" cli "$network" "pjsip $command" >/dev/null || fail "The network did not begin to keep its SIP messages."
  done
  [[ -f $file ]] || fail "The network did not begin to keep its SIP messages: there is no $file."
}

# Asterisk holds back the last 4 KB until it closes the file, which it does with the module alone.
endsiplog() {
  local method
  for method in DELETE POST; do
    ari "$network" "$method" asterisk/modules/res_pjsip_logger.so >/dev/null || fail "The network did not end the log of its SIP messages."
  done
}

case "${1:-}" in
  phone) [[ $# == 5 ]] || usage; shift; phone "$@" ;;
  forget) [[ $# == 2 ]] || usage; forget "$2" ;;
  dial) [[ $# == 3 ]] || usage; dial "$2" "$3" ;;
  hangup) [[ $# == 2 ]] || usage; ari "$network" DELETE "channels/$2" >/dev/null ;;
  siplog) [[ $# == 2 ]] || usage; siplog "$2" ;;
  endsiplog) [[ $# == 1 ]] || usage; endsiplog ;;
  *) usage ;;
esac
