// GitHub's own parser of workflows, on the files that are named: prints what it has to say and fails if that is anything.
import { readFileSync } from "node:fs";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";

const TRY_CONVERSION = 1;
for (const path of process.argv.slice(2)) {
  const file = { name: path, content: readFileSync(path, "utf8") };
  const { context, value } = parseWorkflow(file, new NoOperationTraceWriter());
  const said = context.errors.getErrors().map((error) => error.message);
  if (value) {
    const template = await convertWorkflowTemplate(context, value, undefined, { errorPolicy: TRY_CONVERSION });
    said.push(...(template.errors ?? []).map((error) => error.Message));
  }
  for (const sentence of new Set(said)) {
    console.log(`${path}: ${sentence}`);
    process.exitCode = 1;
  }
}
