#!/bin/sh
# Installs the simulators that compare.py measures against, in a virtual environment of their own.
#
#     benches/compare/setup.sh [FOLDER]        (default: target/peers, which git ignores)
#
# Needs python3 (3.9 to 3.13) with venv, and g++ and make for Brian2's generated code. Nothing else of the machine is touched.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
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
