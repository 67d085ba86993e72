# Sourced: install Debian packages as root or through sudo, else say the line to type.
install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "please install: $* (or see the README for other systems)" >&2
        return 1
    fi
    line="apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $*"
    if [ "$(id -u)" = 0 ]; then
        sh -c "$line" >/dev/null
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo sh -c "$line" >/dev/null
    elif command -v sudo >/dev/null 2>&1 && [ -t 0 ]; then
        echo "installing $* (sudo asks for your password)"
        sudo sh -c "$line" >/dev/null
    else
        echo "these packages are missing: $*" >&2
        echo "as root, type: apt-get update && apt-get install -y $*" >&2
        return 1
    fi
}
