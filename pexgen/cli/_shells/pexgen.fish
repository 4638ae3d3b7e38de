# Completion of pexgen for fish. In ~/.config/fish/config.fish:  pexgen completion fish | source
function __pexgen_completion
    set -l words (commandline -opc)
    set -l option (string match -r -- '^--[^=]+=' (commandline -ct))
    set -lx _PEXGEN_COMPLETE complete_pexgen
    set -lx _PEXGEN_LINE (commandline -cp | string collect)
    for reply in ($words[1] 2>/dev/null)
        printf '%s\n' "$option$reply"
    end
end
complete --command pexgen --no-files --arguments '(__pexgen_completion)'
