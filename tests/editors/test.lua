-- What every test here needs: to fail with a sentence, and to end.
local test = {}

--- Runs what is given and ends the editor: with 0, or with 1 and why.
function test.run(body)
  local fine, why = xpcall(body, debug.traceback)
  if not fine then
    io.stderr:write(why .. "\n")
  end
  vim.cmd(fine and "qall!" or "cquit 1")
end

--- Both are the same, tables by what they hold.
function test.equal(found, wanted, what)
  if not vim.deep_equal(found, wanted) then
    error(what .. ": found " .. vim.inspect(found) .. ", wanted " .. vim.inspect(wanted), 2)
  end
end

--- Waits until something holds.
function test.wait(condition, what)
  if not vim.wait(20000, condition, 20) then
    error("waited in vain for " .. what, 2)
  end
end

--- Starts `mlp lsp` for the open file; by hand in the editors that are too old to do it themselves.
function test.start_server(folder)
  local config = { name = "mlp", cmd = { os.getenv("MLP_PROGRAM"), "lsp" }, root_dir = folder }
  if vim.lsp.start then
    return vim.lsp.start(config)
  end
  local client = assert(vim.lsp.start_client(config))
  vim.lsp.buf_attach_client(0, client)
  return client
end

return test
