" A line stands two further in than the one before while a bracket is open, and comes back with its closing bracket.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=MlpIndent(v:lnum)
setlocal indentkeys=0{,0},0),0],!^F,o,O
setlocal autoindent
let b:undo_indent = 'setlocal indentexpr< indentkeys< autoindent<'

if exists('*MlpIndent')
  finish
endif

" A line without what it says in texts and comments.
function! s:bare(line) abort
  let text = substitute(a:line, 'r\(#*\)".\{-}"\1', '', 'g')
  let text = substitute(text, '"\%(\\.\|[^"\\]\)*"', '', 'g')
  return substitute(text, '//.*', '', '')
endfunction

function! MlpIndent(number) abort
  let before = prevnonblank(a:number - 1)
  if before == 0
    return 0
  endif
  let indent = indent(before)
  if s:bare(getline(before)) =~# '[{(\[]\s*$'
    let indent += shiftwidth()
  endif
  if getline(a:number) =~# '^\s*[})\]]'
    let indent -= shiftwidth()
  endif
  return max([indent, 0])
endfunction
