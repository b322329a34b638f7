/** What seatbelt really does on this machine, by trying it. Never tried by those who wrote it (`profile.ts`). */
import { createServer } from 'node:net';
import { mkdtemp, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { SandboxReport } from '../../core/event.ts';
import { isLoopwrightError } from '../../core/errors.ts';
import type { FinishedProcess, Sandbox } from '../../ports/sandbox.ts';
import { doesNotConfine, doesNotStart, GAPS, onlyOnMacOs, UNPROVEN } from './unavailable.ts';

/** Longest the attempts may take, milliseconds. */
const PATIENCE_MS = 30_000;

/** $1: a file outside; $2: a port of the host that is listened on. The last line is said where all was tried. */
const LOOK = `
cat "$1" 2>/dev/null
(: > "$1.planted") 2>/dev/null && echo 'reached: a file was made outside'
ls "$(dirname "$1")" >/dev/null 2>&1 && echo 'reached: a directory outside was listed'
(exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null && echo 'reached: a port of the host'
: > "$HOME/made" && : > "$TMPDIR/made" && echo tried
`;

/** What got through, in words; one word of it is that nothing was tried. Pure. */
export function whatIsBroken(said: string, secret: string): readonly string[] {
  const lines = said.split('\n');
  return [
    ...(said.includes(secret) ? ['a file outside was read'] : []),
    ...lines.filter((line) => line.startsWith('reached: ')).map((line) => line.slice('reached: '.length)),
    ...(lines.includes('tried') ? [] : ['home and temporary files cannot be written, so nothing else is known']),
  ];
}

async function lookFromInside(launch: Sandbox['launch']): Promise<readonly string[]> {
  const outside = await realpath(await mkdtemp(join(tmpdir(), 'loopwright-outside-')));
  const [file, secret] = [join(outside, 'secret'), randomUUID()];
  const server = createServer((socket) => void socket.destroy());
  try {
    await writeFile(file, secret);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const limits = {
      wallTimeMs: PATIENCE_MS,
      idleMs: 'unlimited',
      outputBytes: 'unlimited',
      keepBytes: 10_000,
    } as const;
    const argv = ['/bin/bash', '-c', LOOK, 'bash', file, String(port)];
    const spec = { argv, cwd: '/', env: {}, mounts: [], stdin: null, limits };
    const { stdout }: FinishedProcess = await launch(spec, new AbortController().signal).finished;
    return whatIsBroken(Buffer.from(stdout).toString('utf8'), secret);
  } finally {
    server.close();
    for (const path of [file, `${file}.planted`]) await rm(path, { force: true });
    await rmdir(outside);
  }
}

/** Rejects with `LW_SANDBOX_UNAVAILABLE`. */
export async function probeSeatbelt(platform: string, launch: Sandbox['launch']): Promise<SandboxReport> {
  if (platform !== 'darwin') throw onlyOnMacOs(platform);
  const broken = await lookFromInside(launch).catch((error: unknown) => {
    throw isLoopwrightError(error) ? doesNotStart(error) : error;
  });
  if (broken.length > 0) throw doesNotConfine(broken);
  return {
    id: 'seatbelt',
    confines: true,
    // Beside the name on the first line of `doctor`, where others have their version.
    version: `(${UNPROVEN})`,
    enforced: {
      network: 'none but the forwarded ports and sockets',
      home: 'hidden but for toolchains, read-only',
      'host environment': 'not passed on',
      'temporary files': 'private',
      writes: 'workspace and private directories only',
    },
    gaps: GAPS,
  };
}
