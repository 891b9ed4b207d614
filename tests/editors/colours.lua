-- What stands where in a real project has its colour; a file that is indented anew stays as it is.
local test = require("test")

--- The syntax group of the n-th place where a text stands in the open file.
local function group(text, nth)
  local found = 0
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, true)) do
    local at = line:find(text, 1, true)
    while at do
      found = found + 1
      if found == (nth or 1) then
        return vim.fn.synIDattr(vim.fn.synID(number, at, 1), "name")
      end
      at = line:find(text, at + 1, true)
    end
  end
  error("no " .. text .. " in " .. vim.api.nvim_buf_get_name(0))
end

local function open(name)
  vim.cmd("edit! " .. vim.fn.fnameescape(os.getenv("MLP_EXAMPLE") .. "/" .. name))
  vim.cmd("syntax sync fromstart")
end

local function lines() return vim.api.nvim_buf_get_lines(0, 0, -1, true) end

local wanted = {
  ["steps.mlp"] = {
    { "/// One", "mlpDocumentation" }, { "schema", "mlpItem" }, { "Aspirate", "mlpItemName" }, { "patient:", "mlpField" },
    { "string", "mlpBuiltin" }, { "@pii", "mlpMark" }, { "where", "mlpOperatorWord" }, { "it > 0", "mlpConstant" },
    { "type Penalty", "mlpItem" }, { "10_000", "mlpNumber" }, { "python(", "mlpFunction" }, { "30min", "mlpNumber" },
    { "\"steps/load.py\"", "mlpText" }, { "\\(auc)", "mlpInterpolationMark" }, { "on aspirates", "mlpClause" },
    { "step {", "mlpItemName" }, { "assert", "mlpProposition" }, { "share(", "mlpFunction" },
  },
  ["environments.mlp"] = {
    { "import", "mlpItem" }, { "r\"[a-z]+", "mlpRaw" }, { "abstract", "mlpModifier" }, { "environment base", "mlpItemAfterModifier" },
    { "extends", "mlpClause" }, { "data    aspirates", "mlpBinding" }, { "compute trainer   =", "mlpBinding" },
    { "schedule training", "mlpSection" }, { "alert slow", "mlpSection" }, { "on failure", "mlpFailure" },
    { "rollback", "mlpReaction" }, { "notify pagerduty", "mlpReaction" }, { "notify: pagerduty", "mlpField" },
  },
  ["pipelines.mlp"] = {
    { "for penalty", "mlpStatement" }, { "parallel", "mlpStatement" }, { "yield", "mlpStatement" }, { "if report", "mlpStatement" },
    { "finally", "mlpStatement" }, { "return", "mlpStatement" }, { "load(", "mlpFunction" }, { "pipeline training", "mlpItem" },
  },
  ["delivery.mlp"] = {
    { "check quality", "mlpSection" }, { "promotion", "mlpItem" }, { "of training", "mlpClause" }, { "require training", "mlpEdge" },
    { "approve", "mlpEdge" }, { "release diagnosis by", "mlpEdge" }, { "by canary", "mlpOperatorWord" },
    { "1%", "mlpNumber" }, { "not place", "mlpOperatorWord" }, { "run:", "mlpField" }, { "run training", "mlpEdge" },
  },
}

test.run(function()
  for _, name in ipairs(vim.fn.sort(vim.tbl_keys(wanted))) do
    local places = wanted[name]
    open(name)
    test.equal(vim.bo.filetype, "mlp", "the file's type")
    for _, place in ipairs(places) do
      test.equal(group(place[1], place[3]), place[2], name .. ": " .. place[1])
    end
    local before = lines()
    vim.cmd("silent normal! gg=G")
    test.equal(lines(), before, name .. " indented anew")
  end
  test.equal(vim.bo.commentstring, "// %s", "how a comment is written")

  vim.cmd("enew! | setfiletype mlp")
  local broken = { 'let a = "never closed', "step load() {", "  step = 1", 'let b = "\\(open', "test \"x\" {" }
  vim.api.nvim_buf_set_lines(0, 0, -1, true, broken)
  vim.cmd("syntax sync fromstart")
  test.equal(group("never"), "mlpText", "a text without its end")
  test.equal(group("step load"), "mlpItem", "the line after it")
  test.equal(group("step ="), "", "an item's keyword that is not in the first column")
  test.equal(group("test"), "mlpItem", "the line after an interpolation without its end")
end)
