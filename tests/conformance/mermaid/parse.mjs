// Parses flowcharts with Mermaid itself: each file of the folder that is given, and prints what each is.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');

const folder = process.argv[2];
for (const name of readdirSync(folder).sort()) {
  const { diagramType } = await mermaid.parse(readFileSync(join(folder, name), 'utf8'));
  console.log(`${name} ${diagramType}`);
}
