#!/bin/sh
# Makes the environments of the peers below a folder outside the project: sh venvs.sh DIR (a few minutes, some GB for torch).
# They do not go together: Brian2 needs NumPy below 2.4, npbrain one below 1.24, BrainPy the newest.
set -eu
dir=${1:?a folder outside the project}
mkdir -p "$dir"
for name in peers brainpy npbrain sns; do
    [ -x "$dir/$name/bin/python" ] || python3 -m venv "$dir/$name"
done
here=$(dirname "$0")
"$dir/peers/bin/pip" install -q -r "$here/requirements.txt" setuptools
"$dir/brainpy/bin/pip" install -q "brainpy[cpu]==2.8.2"
"$dir/npbrain/bin/pip" install -q "npbrain==0.2.2" "numpy==1.23.5" "numba==0.57.1" matplotlib setuptools
"$dir/sns/bin/pip" install -q -r "$here/sns/requirements.txt"
