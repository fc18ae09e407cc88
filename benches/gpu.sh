#!/usr/bin/env bash
# Conformance and experiments on a machine with a GPU that has no Rust and no sources.
#
#   benches/gpu.sh build FOLDER                    here: builds, and gathers all that is needed in FOLDER
#   FOLDER/gpu.sh run FOLDER [ADAPTER] [--small] [--seconds N]
#                                                  there: the suite first, then experiments, into FOLDER/results
#
# ADAPTER is part of an adapter's name, driver or backend; without it the best is taken. The whole run takes N seconds at the most, 460
# unasked, so that it fits into eight minutes of a card that somebody lends: two fifths for the suite, what is left for the experiments, and
# what has been found by then is kept. `run` ends with 1 if a test failed, a gate was not passed or the suite was cut short; the tables are
# written all the same. What it measures: benches/gpu/main.rs.
set -euo pipefail

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
verb=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
shift 2

# the binary of that name which cargo says it has built: its name, cargo's arguments
built() {
    local name=$1
    shift
    cargo "$@" --release --message-format=json 2>/dev/null | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' |
        grep -E "/$name(-[0-9a-f]+)?\$" | tail -n 1
}

build() {
    cd "$(dirname "$0")/.."
    # told on the screen first, so that errors are seen
    cargo build --release --bin synfire --bench gpu
    cargo test --release --no-run --test conformance
    cp "$(built synfire build --bin synfire)" "$folder/synfire"
    cp "$(built gpu build --bench gpu)" "$folder/experiments"
    cp "$(built conformance test --no-run --test conformance)" "$folder/conformance"
    strip "$folder/synfire" "$folder/experiments" "$folder/conformance" || echo "no strip: left as they are"
    rm -rf "$folder/reference"
    cp -r tests/reference "$folder/reference"
    cp benches/gpu.sh "$folder/gpu.sh"
    git describe --always --dirty --abbrev=40 >"$folder/commit" 2>/dev/null || echo "not told" >"$folder/commit"
    du -sh "$folder"
}

# says how far the suite came
cut_short() {
    local passed
    passed=$(grep -c -E '^test .* ok$' "$folder/results/conformance-$1.txt" || true)
    echo "the suite was cut short: $passed tests passed until then" | tee -a "$folder/results/conformance-$1.txt"
}

run() {
    local adapter="" small="" failed=0 name seconds=460 left
    while [ $# -gt 0 ]; do
        case $1 in
            --small) small=--small ;;
            --seconds) seconds=$2; shift ;;
            *) adapter=$1 ;;
        esac
        shift
    done
    SECONDS=0
    mkdir -p "$folder/results"
    timeout 40 "$folder/synfire" doctor | tee "$folder/results/doctor.txt" || failed=1
    if [ -z "$adapter" ]; then
        # the first that doctor names: the best
        adapter=$(sed -n 's/^  \([^ ].*\) ([A-Za-z0-9]*, .*)$/\1/p' "$folder/results/doctor.txt" | head -n 1)
    fi
    [ -n "$adapter" ] || { echo "no adapter" >&2; exit 1; }
    name=$(printf %s "$adapter" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')
    echo "== conformance on $adapter"
    SYNFIRE_ADAPTER=$adapter SYNFIRE_REFERENCE=$folder/reference timeout $((seconds * 2 / 5)) "$folder/conformance" --nocapture \
        >"$folder/results/conformance-$name.txt" 2>&1 || { [ $? = 124 ] && cut_short "$name"; failed=1; }
    grep -E '^test result|FAILED|panicked' "$folder/results/conformance-$name.txt" || true
    left=$((seconds - SECONDS))
    echo "== experiments, $left s"
    # each keeps to its share; what does not answer at all is ended, and the file of the experiments before it stays
    timeout -k 5 "$left" "$folder/experiments" --out "$folder/results/gpu-$name.md" --adapter "$adapter" $small --seconds "$((left - 10))" \
        --commit "$(cat "$folder/commit")" --date "$(date -u '+%Y-%m-%d %H:%M UTC')" || failed=1
    sed -n '/^## Gates/,/^## E1/p' "$folder/results/gpu-$name.md"
    exit "$failed"
}

case $verb in
    build) build ;;
    run) run "$@" ;;
    *) usage ;;
esac
