" Vim takes .mlp for OCaml if nobody says otherwise, so that `setfiletype` would come too late.
autocmd BufNewFile,BufRead *.mlp if &filetype !=# 'mlp' | set filetype=mlp | endif
