#compdef pexgen
# Completion of pexgen for zsh. In ~/.zshrc, behind compinit:  eval "$(pexgen completion zsh)"
_pexgen_completion() {
    local line value help
    local -a ended open
    line="${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX"
    if [[ $PREFIX == --*=* ]]; then
        IPREFIX="$IPREFIX${PREFIX%%=*}="
        PREFIX=${PREFIX#*=}
    fi
    while IFS=$'\t' read -r value help; do
        [[ -n $value ]] || continue
        # More follows behind these signs, so that no blank is put there.
        if [[ $value == *[/=@] ]]; then
            open+=("${value//:/\\:}:$help")
        else
            ended+=("${value//:/\\:}:$help")
        fi
    done < <(_PEXGEN_COMPLETE=complete_pexgen _PEXGEN_LINE=$line "${(Q)words[1]}" 2>/dev/null)
    _describe -V pexgen ended -- open -S ''
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _pexgen_completion "$@"
else
    compdef _pexgen_completion pexgen
fi
