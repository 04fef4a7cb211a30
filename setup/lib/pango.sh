# shellcheck shell=bash
# WeasyPrint sets the letters of PDF files with Pango. All else works without, so that
# nobody is stopped for the want of it.

need_pango() {
    ! compgen -G '/usr/lib/*/libpangoft2-1.0.so.0' >/dev/null || return 0
    command -v apt-get >/dev/null || return 0
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || return 0
    need_packages libpangoft2-1.0-0 fonts-dejavu-core
}
