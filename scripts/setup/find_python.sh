#!/bin/sh
# find_python.sh VERSION: prints a Python of that version (such as 3.13) that runs here; status 1 when there is none.
# A name on PATH is not enough: a version manager's shim is found and ends with 127, some systems lack venv.
set -u
version=${1:?usage: find_python.sh VERSION}
{
    command -v "python$version"
    for folder in /usr/local/bin /usr/bin /opt/homebrew/bin; do echo "$folder/python$version"; done
    if command -v pyenv >/dev/null 2>&1; then
        pyenv prefix "$version" 2>/dev/null | sed 's|$|/bin/python|'
        # newest first
        ls -d "$(pyenv root)/versions/$version".* 2>/dev/null | sort -rV | sed 's|$|/bin/python|'
    fi
} | while read -r python; do
    "$python" -I -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" \
        >/dev/null 2>&1 </dev/null && echo "$python" && break
done | grep .
