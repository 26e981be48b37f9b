#!/usr/bin/env bash
# Builds the addon into the folder given. Needs gcc, libuv1-dev, and for the other processors their cross compilers
# (gcc-aarch64-linux-gnu); the headers of Node-API come with npm. `npm ci` builds nothing.
set -euo pipefail
out=$(realpath "$1")
cd "$(dirname "$0")"

headers=$(realpath ../../../../node_modules/node-api-headers/include)
# libuv's headers are the same for every processor, and /usr/include is not.
uv=$(mktemp -d)
trap 'rm -rf "$uv"' EXIT
cp -r /usr/include/uv /usr/include/uv.h "$uv"

flags=(
  -std=c17 -O2 -fPIC -shared -s -Wall -Wextra -Werror -fvisibility=hidden
  -D_GNU_SOURCE -DNAPI_VERSION=8
  # Nothing of this machine in the binary, so that every machine builds the same.
  "-ffile-prefix-map=$PWD=." -Wl,--build-id=none -fno-ident
  -I "$headers" -I "$uv"
)
built=0
for target in x64:x86_64-linux-gnu arm64:aarch64-linux-gnu; do
  compiler=${target#*:}-gcc
  if ! command -v "$compiler" >/dev/null; then
    echo "build-can-addon: no $compiler; linux-${target%%:*}.node is not built" >&2
    continue
  fi
  "$compiler" "${flags[@]}" -o "$out/linux-${target%%:*}.node" ./*.c
  echo "linux-${target%%:*}.node: gcc $("$compiler" -dumpfullversion)"
  built=1
done
[ "$built" = 1 ]
