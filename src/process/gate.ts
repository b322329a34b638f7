/**
 * A program behind a gate begins only when we, alive, say so.
 *
 * A launcher such as bubblewrap asks the kernel to die with its parent only once it has set everything up, some ten
 * milliseconds after it was started. Were we killed before that, the program would run with nobody to supervise it. So the
 * last step of the launch asks first: it writes a line, and goes on when it reads one back. From the dead it reads the end
 * of the stream, and leaves.
 *
 * It may also start another program beside it, and goes on once that has said that it is ready.
 */
import { Duplex } from 'node:stream';
import type { Stream } from 'node:stream';

/** A program that is to run beside the one behind the gate. */
export interface Beside {
  /** How many parameters it is; they come before those of the program behind the gate. */
  readonly words: number;
  /** The one line it says once it is ready; anything else is why it is not. */
  readonly ready: string;
}

/** Said through a named pipe, because a shell has no other way to wait for a line of a program it leaves running. */
function startBeside(descriptor: number, { words, ready }: Beside): string {
  const parameters = Array.from({ length: words }, (_, index) => `"\${${index + 1}}"`).join(' ');
  return `
pipe=\${TMPDIR:-/tmp}/.loopwright-beside
mkfifo -m 600 "$pipe" || { echo "failed no named pipe could be made" >&${descriptor}; exit 1; }
${parameters} </dev/null >"$pipe" 2>/dev/null ${descriptor}>&- &
read -r said <"$pipe"
rm -f "$pipe"
if [ "$said" != '${ready}' ]; then echo "failed \${said:-it said nothing}" >&${descriptor}; exit 1; fi
unset said pipe
shift ${words}
`;
}

/**
 * For `sh -c`, with the program and its arguments as parameters. It looks for the program itself, because what a shell says
 * of a missing one could be said by a program too. Nothing of the gate is left open for the program. `limits`: commands that
 * lower what the program may use of the system.
 */
export function gateScript(descriptor: number, beside: Beside | null = null, limits = ''): string {
  return `
echo ready >&${descriptor} && read -r go <&${descriptor} || exit 1
${beside === null ? '' : startBeside(descriptor, beside)}found=$1
case $1 in */*) ;; *) found=$(command -v -- "$1") || found=/nowhere/$1 ;; esac
case $found in
*/*)
  why=
  if [ -d "$found" ]; then why='Is a directory'
  elif [ ! -e "$found" ]; then why='No such file or directory'
  elif [ ! -x "$found" ]; then why='Permission denied'
  fi
  if [ -n "$why" ]; then echo "missing $why" >&${descriptor}; exit 127; fi ;;
esac
unset found why go
${limits}exec ${descriptor}>&-
exec "$@"
`;
}

export interface Gate {
  readonly stream: Duplex | null;
  /** Whether it asked, so that whatever was said and whatever code came after that is the program's. */
  asked(): boolean;
  /** From now on nobody may begin: what is still on its way to the gate finds it shut. */
  shut(): void;
  /** What has to be done before the program may begin. Set it at once, before anything was heard. Must not reject. */
  readonly before: (act: () => Promise<void>) => void;
  /** Why the program could not begin; null when it began, or nobody asked. */
  missing(): string | null;
  /** Why what was to run beside the program does not; null when it does, or nothing was. */
  failed(): string | null;
}

const NO_GATE: Gate = {
  stream: null,
  asked: () => false,
  shut: () => undefined,
  before: () => undefined,
  missing: () => null,
  failed: () => null,
};

/** Answers at the gate. `stream` is the process's end of the conversation. */
export function attendGate(stream: Stream | null | undefined): Gate {
  if (!(stream instanceof Duplex)) return NO_GATE;
  let said = '';
  let prepare: (() => Promise<void>) | null = null;
  let asked = false;
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    said += piece;
    if (asked || !said.includes('\n')) return;
    asked = true;
    if (prepare === null) stream.end('go\n');
    else void prepare().then(() => stream.end('go\n'));
  });
  // A process that is gone ends the conversation like one that is through.
  stream.on('error', () => undefined);
  const after = (word: string): string | null =>
    new RegExp(`^${word} (?<why>.+)$`, 'mu').exec(said)?.groups?.['why'] ?? null;
  const before = (act: () => Promise<void>): void => {
    prepare = act;
  };
  return {
    stream,
    asked: () => asked,
    shut: () => void stream.destroy(),
    before,
    missing: () => after('missing'),
    failed: () => after('failed'),
  };
}
