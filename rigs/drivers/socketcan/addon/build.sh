#!/usr/bin/env bash
# Builds the addon where LOCKSTEP_ADDON_OUT says, else where it is committed. Needs gcc, libuv1-dev, and for arm64
# gcc-aarch64-linux-gnu; Node's own headers come with npm. `npm ci` builds nothing.
set -euo pipefail
cd "$(dirname "$0")"

out=$(realpath "${LOCKSTEP_ADDON_OUT:-../prebuilt}")
headers=$(realpath ../../../../node_modules/node-api-headers/include)
# libuv's headers are the same for every processor; the compiler's own folders must come first.
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
for target in x64:x86_64-linux-gnu arm64:aarch64-linux-gnu; do
  compiler=${target#*:}-gcc
  if ! command -v "$compiler" >/dev/null; then
    echo "build-can-addon: no $compiler; ${target%%:*} is left out" >&2
    continue
  fi
  "$compiler" "${flags[@]}" -o "$out/linux-${target%%:*}.node" ./*.c
  echo "$out/linux-${target%%:*}.node: $("$compiler" -dumpfullversion)"
done
