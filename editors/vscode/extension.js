// Starts `mlp lsp` and keeps it running. Everything that the editor shows comes from there.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

/** How the server is started. */
function server() {
  const command = vscode.workspace.getConfiguration("mlp").get("server.path") || "mlp";
  return { command, args: ["lsp"] };
}

/** Which documents it is told of. */
function documents() {
  return {
    documentSelector: [
      { scheme: "file", language: "mlp" },
      { scheme: "untitled", language: "mlp" },
    ],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{mlp,py}") },
  };
}

async function start() {
  const run = server();
  client = new LanguageClient("mlp", "mlp", { run, debug: run }, documents());
  try {
    await client.start();
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem);
    vscode.window.showErrorMessage(
      `\`${run.command} lsp\` did not start (${reason}). Install mlp, or say where it is in the setting mlp.server.path.`,
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running && running.isRunning()) {
    await running.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

/** @param {vscode.ExtensionContext} context */
async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("mlp.restartServer", restart),
    vscode.workspace.onDidChangeConfiguration((change) =>
      change.affectsConfiguration("mlp.server.path") ? restart() : undefined,
    ),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
