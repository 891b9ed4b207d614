-- Neovim asks this table before it makes up its mind, so that no OCaml server is started for a moment.
if vim.filetype and vim.filetype.add then
  vim.filetype.add({ extension = { mlp = "mlp" } })
end
