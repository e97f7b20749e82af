#!/bin/sh
# Installs the simulators that compare.py measures against, in a virtual environment of their own.
#
#     benches/compare/setup.sh [FOLDER]            NEST and Brian2, for compare.py (default: target/peers, which git ignores)
#     benches/compare/setup.sh mapping [FOLDER]    PACMAN, for mapping.py (default: target/mappers)
#
# Needs python3 (3.9 to 3.13) with venv, and g++ and make for Brian2's generated code. Nothing else of the machine is touched.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:-}" = mapping ]; then
    place=${2:-$root/target/mappers}
    [ -x "$place/bin/python" ] || python3 -m venv "$place"
    "$place/bin/pip" install --quiet --no-cache-dir 'SpiNNaker_PACMAN==1!7.4.1'
    "$place/bin/pip" list 2>/dev/null | grep -i pacman
    exit 0
fi
place=${1:-$root/target/peers}

for tool in python3 g++ make; do
    command -v "$tool" >/dev/null || { echo "setup.sh: $tool is missing (apt-get install python3-venv g++ make)" >&2; exit 1; }
done

[ -x "$place/bin/python" ] || python3 -m venv "$place"
# The versions are pinned: a figure is only worth something beside the version it was measured with.
# scipy and mpmath are for the scripts of tests/oracles, numpy for those of circuits/.
"$place/bin/pip" install --quiet --no-cache-dir "numpy<2.3" cython scipy mpmath setuptools
"$place/bin/pip" install --quiet --no-cache-dir brian2==2.9.0 nest-simulator==3.10.0

"$place/bin/python" -c 'import nest, brian2; print("nest", nest.__version__, " brian2", brian2.__version__)' | tail -n 1
