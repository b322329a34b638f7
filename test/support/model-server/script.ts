/** What the scripted model does: abstract steps, bound to whatever tools the agent in front of it happens to offer. */
import { list, record, text } from './protocol.ts';
import type { Json, OfferedTool, Prompt } from './protocol.ts';

export type Step =
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'edit'; readonly path: string; readonly find: string; readonly replace: string }
  | { readonly kind: 'shell'; readonly command: string }
  | { readonly kind: 'say'; readonly text: string };

/** The step after so many tool results. Counting results makes the server stateless: any call can be made again. */
export type Script = (toolResults: number) => Step;

/** The steps in their order; the last one again and again after that. */
export function inOrder(...steps: readonly [Step, ...Step[]]): Script {
  return (toolResults) => steps[Math.min(toolResults, steps.length - 1)] ?? steps[0];
}

export interface Act {
  readonly text: string;
  readonly call: { readonly name: string; readonly input: Json } | null;
}

/** Names that agents give the tools of each kind, as their requests show. */
const NAMES: Readonly<Record<'read' | 'edit' | 'shell', readonly string[]>> = {
  read: ['Read', 'read_file', 'read', 'view'],
  edit: ['Edit', 'replace', 'edit', 'edit_file', 'str_replace'],
  shell: ['Bash', 'bash', 'terminal', 'run_shell_command', 'exec_command', 'shell_command', 'shell', 'local_shell'],
};

function find(tools: readonly OfferedTool[], kind: keyof typeof NAMES): OfferedTool | null {
  return tools.find((tool) => NAMES[kind].includes(tool.name)) ?? null;
}

/** Single-quoted for a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The same as a shell command, for agents that offer nothing but a shell. */
function asCommand(step: Exclude<Step, { kind: 'say' }>): string {
  if (step.kind === 'shell') return step.command;
  if (step.kind === 'read') return `cat ${quoted(step.path)}`;
  const program =
    'const [path, find, replace] = process.argv.slice(1); const fs = require("fs"); ' +
    'fs.writeFileSync(path, fs.readFileSync(path, "utf8").replace(find, () => replace));';
  return ['node', '-e', program, step.path, step.find, step.replace].map(quoted).join(' ');
}

function typeOf(schema: Json): string {
  const { type } = schema;
  return text(Array.isArray(type) ? type[0] : type).toLowerCase();
}

/** Some value the schema accepts, for arguments that mean nothing to the script. */
export function instance(schema: Json): unknown {
  const [first] = list(schema['enum']);
  if (first !== undefined) return first;
  const [option] = list(schema['anyOf'] ?? schema['oneOf']);
  if (option !== undefined) return instance(record(option));
  switch (typeOf(schema)) {
    case 'object': {
      const properties = record(schema['properties']);
      const required = list(schema['required']).map(text);
      return Object.fromEntries(required.map((name) => [name, instance(record(properties[name]))]));
    }
    case 'array':
      return [];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
    default:
      return 'a step of the script';
  }
}

const PATH = /^(?:(?:file|absolute|target)_?)?path$|^file(?:_?name)?$/i;
const OLD = /^(?:old_?(?:string|str|text)|find|search)$/i;
const NEW = /^(?:new_?(?:string|str|text)|replace|replacement)$/i;
const COMMAND = /^(?:cmd|command|commands|script)$/i;

/** What the script has to say for an argument of this name, or undefined where it has nothing. */
function known(step: Step, name: string, schema: Json): unknown {
  if (step.kind === 'shell') {
    if (!COMMAND.test(name)) return undefined;
    return typeOf(schema) === 'array' ? ['sh', '-c', step.command] : step.command;
  }
  if (step.kind === 'say') return undefined;
  if (PATH.test(name)) return step.path;
  if (step.kind === 'read') return undefined;
  if (OLD.test(name)) return step.find;
  if (NEW.test(name)) return step.replace;
  if (name !== 'edits') return undefined;
  return [argumentsFor(step, record(schema['items']))];
}

export function argumentsFor(step: Step, schema: Json): Json {
  const properties = Object.entries(record(schema['properties']));
  const required = new Set(list(schema['required']));
  const filled = properties.map(([name, property]): [string, unknown] => {
    const value = known(step, name, record(property));
    if (value !== undefined) return [name, value];
    return [name, required.has(name) ? instance(record(property)) : undefined];
  });
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

/** Binds the step to the first offered tool that can do it. Without tools, or without a fitting one, it is words. */
export function act(script: Script, prompt: Prompt): Act {
  if (prompt.tools.length === 0) {
    const { answerSchema } = prompt;
    return { text: answerSchema === null ? 'A short title' : JSON.stringify(instance(answerSchema)), call: null };
  }
  const step = script(prompt.toolResults);
  if (step.kind === 'say') return { text: step.text, call: null };
  const own = find(prompt.tools, step.kind);
  if (own !== null) return { text: '', call: { name: own.name, input: argumentsFor(step, own.schema) } };
  const shell = find(prompt.tools, 'shell');
  if (shell === null) return { text: `No offered tool can ${step.kind}.`, call: null };
  const input = argumentsFor({ kind: 'shell', command: asCommand(step) }, shell.schema);
  return { text: '', call: { name: shell.name, input } };
}
