#!/bin/sh
# install_blender.sh FOLDER [SUITE] [PROGRAMS]: Debian's own Blender, in a root of its own, for the tests with a window.
#
#   FOLDER    the root, about 2 GB, made where it is missing; a second run only writes the programs again
#   SUITE     sid (the default, Debian's newest Blender) or trixie (4.3.2, which stays as it is)
#   PROGRAMS  where two programs are put, FOLDER/wrap by default:
#                 blender ARGUMENT...      Blender
#                 blender-run COMMAND...   anything else that is in there: Xvfb, xdotool, import, python3
#
# The programs see the working folder, /tmp and the folders named in $BLENDER_BIND (a:b:c) under their own names. What
# they mount lives and ends with them, so that `rm -rf FOLDER` is always safe. Debian's mirror is the one that apt uses
# here. Needs root.
set -eu

fail() { echo "install_blender: $*" >&2; exit 1; }

# what a window without a screen needs beside Blender, and the modules that Debian's Blender forgets to ask for
PACKAGES="blender xvfb xauth xdotool imagemagick
    libgl1 libgl1-mesa-dri libglx-mesa0 libegl1 libegl-mesa0
    python3-numpy python3-requests python3-cattr python3-zstandard"

check_folder() {
    [ "$(id -u)" = 0 ] || fail "has to run as root"
    case $1 in
    / | /root | /home | /tmp | /var | /etc | /etc/* | /usr | /usr/*) fail "$1 belongs to the system: name a folder of its own" ;;
    esac
    if [ -e "$1" ] && [ ! -e "$1/.blender-root" ] && [ -n "$(ls -A "$1")" ]; then
        fail "$1 holds other files: name an empty folder"
    fi
}

apt_field() {  # NAME: its first value in apt's deb822 sources
    sed -n "s/^$1:[[:space:]]*\([^[:space:]]*\).*/\1/p" /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1
}

apt_mirror() {
    found=$(apt_field URIs)
    [ -n "$found" ] || found=$(grep -hoE '^deb .*' /etc/apt/sources.list 2>/dev/null | grep -oE '[a-z+]+:/[^ ]+' | head -n 1)
    [ -n "$found" ] || fail "apt has no Debian mirror here"
    echo "$found"
}

bootstrap() {  # FOLDER SUITE: a minimal Debian
    if ! command -v debootstrap >/dev/null; then
        apt-get update -q
        apt-get install -y -q --no-install-recommends debootstrap
    fi
    mirror=$(apt_mirror)
    keyring=$(apt_field Signed-By)
    # half a root from a run that was ended is of no use
    rm -rf "$1"
    mkdir -p "$1"
    : >"$1/.blender-root"
    debootstrap --variant=minbase ${keyring:+--keyring="$keyring"} "$2" "$1" "$mirror"
    : >"$1/.bootstrapped"
}

add_blender() {  # FOLDER
    # the index of a mirror that stands still grows too old for apt
    cat >"$1/etc/apt/apt.conf.d/99blender" <<-'CONFIGURATION'
	Acquire::Check-Valid-Until "false";
	APT::Install-Recommends "false";
	CONFIGURATION
    if [ -e /etc/resolv.conf ]; then cp -L /etc/resolv.conf "$1/etc/resolv.conf"; fi
    # no service is started by a package
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
    chmod +x "$1/usr/sbin/policy-rc.d"
    unshare --mount --propagation private sh -eu -c '
        root=$1; shift
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
        chroot "$root" apt-get update -q
        chroot "$root" apt-get install -y -q "$@"
        chroot "$root" apt-get clean
    ' sh "$1" $PACKAGES
    : >"$1/.blender-ready"
}

write_programs() {  # FOLDER PROGRAMS
    mkdir -p "$2"
    {
        printf '#!/bin/sh\n# Written by install_blender.sh: runs a command inside the root %s.\nroot="%s"\n' "$1" "$1"
        cat <<'PROGRAM'
exec unshare --mount --propagation private sh -c '
root=$1; shift
here=$(pwd -P)

show() {  # a folder under its own name inside; what the root has itself, or sees already, stays as it is
    case "$1/" in
    // | /tmp/* | /proc/* | /dev/* | /usr/* | /etc/* | /bin/* | /sbin/* | /lib*/* | /var/lib/*) return 0 ;;
    esac
    if [ -d "$1" ]; then mkdir -p "$root$1" && mount --rbind "$1" "$root$1"; fi
}

mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
case "$root/" in
/tmp/*)  # showing /tmp inside would hide the root itself
    mkdir -p /run/blender-root
    mount --rbind "$root" /run/blender-root
    root=/run/blender-root
    ;;
esac
mount --rbind /tmp "$root/tmp"
show "$here"
IFS=:
for folder in ${BLENDER_BIND:-}; do show "$folder"; done
unset IFS
if [ ! -d "$root$HOME" ]; then export HOME=/root; fi
export LIBGL_ALWAYS_SOFTWARE="${LIBGL_ALWAYS_SOFTWARE-1}"
exec chroot "$root" sh -c "cd \"\$0\" 2>/dev/null || cd /; exec \"\$@\"" "$here" "$@"
' sh "$root" "$@"
PROGRAM
    } >"$2/blender-run.part"
    printf '#!/bin/sh\nexec "%s/blender-run" blender "$@"\n' "$2" >"$2/blender.part"
    for program in blender-run blender; do
        chmod +x "$2/$program.part"
        mv "$2/$program.part" "$2/$program"
    done
}

[ $# -ge 1 ] || fail "usage: install_blender.sh FOLDER [SUITE] [PROGRAMS]"
folder=$(readlink -m -- "$1")
suite=${2:-sid}
programs=$(readlink -m -- "${3:-$folder/wrap}")
check_folder "$folder"
[ -e "$folder/.bootstrapped" ] || bootstrap "$folder" "$suite"
[ -e "$folder/.blender-ready" ] || add_blender "$folder"
write_programs "$folder" "$programs"
"$programs/blender" --version | head -n 1
echo "programs: $programs/blender $programs/blender-run"
