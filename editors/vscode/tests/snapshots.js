// Colours the files of an example and compares with `snapshots/`; `--update` writes what came out instead.
// The tool wants snapshots beside the sources: both are put together in a folder of their own.
"use strict";

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const home = path.join(__dirname, "..");
const sources = path.join(home, "../../examples/tumour");
const snapshots = path.join(__dirname, "snapshots");
const update = process.argv.includes("--update");

const work = fs.mkdtempSync(path.join(os.tmpdir(), "mlp-snapshots-"));
try {
  const files = fs.readdirSync(sources).filter((name) => name.endsWith(".mlp"));
  const kept = fs.readdirSync(snapshots).filter((name) => name.endsWith(".snap"));
  for (const name of files) {
    fs.copyFileSync(path.join(sources, name), path.join(work, name));
  }
  for (const name of update ? [] : kept) {
    fs.copyFileSync(path.join(snapshots, name), path.join(work, name));
  }
  const missing = files.filter((name) => !update && !kept.includes(`${name}.snap`));
  if (missing.length > 0) {
    console.error(`no snapshot of ${missing.join(", ")}: npm run update-snapshots`);
    process.exitCode = 1;
  } else {
    const tool = require.resolve("vscode-tmgrammar-test/dist/snapshot.js");
    const words = [tool, "--config", path.join(home, "package.json"), ...(update ? ["--updateSnapshot"] : [])];
    const ended = spawnSync(process.execPath, [...words, path.join(work, "*.mlp")], { stdio: "inherit", cwd: home });
    process.exitCode = ended.status ?? 1;
    if (update && ended.status === 0) {
      kept.forEach((name) => fs.rmSync(path.join(snapshots, name)));
      fs.readdirSync(work)
        .filter((name) => name.endsWith(".snap"))
        .forEach((name) => fs.copyFileSync(path.join(work, name), path.join(snapshots, name)));
    }
  }
} finally {
  fs.rmSync(work, { recursive: true });
}
