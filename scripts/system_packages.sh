#!/bin/sh
# What the tests need from the system: a headless Chromium, Firefox ESR, a font with Chinese characters, Java for the HTML checker,
# GDAL's validator of GeoPackages.
set -eu
. "$(dirname "$0")/as_root.sh"
missing=""
browser=${CHROME_PATH:-}
if [ -z "$browser" ]; then
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        browser=$(command -v "$name" || true)
        # Ubuntu's chromium is a stub that wants snap; it can't run headless in a container
        if [ -n "$browser" ] && "$browser" --version >/dev/null 2>&1; then break; fi
        browser=""
    done
fi
if [ -z "$browser" ]; then
    if [ -r /etc/os-release ] && grep -q '^ID=ubuntu' /etc/os-release; then
        echo "on Ubuntu install Google Chrome or Chromium and say where: CHROME_PATH=/usr/bin/google-chrome make test" >&2
        exit 1
    fi
    missing="$missing chromium"
fi
firefox=${FIREFOX_PATH:-$(command -v firefox-esr || command -v firefox || true)}
# Ubuntu's firefox is such a stub, too
if [ -z "$firefox" ] || ! "$firefox" --version >/dev/null 2>&1; then
    if [ -r /etc/os-release ] && grep -q '^ID=ubuntu' /etc/os-release; then
        echo "on Ubuntu install Firefox ESR from mozilla.org and say where: FIREFOX_PATH=/opt/firefox/firefox make test" >&2
        exit 1
    fi
    missing="$missing firefox-esr"
fi
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; then
    missing="$missing fontconfig fonts-noto-cjk"
fi
if ! command -v java >/dev/null 2>&1; then missing="$missing default-jre-headless"; fi
# PostgreSQL with PostGIS: the tests start a server of their own on loopback
if ! ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    missing="$missing postgresql postgresql-postgis"
fi
# GDAL's own validator of GeoPackages (osgeo_utils.samples.validate_gpkg)
if ! /usr/bin/python3 -c "import osgeo_utils.samples.validate_gpkg" >/dev/null 2>&1; then
    missing="$missing python3-gdal"
fi
# shellcheck disable=SC2086
if [ -n "$missing" ]; then install_packages $missing; fi
