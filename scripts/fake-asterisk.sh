#!/usr/bin/env bash
# A scripted fake Asterisk in the place of the real one: ARI over HTTP and WebSocket, thousands of channels, no sound and no SIP.
#   scripts/fake-asterisk.sh [--port PORT] [--user NAME] [--password WORD] [--script FILE] [--log FILE] [--seed N]
# Runs Dialer.FakeAsterisk, which must have been built (DIALER_BUILD: Release or Debug; default Release). Prints its ARI address when
# it is ready; ends by SIGTERM, or when the process DIALER_OWNER ends.
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
source "$scripts/common.sh"
program=$scripts/../Dialer.FakeAsterisk/bin/${DIALER_BUILD:-Release}/net10.0/Dialer.FakeAsterisk.dll
[[ -f $program ]] || fail "There is no $program. Build it: dotnet build -c ${DIALER_BUILD:-Release} Dialer.FakeAsterisk"
end_with_owner TERM
exec dotnet "$program" "$@"
