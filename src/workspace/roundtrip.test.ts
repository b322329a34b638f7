/** Arbitrary trees go through an agent's workspace, a collection and a fresh checkout without losing a byte. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS, makeWorld, NEVER } from '../../test/fixtures/workspace-room.ts';

/** Bytes a name may have: all but NUL and the slash. */
const anyName = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x5f : byte))))
  .filter((name) => !['.', '..'].includes(name.toString('latin1')));

const oddName = fc.constantFrom(
  'new\nline',
  'tab\there',
  '"quoted"',
  "it's",
  ' ',
  '-rf',
  '--',
  '*',
  '[a]',
  ':(exclude)x',
  '!x',
  '#x',
  'x ',
  '\\',
  '%41',
  'é',
  'e\u0301',
  '日本',
  '\ufeff',
  '~',
  '$(x)',
  '`x`',
  'a'.repeat(200),
);

/** Names git refuses, or reads itself, have tests of their own. HFS ignores some characters inside of names. */
function namesGit(bytes: Buffer): boolean {
  return /git/i.test(bytes.toString('utf8').replaceAll(/[^a-z]/gi, ''));
}

const name = fc
  .oneof(
    anyName,
    oddName.map((text) => Buffer.from(text)),
  )
  .filter((bytes) => !namesGit(bytes));

const content = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('', '\n', 'a\r\nb\r\n', 'a\nb', 'x\0y', '$Id$', '<<<<<<<').map((text) => Buffer.from(text)),
);

type Node =
  | { readonly kind: 'file'; readonly content: Buffer; readonly executable: boolean }
  | { readonly kind: 'link'; readonly to: Buffer }
  | { readonly kind: 'directory'; readonly entries: readonly (readonly [Buffer, Node])[] };

const { tree } = fc.letrec<{ tree: Node; node: Node; leaf: Node }>((tie) => ({
  leaf: fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('file' as const), content, executable: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), to: name }) },
  ),
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('tree')),
  tree: fc.record({
    kind: fc.constant('directory' as const),
    entries: fc.uniqueArray(fc.tuple(name, tie('node')), {
      maxLength: 8,
      selector: ([bytes]) => bytes.toString('latin1'),
    }),
  }),
}));

function write(directory: Buffer, node: Node): void {
  if (node.kind !== 'directory') return;
  for (const [entry, child] of node.entries) {
    const path = Buffer.concat([directory, Buffer.from('/'), entry]);
    if (child.kind === 'file') {
      writeFileSync(path, child.content);
      chmodSync(path, child.executable ? 0o755 : 0o644);
    } else if (child.kind === 'link') {
      symlinkSync(child.to, path);
    } else {
      mkdirSync(path);
      write(path, child);
    }
  }
}

/** One line for each file and link: type, executable, hash or target, name. Run by the shell of the sandbox. */
const LISTING =
  `find . -path ./.git -prune -o ! -type d -printf '%y %P\\0' | sort -z | ` +
  `while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done | od -An -c | sha256sum; ` +
  `find . -path ./.git -prune -o -type f -perm -u+x -printf '%P\\0' | sort -z | od -An -c | sha256sum; ` +
  `find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum | sha256sum; ` +
  `find . -path ./.git -prune -o -type l -printf '%P %l\\0' | sort -z | od -An -c | sha256sum`;

describe.each(KINDS)('a tree, through %s', (kind) => {
  it('comes back exactly as it was written', async () => {
    const world = makeWorld(kind);
    const workspace = await world.create();
    let iteration = 0;
    await fc.assert(
      fc.asyncProperty(tree, async (top) => {
        iteration += 1;
        const source = join(world.top, `source${iteration}`);
        mkdirSync(source);
        write(Buffer.from(source), top);
        const mounts = [...workspace.checkout.mounts, { kind: 'read-only', source, target: '/source' } as const];
        await world.shell({ ...workspace.checkout, mounts }, 'find . -mindepth 1 -delete; cp -a /source/. .');
        const { change } = await workspace.collect(iteration, NEVER);
        expect(change.oddities).toEqual([]);
        const fresh = await workspace.fresh(change.checkpoint, 'as-committed', NEVER);
        const written = execFileSync('sh', ['-c', LISTING], {
          cwd: source,
          encoding: 'utf8',
          env: { LC_ALL: 'C', PATH: process.env['PATH'] },
        });
        expect(await world.shell(fresh, `export LC_ALL=C; ${LISTING}; git status --porcelain -z | od -c`)).toBe(
          `${written}0000000\n`,
        );
        await fresh.dispose();
      }),
      { numRuns: 8 },
    );
  });
});

describe('names', () => {
  it('come back in the change as exact bytes', async () => {
    const world = makeWorld('clone');
    const workspace = await world.create();
    const script = `printf x >"$(printf 'a\\377b')"; printf x >"$(printf 'new\\nline')"; printf x >"$(printf 'tab\\there')"; printf x >'"q"'; mv README.md "$(printf 'moved\\376')"`;
    await world.shell(workspace.checkout, script);
    const { change } = await workspace.collect(1, NEVER);
    const exact = (bytes: readonly number[]): string => Buffer.from(bytes).toString('base64');
    expect(change.files.map(({ path, pathBytes, previousPath }) => [path, pathBytes, previousPath])).toEqual([
      ['"q"', undefined, undefined],
      ['a%FFb', exact([0x61, 0xff, 0x62]), undefined],
      ['moved%FE', exact([...Buffer.from('moved'), 0xfe]), 'README.md'],
      ['new\nline', undefined, undefined],
      ['tab\there', undefined, undefined],
    ]);
  });
});
