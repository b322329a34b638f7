/**
 * Proves that the gates can fail: each canary puts one bad file into the tree, runs the gate, expects it to turn red, and
 * takes the file away again. A gate that stays green examined nothing.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync, readFileSync } from 'node:fs';

interface Canary {
  readonly gate: string;
  readonly command: readonly string[];
  /** Either a new file, or an existing one with something appended. */
  readonly path: string;
  readonly text: string;
  readonly append?: boolean;
}

const lint = ['oxlint', '--type-aware', '--deny-warnings'];

const CANARIES: readonly Canary[] = [
  {
    gate: 'lint: core imports nothing',
    command: [...lint, 'src/core'],
    path: 'src/core/canary.ts',
    text: "import type { Clock } from '../ports/clock.ts';\n\nexport type A = Clock;\n",
  },
  {
    gate: 'lint: core has no clock',
    command: [...lint, 'src/core'],
    path: 'src/core/canary.ts',
    text: 'export function now(): number {\n  return Date.now();\n}\n',
  },
  {
    gate: 'lint: floating promises (type-aware)',
    command: [...lint, 'src/engine'],
    path: 'src/engine/canary.ts',
    text: 'async function a(): Promise<void> {\n  await Promise.resolve();\n}\n\nexport function b(): void {\n  a();\n}\n',
  },
  {
    gate: 'lint: import cycles',
    command: [...lint, 'src/engine'],
    path: 'src/engine/canary.ts',
    text: "import { canary } from './canary.ts';\n\nexport function canaryTwo(): unknown {\n  return canary;\n}\n\nexport { canaryTwo as canary };\n",
  },
  {
    gate: 'types: the core knows no Node',
    command: ['tsc', '-p', 'tsconfig.core.json'],
    path: 'src/core/canary.ts',
    text: 'export const pid: number = process.pid;\n',
  },
  {
    gate: 'types: everything',
    command: ['tsc', '-p', 'tsconfig.json'],
    path: 'src/engine/canary.ts',
    text: "export const a: number = 'b';\n",
  },
  {
    gate: 'format',
    command: ['oxfmt', '--check', 'src/engine'],
    path: 'src/engine/canary.ts',
    text: 'export   const a   = 1\n',
  },
  {
    gate: 'generated references',
    command: ['node', 'scripts/generate.ts', '--check'],
    path: 'docs/reference/errors.md',
    text: '\nAn edit by hand.\n',
    append: true,
  },
  {
    gate: 'knip: dead exports',
    command: ['knip'],
    path: 'src/engine/canary.ts',
    text: 'export const nobodyUsesThis = 1;\n',
  },
];

function turnsRed(command: readonly string[]): boolean {
  const [program = '', ...args] = command;
  try {
    execFileSync(`node_modules/.bin/${program}`, args, { stdio: 'ignore' });
    return false;
  } catch (error) {
    if (typeof (error as { status?: unknown }).status === 'number') return true;
    throw error;
  }
}

function withCanary(canary: Canary, act: () => boolean): boolean {
  const before = existsSync(canary.path) ? readFileSync(canary.path, 'utf8') : null;
  if ((before !== null) !== (canary.append === true)) throw new Error(`${canary.path} is not in the expected state`);
  writeFileSync(canary.path, `${before ?? ''}${canary.text}`);
  try {
    return act();
  } finally {
    if (before === null) rmSync(canary.path);
    else writeFileSync(canary.path, before);
  }
}

let silent = 0;
// A gate that is red anyway would prove nothing.
for (const gate of new Set(CANARIES.map(({ command }) => command.join(' ')))) {
  if (!turnsRed(gate.split(' '))) continue;
  process.stdout.write(`RED WITHOUT A CANARY  ${gate}\n`);
  silent += 1;
}
for (const canary of CANARIES) {
  const red = withCanary(canary, () => turnsRed(canary.command));
  process.stdout.write(`${red ? 'red, as it must be' : 'STAYED GREEN     '}  ${canary.gate}\n`);
  if (!red) silent += 1;
}
process.stdout.write(`${CANARIES.length} canaries, ${silent} of them or their gates not as they must be\n`);
process.exitCode = silent > 0 ? 1 : 0;
