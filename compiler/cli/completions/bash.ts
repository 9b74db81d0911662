/**
 * The completion script for bash. Our own: that of @bomb.sh/tab needs the bash-completion package, which many machines lack,
 * evaluates what has been typed, and complains when it is sourced twice. Its protocol is kept: a candidate a line, what it
 * means behind a tab, and last a line that begins with a colon.
 */

/** Candidates that the shell has not asked for by a prefix are left out; where there is none, file names are completed. */
export const BASH_SCRIPT = String.raw`# bash completion for bpc
_bpc_complete() {
  local word value quoted last
  local -a words=()
  # The shell takes --flag=value for three words.
  for word in "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}"; do
    last=$((${'$'}{#words[@]} - 1))
    if ((last >= 0)) && [[ $word == = || ${'$'}{words[last]} == *= ]]; then words[last]+=$word; else words+=("$word"); fi
  done
  local current=${'$'}{COMP_WORDS[COMP_CWORD]}
  [[ $current == = ]] && current=
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    if [[ $value == :* || $value != "$current"* ]]; then continue; fi
    printf -v quoted %q "$value"
    COMPREPLY+=("$quoted")
  done < <(bpc complete -- "${'$'}{words[@]}" 2>/dev/null)
}
complete -o default -F _bpc_complete bpc
`
