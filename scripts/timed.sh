#!/bin/sh
# sh scripts/timed.sh LOG STEP COMMAND…: run the command, and add a line to LOG: step, seconds, exit status, command.
# Columns are parted by tabs; scripts/figures/times.py reads them. A command that is ended leaves its line, too.
log=$1 step=$2
shift 2
mkdir -p "$(dirname "$log")"
start=$(date +%s)
trap 'status=$?; printf "%s\t%s\t%s\t%s\n" "$step" "$(($(date +%s) - start))" "$status" "$*" >> "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$@"
