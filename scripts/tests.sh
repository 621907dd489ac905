# shellcheck shell=bash
# ./dialer test, mutate, bench and chaos. Sourced; needs common.sh, install.sh, parts.sh.

# Runs all tests, or those that the arguments name (-class, -method, -namespace …). The last line is the count.
run_tests() {
  local scratch=$data/test status=0 tests passed failed skipped
  install_needs with-browser
  # For chaos «mixed», which runs for root alone.
  [[ $(id -u) != 0 ]] || install_compiler
  build Dialer.Tests
  rm -rf "$scratch"
  mkdir -p "$scratch"
  DIALER_SCRATCH=$scratch DIALER_CHROMIUM=$(command -v chromium || true) \
    dotnet "$checkout/Dialer.Tests/bin/Release/net10.0/Dialer.Tests.dll" \
    -noColor -result-ctrf "$scratch/results.json" "$@" </dev/null &
  tests=$!
  # Servers of the tests watch this process and end with it.
  trap 'kill -TERM "$tests" 2>/dev/null; wait "$tests" || true' EXIT
  wait "$tests" || status=$?
  trap - EXIT
  passed=$(count passed) failed=$(count failed) skipped=$(count skipped)
  if [[ $status != 0 && ${failed:-0} == 0 ]]; then
    echo "The test run itself failed (exit code $status), not a test: counted as one failure."
    failed=1
  elif [[ ${passed:-0} == 0 && ${failed:-0} == 0 ]]; then
    echo "No test ran: counted as one failure."
    failed=1
  fi
  # Once more at the end: of a long output often only that is kept.
  if [[ ${failed:-0} != 0 ]]; then
    echo "What failed:"
    sed 's/{"name":/\n&/g' "$scratch/results.json" 2>/dev/null | grep '"status":"failed"' | cut -c 1-3000 || true
  else
    rm -rf "$scratch"
  fi
  echo "${passed:-0} passed, ${failed:-0} failed$([[ ${skipped:-0} == 0 ]] || echo ", $skipped skipped")"
  [[ ${failed:-0} == 0 ]]
}

# A figure of the report's summary.
count() { grep -o '"summary":{[^}]*}' "$data/test/results.json" 2>/dev/null | grep -o "\"$1\":[0-9]*" | cut -d: -f2; }

# Changes the pure rules one place at a time and runs their tests on each change; how many of them are noticed is the score. Fails
# below the one that Dialer.Rules.Tests/stryker-config.json asks for. Arguments go to Stryker (-m 'Trunks/*.cs' for some of the files).
run_mutations() {
  local report=$data/mutate status=0
  install_needs
  (cd "$checkout" && dotnet tool restore --verbosity quiet) || fail "Stryker could not be installed."
  rm -rf "$report"
  # Each change runs the same properties once more: with a twentieth of their cases, since a full round of them takes half a minute.
  # And code that is compiled for speed holds tables for constants that are filled anew for each change (StaticsAnew).
  (cd "$checkout/Dialer.Rules.Tests" && DIALER_CASES_PERCENT=5 DOTNET_TC_CallCounting=0 DOTNET_TC_OnStackReplacement=0 dotnet stryker --skip-version-check --output "$report" "$@") || status=$?
  [[ ! -e $report/reports/mutation-report.html ]] || echo "What was not noticed: $report/reports/mutation-report.html"
  return "$status"
}

run_benchmark() {
  [[ $# -gt 0 ]] || fail "Which benchmark? ./dialer bench NAME; the names are in docs/performance.md."
  install_needs
  build Dialer.Benchmarks
  mkdir -p "$data/bench"
  DIALER_SCRATCH=$data/bench exec dotnet "$checkout/Dialer.Benchmarks/bin/Release/net10.0/Dialer.Benchmarks.dll" "$@"
}

# For the clocks of the chaos programs.
install_compiler() { { command -v cc && [[ -e /usr/include/stdlib.h ]]; } >/dev/null || install_packages gcc libc6-dev; }

run_chaos() {
  [[ $# -gt 0 ]] || fail "Which program? ./dialer chaos NAME [--short] [--seed N] [--keep]; the names are in docs/chaos.md."
  install_needs
  [[ $1 != clock && $1 != mixed ]] || install_compiler
  build Dialer.Chaos
  mkdir -p "$data/chaos"
  DIALER_SCRATCH=$data/chaos exec dotnet "$checkout/Dialer.Chaos/bin/Release/net10.0/Dialer.Chaos.dll" "$@"
}
