#!/bin/sh
# setup.sh VENV PACKAGE...: a virtual environment with packages; installs what Debian lacks when run as root.
# A bpy==VERSION that is no longer to be had is replaced by the nearest one, loudly.
set -eu
here=$(dirname "$0")
venv=$1; shift
asked=${PYTHON:-python3.11}
python=$asked
if ! "$python" -c '' 2>/dev/null; then
    # perhaps a version manager's shim, which is on PATH and does not run
    version=${asked##*python}
    python=$(sh "$here/find_python.sh" "${version:-3.11}") ||
        { echo "setup: no $asked runs here; install Python ${version:-3.11} or set PYTHON=" >&2; exit 1; }
fi

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
install() {
    echo "setup: installing $* into $venv (the first time several GB, some minutes without a word)"
    "$venv/bin/python" -m pip install --progress-bar off -q "$@"
}
said=$(mktemp)
trap 'rm -f "$said"' EXIT
if ! install "$@" 2>"$said"; then
    cat "$said" >&2
    pinned=$(sed -n 's/^ERROR: No matching distribution found for bpy==\([0-9.]*\).*/\1/p' "$said" | head -n 1)
    [ -n "$pinned" ] || exit 1
    instead=$("$python" "$here/nearest_version.py" "$pinned" "$(cat "$said")") ||
        { echo "setup: there is no bpy for $("$python" --version) to be had at all" >&2; exit 1; }
    echo "setup: WARNING: bpy $pinned is no longer to be had; TAKING bpy $instead INSTEAD" >&2
    for package; do
        shift
        [ "$package" = "bpy==$pinned" ] && package="bpy==$instead"
        set -- "$@" "$package"
    done
    install "$@"
fi
