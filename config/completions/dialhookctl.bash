# Completion of dialhookctl in bash: commands and options as its --help lists them, files, and the names of webhooks
# and notifications while a daemon answers. Needs Debian's package bash-completion.

_dialhookctl_options() { # [COMMAND]
    dialhookctl "$@" --help 2>/dev/null | sed -nE 's/^  (-[a-z],)?(--[a-z-]+).*/\2/p'
}

_dialhookctl_commands() {
    dialhookctl --help 2>/dev/null | sed -nE '/^Subcommands:/,/^$/s/^  ([a-z]+) .*/\1/p'
}

# What is typed of a name, without the quotes of the shell.
_dialhookctl_typed() {
    local plain=${cur//\\/}
    printf '%s' "${plain#[\"\']}"
}

# Offers what of the lines on standard input begins with $cur. Names may hold blanks, so they come quoted.
_dialhookctl_offer() {
    local line plain
    plain=$(_dialhookctl_typed)
    while IFS= read -r line; do
        [[ $line == "$plain"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
    done
}

_dialhookctl_webhooks() { # of a hundred thousand, the daemon sends those that are wanted
    dialhookctl "$@" webhooks --match "$(_dialhookctl_typed)*" --json 2>/dev/null | grep -oE '"name":"[A-Za-z0-9 ._-]+"' | cut -d '"' -f 4
}

_dialhookctl_notifications() { # each once, though it may have several URLs
    dialhookctl "$@" notifications --json 2>/dev/null | grep -oE '"name":"[A-Za-z0-9 ._-]+"' | cut -d '"' -f 4 | uniq
}

_dialhookctl_failed() {
    dialhookctl "$@" deliveries --failed --json 2>/dev/null | grep -oE '^\{"id":[0-9]+' | cut -d : -f 2
}

_dialhookctl() {
    local cur prev words cword
    _init_completion || return

    local command="" arguments=0 at
    local -a control=()
    for ((at = 1; at < cword; at++)); do
        case ${words[at]} in
        --control) control=(--control "${words[at + 1]}") ;&
        --socket | --did | --callerid | --callername | --call-id | --presentation | --var | --code | --listen | --replies | --webhook | --lines | -n | --call | --since | --match) ((at++)) ;;
        -*) ;;
        *) if [[ -z $command ]]; then command=${words[at]}; else ((arguments++)); fi ;;
        esac
    done

    case $prev in
    --socket | --control | --replies) _filedir && return ;;
    --presentation) _dialhookctl_offer <<<$'allowed\nprohibited' && return ;;
    --did | --callerid | --callername | --call-id | --var | --code | --listen | --lines | -n | --call | --since | --match) return ;;
    --webhook) _dialhookctl_offer < <(_dialhookctl_webhooks "${control[@]}") && return ;;
    esac
    if [[ $cur == -* ]]; then
        _dialhookctl_offer < <(_dialhookctl_options && [[ -n $command ]] && _dialhookctl_options "$command")
    elif [[ -z $command ]]; then
        _dialhookctl_offer < <(_dialhookctl_commands)
    elif [[ $command == @(route|try) && $arguments == 0 ]]; then
        _dialhookctl_offer < <(_dialhookctl_webhooks "${control[@]}")
    elif [[ $command == test && $arguments == 0 ]]; then
        _dialhookctl_offer < <(_dialhookctl_notifications "${control[@]}")
    elif [[ $command == replay ]]; then
        _dialhookctl_offer < <(_dialhookctl_failed "${control[@]}")
    elif [[ $command == check && $arguments == 0 ]]; then
        _filedir '@(yaml|yml)'
    fi
}

complete -F _dialhookctl dialhookctl
