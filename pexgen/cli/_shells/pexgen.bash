# Completion of pexgen for Bash 4.4 or later. In ~/.bashrc:  eval "$(pexgen completion bash)"
_pexgen_completion() {
    local line=${COMP_LINE:0:COMP_POINT} word before value help reply
    word=${line##*[[:space:]]}
    # Bash breaks a word at = and @, and replaces only what stands behind the last of them.
    [[ $word == --*=* ]] && word=${word#*=}
    before=${word%"${word##*[$COMP_WORDBREAKS]}"}
    COMPREPLY=()
    reply=$(_PEXGEN_COMPLETE=complete_pexgen _PEXGEN_LINE=$line "$1" 2>/dev/null)
    while IFS=$'\t' read -r value help; do
        [[ -n $value ]] && COMPREPLY+=("${value#"$before"}")
    done <<<"$reply"
    # Quotes what needs it. More follows behind these signs, so that no blank is put there.
    compopt -o filenames
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=@] ]] && compopt -o nospace
    return 0
}
complete -F _pexgen_completion pexgen
