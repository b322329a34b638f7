/** A program that speaks Claude Code's control protocol as far as a driver can see, and asks one question. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const QUESTION = JSON.stringify({
  type: 'control_request',
  request_id: 'q1',
  request: {
    subtype: 'can_use_tool',
    tool_name: 'Bash',
    input: { command: 'touch allowed.txt', description: 'Only looks at files' },
    description: 'Only looks at files',
  },
});

/**
 * Absolute path of the program, which knows the behaviours of the permission conformance suite and looks for one of their
 * names as the model among its arguments.
 */
export function askingAgent(): string {
  const script = `#!/bin/sh
case " $* " in *" --permission-prompt-tool stdio "*) ;; *) echo "nobody would hear a question: $*" >&2; exit 64 ;; esac
IFS= read -r prompt
case "$prompt" in '{"type":"user"'*) ;; *) echo "no prompt: $prompt" >&2; exit 65 ;; esac
printf '%s\\n' '${QUESTION}'
while IFS= read -r answer; do
  case "$answer" in *'"request_id":"q1"'*) break ;; esac
done
case " $* " in *" defies "*) trap "" TERM INT HUP QUIT; while :; do sleep 1; done ;; esac
said=$(printf '%s' "$answer" | sed -n 's/.*"message":"\\([^"]*\\)".*/\\1/p')
case "$answer" in *'"behavior":"allow"'*) touch allowed.txt; said=done ;; esac
failed=false; case "$answer" in *'"interrupt":true'*) failed=true ;; esac
printf '{"type":"result","subtype":"success","is_error":%s,"result":"%s","session_id":"s"}\\n' "$failed" "$said"
cat > /dev/null
exit 0
`;
  const file = join(mkdtempSync(join(tmpdir(), 'asking-agent-')), 'agent');
  writeFileSync(file, script, { mode: 0o755 });
  return file;
}
