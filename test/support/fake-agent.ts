/** A program that behaves like a coding agent as far as a driver can see: it prints events, and its model says what it does. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What an agent prints when its last words are these and all went well, one event a line. */
export type Says = (text: string) => readonly unknown[];

/** Lines of a shell that print it. */
export function print(says: Says, text: string): string {
  return says(text)
    .map((event) => `printf '%s\\n' '${JSON.stringify(event)}'`)
    .join('; ');
}

/**
 * Absolute path of the program, which knows the behaviours of the driver conformance suite. It looks for one of their names
 * as the model among its arguments, or in the variables in which some agents are told it.
 */
export function fakeAgent(says: Says): string {
  const script = `#!/bin/sh
input=$(cat)
for argument in "$@" "$COPILOT_MODEL" "$LLM_MODEL"; do
  case "\${argument##*/}" in
    done) ${print(says, 'easy')}; exit 0 ;;
    exit-code-7) exit 7 ;;
    blocked) ${print(says, 'blocked because no database')}; exit 0 ;;
    writes) echo made > made.txt; ${print(says, 'made it')}; exit 0 ;;
    reads-prompt)
      case "$input" in *juniper*) ${print(says, 'heard')} ;; *) ${print(says, 'nothing')} ;; esac
      exit 0 ;;
    silent) trap "" TERM INT HUP QUIT; while :; do sleep 1; done ;;
    talks) while :; do echo still here; sleep 0.1; done ;;
    floods) head -c 8000000 /dev/zero; echo; ${print(says, 'enough')}; exit 0 ;;
  esac
done
echo "no behaviour among: $*" >&2
exit 64
`;
  const file = join(mkdtempSync(join(tmpdir(), 'fake-agent-')), 'agent');
  writeFileSync(file, script, { mode: 0o755 });
  return file;
}

/** Absolute path of a program that is these lines of a shell. It reads its prompt first: `$input`. */
export function shellAgent(lines: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'fake-agent-')), 'agent');
  writeFileSync(file, `#!/bin/sh\ninput=$(cat)\n${lines}\n`, { mode: 0o755 });
  return file;
}
