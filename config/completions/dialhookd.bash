# Completion of dialhookd in bash. Needs Debian's package bash-completion.

_dialhookd() {
    # shellcheck disable=SC2034  # _init_completion sets all four
    local cur prev words cword
    _init_completion || return
    if [[ $prev == --config ]]; then
        _filedir '@(yaml|yml)'
    else
        mapfile -t COMPREPLY < <(compgen -W "$(dialhookd --help 2>/dev/null | sed -nE 's/^  (-[a-z],)?(--[a-z-]+).*/\2/p')" -- "$cur")
    fi
}

complete -F _dialhookd dialhookd
