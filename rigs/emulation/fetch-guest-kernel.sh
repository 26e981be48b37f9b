#!/usr/bin/env bash
# Downloads Debian's kernel package and unpacks it where `npm run test:emulated` looks for it. Installs nothing.
set -euo pipefail

folder=${LOCKSTEP_GUEST_KERNEL:-$HOME/.cache/lockstep/guest-kernel}
if compgen -G "$folder/boot/vmlinuz-*" >/dev/null; then
  echo "guest kernel: $(ls "$folder/boot" | grep vmlinuz) is in $folder already"
  exit 0
fi
# The metapackage names the kernel of the day.
package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }' || true)
[ -n "$package" ] || { echo "apt knows no linux-image-amd64; run apt-get update first" >&2; exit 1; }
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
chmod 755 "$download"
echo "guest kernel: downloading $package"
(cd "$download" && apt-get download "$package")
mkdir -p "$folder.part"
dpkg-deb -x "$download"/*.deb "$folder.part"
rm -rf "$folder"
mv "$folder.part" "$folder"
echo "guest kernel: $package is in $folder"
