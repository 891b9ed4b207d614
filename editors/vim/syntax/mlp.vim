" What is what in .mlp files. The words stand in lists by where they are words; a test holds them against the compiler's.
if exists('b:current_syntax')
  finish
endif
let s:cpo_save = &cpo
set cpo&vim

let s:items = split('import project schema struct enum artifact type mark let fn kind form data secret compute var service image package defaults step pipeline expectation environment ci verification team procedure promotion policy test')
let s:modifiers = split('abstract')
let s:clauses = split('as extends on of')
let s:bindings = split('data secret compute service var')
let s:sections = split('target check schedule alert')
let s:reactions = split('rollback hold notify')
let s:statements = split('for if try require yield return finally parallel else')
let s:edge_statements = split('require start approve soak window preflight deploy run verify release notify on')
let s:propositions = split('assert expect for')
let s:operators = split('and or not in matches with')
let s:constants = split('true false none it')

function! s:any(words) abort
  return '\%(' . join(a:words, '\|') . '\)'
endfunction

" Where an entry or a statement begins: after a line's indentation, or after { or a comma.
let s:start = '\%(^\s\+\|[{,]\s*\)'
" What follows a word that is only a name.
let s:name = '\%(\s*[:=(.]\)\@!'

syntax sync minlines=200

" Names and numbers; what is more special comes later and wins.
syntax match mlpType /\<\u\w*\>/
execute 'syntax match mlpBuiltin /[:<]\s*\zs\%(bool\|int\|float\|string\|duration\|size\|percent\|money\|timestamp\|cron\|uri\|json\|list\|map\|secret\)\>\ze\s*\%($\|[<>?,)=@}]\|where\)/'
syntax match mlpNumber /\<\d[0-9_]*\%(\.\d[0-9_]*\)\?\%([eE][+-]\?\d\+\)\?\%(%\|\a\w*\)\?/ contains=mlpUnit
syntax match mlpUnit /%\|\%([eE]\d\)\@!\a\+$\|\%([eE][+-]\?\d\)\@!\a\+/ contained
syntax match mlpOperator /->\|[<>=!]=\|??\|\.\.=\?\|[-+*<>=]\|\/\/\@!/
syntax match mlpMark /@\k\+/
syntax match mlpFunction /\%(\.\|\<\)\zs\k\+\ze(/
syntax match mlpField /\%(^\|[^.[:keyword:]]\)\@1<=\k\+\ze\s*:/

execute 'syntax match mlpOperatorWord /\%(\.\)\@1<!\<' . s:any(s:operators) . '\>' . '\%(\s*[:=.]\)\@!/'
syntax match mlpOperatorWord /\%(\.\)\@1<!\<\%(where\|by\)\>\%(\s*[:=(.]\)\@!/
execute 'syntax match mlpClause /\%(\S\s\+\)\@<=' . s:any(s:clauses) . '\>' . s:name . '/'
execute 'syntax match mlpConstant /\%(\.\)\@1<!\<' . s:any(s:constants) . '\>\%(\s*[:(]\)\@!/'
execute 'syntax match mlpStatement /\%(\.\)\@1<!\<' . s:any(s:statements) . '\>\%(\s*[=.]\)\@!/'
execute 'syntax match mlpEdge /' . s:start . '\zs' . s:any(s:edge_statements) . '\>\%(\s*[:=(.,}]\)\@!/'
execute 'syntax match mlpReaction /' . s:start . '\zs' . s:any(s:reactions) . '\>' . s:name . '/'
execute 'syntax match mlpProposition /' . s:start . '\zs' . s:any(s:propositions) . '\>' . s:name . '/'
execute 'syntax match mlpSection /' . s:start . '\zs' . s:any(s:sections) . '\>\ze\s\+\k/'
execute 'syntax match mlpBinding /' . s:start . '\zs' . s:any(s:bindings) . '\>\ze\s\+\k\+\s*==\@!/'
syntax match mlpFailure /\<on\s\+failure\>/

" An item begins at its keyword in the first column, and nowhere else.
execute 'syntax match mlpItem /^' . s:any(s:items) . '\>/ nextgroup=mlpItemName skipwhite'
execute 'syntax match mlpModifier /^' . s:any(s:modifiers) . '\>\ze\s\+' . s:any(s:items) . '\>/ nextgroup=mlpItemAfterModifier skipwhite'
execute 'syntax match mlpItemAfterModifier /\<' . s:any(s:items) . '\>/ contained nextgroup=mlpItemName skipwhite'
syntax match mlpItemName /\<\%(of\>\)\@!\k\+/ contained

" A name in backquotes holds no keyword.
syntax match mlpQuotedName /`[-.[:keyword:]]\+`/

syntax match mlpEscape /\\\%([nt\\"]\|u{\x\{1,6}}\)/ contained
syntax match mlpBadEscape /\\\%([nt\\"(]\|u{\x\{1,6}}\)\@!.\?/ contained
syntax region mlpInterpolation matchgroup=mlpInterpolationMark start=/\\(/ end=/)/ contained oneline contains=@mlpExpression
syntax region mlpLongInterpolation matchgroup=mlpInterpolationMark start=/\\(/ end=/)/ contained contains=@mlpExpression
syntax region mlpParens start=/(/ end=/)/ contained oneline transparent contains=@mlpExpression
syntax cluster mlpExpression contains=mlpType,mlpNumber,mlpOperator,mlpMark,mlpFunction,mlpField,mlpOperatorWord,mlpConstant,mlpText,mlpRaw,mlpParens

syntax region mlpText start=/"/ end=/"\|$/ contains=mlpEscape,mlpBadEscape,mlpInterpolation
syntax region mlpLongText start=/"""/ end=/"""/ contains=mlpEscape,mlpBadEscape,mlpLongInterpolation
syntax region mlpRaw start=/\<r\z(#*\)"/ end=/"\z1\|$/ oneline
syntax match mlpComment /\/\/.*/ contains=@Spell
syntax match mlpDocumentation /\/\/\/.*/ contains=@Spell

highlight default link mlpItem Structure
highlight default link mlpItemAfterModifier Structure
highlight default link mlpModifier StorageClass
highlight default link mlpItemName Identifier
highlight default link mlpType Type
highlight default link mlpBuiltin Type
highlight default link mlpNumber Number
highlight default link mlpUnit Special
highlight default link mlpOperator Operator
highlight default link mlpOperatorWord Operator
highlight default link mlpMark PreProc
highlight default link mlpFunction Function
highlight default link mlpField Identifier
highlight default link mlpClause Keyword
highlight default link mlpConstant Constant
highlight default link mlpStatement Statement
highlight default link mlpEdge Statement
highlight default link mlpReaction Exception
highlight default link mlpFailure Exception
highlight default link mlpProposition Statement
highlight default link mlpSection Keyword
highlight default link mlpBinding Keyword
highlight default link mlpEscape SpecialChar
highlight default link mlpBadEscape Error
highlight default link mlpInterpolationMark Delimiter
highlight default link mlpText String
highlight default link mlpLongText String
highlight default link mlpRaw String
highlight default link mlpComment Comment
highlight default link mlpDocumentation SpecialComment

let b:current_syntax = 'mlp'
let &cpo = s:cpo_save
unlet s:cpo_save
