#!/usr/bin/env bash
# Builds the wheel of the package for Python, installs it into a virtual environment below the target folder, and runs its tests.
# Needs Python 3.10 or later with venv; on a fresh Debian, as root, it is installed. Tests against other simulators: tests/peers.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
usable() { "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }
if ! usable; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
    fi
    usable || { echo "missing: Python 3.10 or later with venv. Debian, Ubuntu: apt-get install python3-venv" >&2; exit 1; }
fi

target="$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')"
venv="$target/python"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
# what the tests need: numpy, PyNN (which brings Neo), h5py to read what is written, mypy for the types
"$venv/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.9,<2' pytest numpy h5py pynn==0.13.0 mypy typing_extensions

# the profile that everything else is compiled in; a wheel for people is built with --release
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
"$venv/bin/maturin" build --quiet --profile "${PROFILE:-dev}" --manifest-path python/Cargo.toml --interpreter "$venv/bin/python" --out "$wheels"
ls -l "$wheels"
"$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$wheels"/*.whl

# from a folder of its own, so that the installed package is tested and not the checkout
[ -x "$target/debug/synfire" ] && export SYNFIRE="$target/debug/synfire"
cd "$wheels"
"$venv/bin/python" -m pytest -q -p no:cacheprovider --rootdir "$OLDPWD/python" -c "$OLDPWD/python/pyproject.toml" "$OLDPWD/python/tests" "$@"
