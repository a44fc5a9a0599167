#!/bin/sh
# setup.sh VENV PACKAGE...: a virtual environment with packages; installs what Debian lacks when run as root.
set -eu
venv=$1; shift
python=${PYTHON:-python3.11}
command -v "$python" >/dev/null || { echo "setup: no $python here; install Python 3.11 or set PYTHON=" >&2; exit 1; }

# the bpy wheel is linked against these, even for rendering without a window
need=""
for library in libXi.so.6 libXxf86vm.so.1 libXfixes.so.3 libXrender.so.1 libxkbcommon.so.0 libSM.so.6 libICE.so.6 libGL.so.1 libEGL.so.1; do
    ldconfig -p 2>/dev/null | grep -q "$library" || need=yes
done
if [ -n "$need" ]; then
    packages="libxi6 libxxf86vm1 libxfixes3 libxrender1 libxkbcommon0 libsm6 libice6 libgl1 libegl1 libegl-mesa0"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "setup: installing $packages"
        apt-get update -q >/dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >/dev/null
    else
        echo "setup: Blender needs system libraries that are missing; as root run: apt-get install $packages" >&2
        exit 1
    fi
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
echo "setup: installing $* into $venv (the first time this downloads several GB)"
"$venv/bin/python" -m pip install --progress-bar off -q "$@"
