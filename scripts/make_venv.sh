#!/bin/sh
# Make a virtual environment; on Debian and Ubuntu the module for it is a package of its own.
set -eu
python=$1 venv=$2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "regionmap needs Python 3.11 or newer; this is $("$python" --version). Name another: make PYTHON=python3.12 map" >&2
    exit 1
fi
if "$python" -m venv "$venv" 2>/dev/null; then exit 0; fi
rm -rf "$venv"
. "$(dirname "$0")/as_root.sh"
install_packages python3-venv
"$python" -m venv "$venv"
