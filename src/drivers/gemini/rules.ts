/** The policy in the rules of Gemini CLI's policy engine, above those that `--yolo` brings. */
import { unreachable } from '../../core/errors.ts';
import type { CallPermissions } from '../definition.ts';
import { fence } from '../fence.ts';
import type { Fenced } from '../fence.ts';

/** The highest there is for a person's own rules (its reference: 0 to 999). */
const PRIORITY = 999;

const SPECIAL = /[\\^$.+()[\]{}|/]/gu;

/** A path that ends with the glob, inside of the JSON of a tool's arguments. */
function pathPattern(glob: string): string {
  const body = glob
    .replaceAll(SPECIAL, (character) => `\\${character}`)
    .replaceAll(/\*+|\?/gu, (wild) => (wild === '?' ? '[^"]' : '[^"]*'));
  return `"(?:[^"]*\\/)?${body}"`;
}

interface Rule {
  readonly toolName: readonly string[] | string;
  readonly commandPrefix?: string;
  readonly argsPattern?: string;
}

function ruleOf(denied: Fenced): Rule {
  switch (denied.kind) {
    case 'command':
      // A prefix is all it can say: a command without further words is denied with them too.
      return { toolName: 'run_shell_command', commandPrefix: denied.words.join(' ') };
    case 'edit':
      return { toolName: ['replace', 'write_file'], argsPattern: pathPattern(denied.glob) };
    case 'read':
      return {
        toolName: ['read_file', 'read_many_files', 'replace', 'write_file'],
        argsPattern: pathPattern(denied.glob),
      };
    case 'host': {
      const domain = denied.domain.replace(/^\*\.?/u, '').replaceAll(SPECIAL, (character) => `\\${character}`);
      return { toolName: 'web_fetch', ...(domain === '' ? {} : { argsPattern: domain }) };
    }
    default:
      return unreachable(denied, 'kind of rule');
  }
}

/** TOML for `.gemini/policies/`; null where there is nothing to say. JSON's form of text and lists is TOML's. */
export function rules({ rules: written }: CallPermissions): string | null {
  const { denied } = fence(written);
  if (denied.length === 0) return null;
  const tables = denied.map((one) => {
    const fields = { ...ruleOf(one), decision: 'deny', priority: PRIORITY };
    const lines = Object.entries(fields).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    return `[[rule]]\n${lines.join('\n')}\n`;
  });
  return tables.join('\n');
}
