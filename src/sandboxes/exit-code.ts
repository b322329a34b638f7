/** What an exit code says that has passed through whatever made the sandbox. */
import { constants } from 'node:os';
import type { ProcessEnd } from '../ports/sandbox.ts';

/**
 * Signals a program can die of. bubblewrap and podman pass a death by signal on as exit code 128 + number, as shells do, and
 * so does a shell inside: they cannot be told apart. SIGHUP is left out because git exits with 129 for wrong usage.
 */
const DEADLY: readonly NodeJS.Signals[] = [
  ...(['SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGUSR1'] as const),
  ...(['SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGXCPU', 'SIGXFSZ', 'SIGSYS'] as const),
];

export function programEnd(exitCode: number): ProcessEnd {
  const signal = DEADLY.find((name) => constants.signals[name] === exitCode - 128);
  return signal === undefined ? { kind: 'exited', code: exitCode } : { kind: 'signalled', signal };
}
