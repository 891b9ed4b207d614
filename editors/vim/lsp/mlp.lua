-- Neovim 0.11 and newer read this for `vim.lsp.enable("mlp")`.
return {
  cmd = { "mlp", "lsp" },
  filetypes = { "mlp" },
  root_markers = { "main.mlp", ".git" },
}
