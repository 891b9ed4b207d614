-- A broken file is opened with `mlp lsp` attached: its diagnostic shows, follows what is typed, and goes when it is mended.
local test = require("test")

local function errors() return vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) end

--- What shows, by code, line and column from 1.
local function shown()
  local list = {}
  for _, one in ipairs(errors()) do
    table.insert(list, ("%s %d:%d"):format(one.code or "?", one.lnum + 1, one.col + 1))
  end
  table.sort(list)
  return list
end

local function count(wanted)
  return function() return #errors() == wanted end
end

test.run(function()
  local folder = os.getenv("MLP_PROJECT")
  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/main.mlp"))
  test.equal(vim.bo.filetype, "mlp", "the file's type")
  test.start_server(folder)

  test.wait(count(1), "the diagnostic of the file as it is on the disk")
  local first = errors()[1]
  test.equal(shown(), { os.getenv("MLP_EXPECTED") }, "what shows")
  test.equal(first.source, "mlp", "whom it is from")
  assert(first.message:find("Datset", 1, true), first.message)

  vim.api.nvim_buf_set_lines(0, -1, -1, true, { "", "let second = missing" })
  test.wait(count(2), "the diagnostic of what was typed and not saved")

  vim.cmd([[silent %substitute/Datset/Dataset/]])
  vim.cmd([[silent $delete]])
  test.wait(count(0), "no diagnostic of the mended text")
end)
