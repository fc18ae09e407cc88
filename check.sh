#!/usr/bin/env bash
# Everything CI does, on your desk. Installs what a fresh machine lacks: the software Vulkan adapter for the GPU tests.
set -euo pipefail
cd "$(dirname "$0")"

began=$SECONDS
# the parts, and how long each took
parts=()
part=""
part_began=$SECONDS
close() { [ -z "$part" ] || parts+=("$(printf '%6d s  %s' "$((SECONDS - part_began))" "$part")"); }
step() {
    close
    part=$1
    part_began=$SECONDS
    printf '\n== %s (after %d s)\n' "$1" "$((SECONDS - began))"
}
have() { command -v "$1" >/dev/null 2>&1; }

step "software Vulkan adapter"
adapter() { compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null; }
loader() { local all; all=$(ldconfig -p 2>/dev/null) && [[ $all == *libvulkan.so.1* ]]; }
if [ "$(uname)" != Linux ] || { adapter && loader; }; then
    echo "there"
elif have apt-get && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libvulkan1 mesa-vulkan-drivers >/dev/null
    echo "installed"
else
    echo "missing: the tests on the GPU engine need it. Debian, Ubuntu: apt-get install libvulkan1 mesa-vulkan-drivers" >&2
    exit 1
fi

step "format"
# a list of one line each declares the connectors: cargo fmt does not find their files
if cargo fmt --version >/dev/null 2>&1; then
    cargo fmt --all --check
    rustfmt --check --edition 2024 src/network/connector/*.rs
else
    echo "no rustfmt: left out"
fi

# one profile, so that dependencies are built once; the log keeps every test, the screen what matters
log=$(mktemp)
trap 'rm -rf "$log" "${out:-}" "${python_log:-}"' EXIT
run_tests() {
    # `grep` ends with 1 where it finds nothing; what counts is how cargo ends
    # a graphics driver that looks for a desktop says so, again and again
    # the package for Python is one of the workspace: what both use is compiled once, with the features of both
    cargo test --workspace --no-fail-fast "$@" 2>&1 | { grep --line-buffered -v '^error: XDG_RUNTIME_DIR' || true; } | tee -a "$log" | {
        grep --line-buffered -E '^(warning: unused|error|test result|     Running|   Doc-tests|test .*FAILED|failures:|---- |thread )' || true
    }
    return "${PIPESTATUS[0]}"
}
checked() { run_tests "$@" || { tail -n 60 "$log"; exit 1; }; }

step "compile: library, command, tests, examples"
cargo test --workspace --quiet --no-run --lib --bins --tests --examples

step "tests: library and command"
checked --lib --bins

step "tests: conformance"
checked --test conformance

step "tests: suite"
checked --test suite

step "tests: examples"
checked --examples

step "tests: pages of the docs"
checked --doc

step "docs, without warnings"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps

step "lints"
if cargo clippy --version >/dev/null 2>&1; then
    cargo clippy --workspace --quiet --all-targets -- -D warnings
    # without optional features; the dependencies that the lints checked are taken up: some 20 s
    cargo clippy --quiet --no-default-features --lib --bins -- -D warnings
else
    echo "no clippy: left out"
fi

step "the package for Python"
python_log=$(mktemp)
python/check.sh 2>&1 | tee "$python_log" || { echo "the package for Python: see above" >&2; exit 1; }

step "the command"
# built by the tests already
synfire="$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/synfire"
"$synfire" doctor
for file in examples/networks/*.toml; do "$synfire" check "$file"; done
out=$(mktemp -d)
"$synfire" run examples/networks/psc_exp_small.toml --engine cpu --out "$out/run"
ls "$out/run"

step "summary"
printf '%s\n' "${parts[@]}"
grep -E '^[0-9]+ passed' "$python_log"
grep -E '^test result' "$log" | awk '{passed += $4; failed += $6; ignored += $8} END {print passed " tests passed, " failed " failed, " ignored " ignored"}'
echo "all is well after $((SECONDS - began)) s"
