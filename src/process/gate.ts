/**
 * A program behind a gate begins only when we, alive, say so.
 *
 * A launcher such as bubblewrap asks the kernel to die with its parent only once it has set everything up, some ten
 * milliseconds after it was started. Were we killed before that, the program would run with nobody to supervise it. So the
 * last step of the launch asks first: it writes a line, and goes on when it reads one back. From the dead it reads the end
 * of the stream, and leaves.
 */
import { Duplex } from 'node:stream';
import type { Stream } from 'node:stream';

/**
 * For `sh -c`, with the program and its arguments as parameters. It looks for the program itself, because what a shell says
 * of a missing one could be said by a program too. Nothing of the gate is left open for the program.
 */
export function gateScript(descriptor: number): string {
  return `
echo ready >&${descriptor} && read -r go <&${descriptor} || exit 1
found=$1
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
exec ${descriptor}>&-
exec "$@"
`;
}

export interface Gate {
  readonly stream: Duplex | null;
  /** Why the program could not begin; null when it began, or nobody asked. */
  missing(): string | null;
}

/** Answers at the gate. `stream` is the process's end of the conversation. */
export function attendGate(stream: Stream | null | undefined): Gate {
  if (!(stream instanceof Duplex)) return { stream: null, missing: () => null };
  let said = '';
  let answered = false;
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    said += piece;
    if (answered || !said.includes('\n')) return;
    answered = true;
    stream.end('go\n');
  });
  // A process that is gone ends the conversation like one that is through.
  stream.on('error', () => undefined);
  return { stream, missing: () => /^missing (?<why>.+)$/mu.exec(said)?.groups?.['why'] ?? null };
}
