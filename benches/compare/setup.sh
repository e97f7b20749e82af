#!/bin/sh
# Installs what the scripts beside it measure against, in a virtual environment of its own.
#
#     benches/compare/setup.sh                  NEST and Brian2, for compare.py
#     benches/compare/setup.sh spynnaker        sPyNNaker with PACMAN, for spynnaker.py and mapping.py; no compiler is needed
#
# The environment is target/peers, which git ignores, or the folder that PEERS names; both groups can share it.
# Needs python3 (3.9 to 3.13) with venv; for Brian2's generated code also g++ and make. Nothing else of the machine is touched.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
place=${PEERS:-$root/target/peers}
group=${1:-simulators}

case $group in
    simulators) tools="python3 g++ make" ;;
    spynnaker) tools=python3 ;;
    *) echo "setup.sh: no group $group: say nothing, or spynnaker" >&2; exit 2 ;;
esac
for tool in $tools; do
    command -v "$tool" >/dev/null || { echo "setup.sh: $tool is missing (apt-get install python3-venv g++ make)" >&2; exit 1; }
done

[ -x "$place/bin/python" ] || python3 -m venv "$place"
# The versions are pinned: a figure is only worth something beside the version it was measured with.
if [ "$group" = spynnaker ]; then
    "$place/bin/pip" install --quiet --no-cache-dir "numpy<2.3" 'sPyNNaker==1!7.4.1'
    "$place/bin/python" -c 'import spynnaker; print("sPyNNaker", spynnaker.__version__)'
    exit
fi
# scipy and mpmath are for the scripts of tests/oracles, numpy for those of circuits/.
"$place/bin/pip" install --quiet --no-cache-dir "numpy<2.3" cython scipy mpmath setuptools
"$place/bin/pip" install --quiet --no-cache-dir brian2==2.9.0 nest-simulator==3.10.0

"$place/bin/python" -c 'import nest, brian2; print("nest", nest.__version__, " brian2", brian2.__version__)' | tail -n 1
