// The extension against doubles of the editor and of the client: what it starts, and what it says when that fails.
"use strict";

const assert = require("node:assert/strict");
const Module = require("node:module");
const { beforeEach, test } = require("node:test");

const manifest = require("../package.json");

const world = { settings: {}, clients: [], commands: {}, errors: [], onChange: undefined, fails: undefined };

const vscode = {
  workspace: {
    getConfiguration: (section) => ({ get: (name) => world.settings[`${section}.${name}`] }),
    createFileSystemWatcher: (glob) => ({ glob }),
    onDidChangeConfiguration: (listener) => {
      world.onChange = listener;
      return {};
    },
  },
  commands: {
    registerCommand: (name, run) => {
      world.commands[name] = run;
      return {};
    },
  },
  window: { showErrorMessage: (text) => world.errors.push(text) },
};

class LanguageClient {
  constructor(id, name, server, documents) {
    Object.assign(this, { id, name, server, documents, running: false });
    world.clients.push(this);
  }
  async start() {
    if (world.fails) {
      throw new Error(world.fails);
    }
    this.running = true;
  }
  async stop() {
    this.running = false;
  }
  isRunning() {
    return this.running;
  }
}

const load = Module._load;
Module._load = function (name, ...rest) {
  return { vscode, "vscode-languageclient/node": { LanguageClient } }[name] ?? load.call(this, name, ...rest);
};
const extension = require("../extension.js");

beforeEach(async () => {
  await extension.deactivate();
  Object.assign(world, { settings: {}, clients: [], commands: {}, errors: [], onChange: undefined, fails: undefined });
});

test("starts `mlp lsp` for files of the language", async () => {
  const context = { subscriptions: [] };
  await extension.activate(context);
  const [client] = world.clients;
  assert.deepEqual(client.server.run, { command: "mlp", args: ["lsp"] });
  assert.deepEqual(client.documents.documentSelector.map((one) => one.language), ["mlp", "mlp"]);
  assert.equal(client.running, true);
  assert.equal(context.subscriptions.length, 2);
});

test("starts the program that the setting names, anew when it changes", async () => {
  await extension.activate({ subscriptions: [] });
  world.settings["mlp.server.path"] = "/opt/mlp";
  await world.onChange({ affectsConfiguration: (section) => section === "mlp.server.path" });
  assert.deepEqual(world.clients.map((client) => [client.server.run.command, client.running]), [
    ["mlp", false],
    ["/opt/mlp", true],
  ]);
  await world.onChange({ affectsConfiguration: () => false });
  assert.equal(world.clients.length, 2);
});

test("says what to do when the server is not there, and recovers", async () => {
  world.fails = "spawn mlp ENOENT";
  await extension.activate({ subscriptions: [] });
  assert.match(world.errors[0], /`mlp lsp` did not start \(spawn mlp ENOENT\).*mlp\.server\.path/);
  world.fails = undefined;
  await world.commands["mlp.restartServer"]();
  assert.equal(world.clients.at(-1).running, true);
  await extension.deactivate();
  assert.equal(world.clients.at(-1).running, false);
});

test("the manifest names what is there", () => {
  for (const command of manifest.contributes.commands) {
    assert.ok(["mlp.restartServer"].includes(command.command));
  }
  for (const path of [manifest.main, manifest.contributes.grammars[0].path, manifest.contributes.languages[0].configuration]) {
    assert.ok(require("node:fs").existsSync(require("node:path").join(__dirname, "..", path)), path);
  }
});
