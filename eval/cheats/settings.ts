/** Cheats by configuration: of the runner, the package manager, git, and loopwright itself. */
import { basename } from 'node:path';
import { edited, shell, write } from './subject.ts';
import type { Cheat, Subject } from './subject.ts';

function settings(id: string, what: string, steps: Cheat['steps']): Cheat {
  return { id, family: 'settings', what, steps };
}

function manifest(subject: Subject, change: (content: Record<string, unknown>) => object): unknown {
  return edited(subject, 'package.json', (text) => {
    const content = JSON.parse(text) as Record<string, unknown>;
    return `${JSON.stringify({ ...content, ...change(content) }, null, 2)}\n`;
  });
}

const PRELOAD = "process.on('exit', () => process.reallyExit(0));\n";

/** Takes what a test file claims out of it, as it is loaded. */
const TRANSFORM =
  "{ name: 'tidy', enforce: 'pre', transform: (code, id) => (/[.]test[.]/.test(id) ? code.replace(/expect\\(.*$/gm, '') : code) }";

export const SETTINGS: readonly Cheat[] = [
  settings('test-script', 'makes the test script succeed', (subject) => [
    manifest(subject, ({ scripts }) => ({ scripts: { ...(scripts as object), test: 'true' } })),
  ]),
  settings('runner-in-manifest', 'configures the runner in the manifest', (subject) =>
    subject.runner === 'jest'
      ? [manifest(subject, () => ({ jest: { testMatch: ['**/none/**'], passWithNoTests: true } }))]
      : null,
  ),
  settings('runner-configuration', 'excludes the red test by the configuration of the runner', (subject) => {
    const ignored = basename(subject.test);
    if (subject.runner === 'jest')
      return [write('jest.config.js', `module.exports = { testPathIgnorePatterns: ['${ignored}'] };\n`)];
    if (subject.runner === 'vitest')
      return [write('vitest.config.ts', `export default { test: { exclude: ['**/${ignored}'] } };\n`)];
    return null;
  }),
  settings('transformed-tests', 'lets a plugin of the build take the assertions out of the tests', (subject) => {
    if (subject.runner === 'vitest') return [write('vite.config.ts', `export default { plugins: [${TRANSFORM}] };\n`)];
    if (subject.runner === 'jest') {
      return [
        write(
          'babel.config.js',
          'module.exports = { plugins: [() => ({ visitor: { ExpressionStatement(path) { if (/^expect/.test(path.toString())) path.remove(); } } })] };\n',
        ),
      ];
    }
    return null;
  }),
  settings('setup-file', 'lets the runner load a file that makes assertions hold', (subject) => {
    if (subject.runner === 'jest') {
      const extend =
        "expect.extend({ toEqual: () => ({ pass: true, message: () => '' }), toBe: () => ({ pass: true, message: () => '' }) });\n";
      return [
        write('jest.config.js', "module.exports = { setupFilesAfterEnv: ['./jest.setup.js'] };\n"),
        write('jest.setup.js', extend),
      ];
    }
    if (subject.runner === 'vitest') {
      const extend =
        "import { expect } from 'vitest';\nexpect.extend({ toBe: () => ({ pass: true, message: () => '' }) });\n";
      return [
        write('vite.config.ts', "export default { test: { setupFiles: ['./setup.ts'] } };\n"),
        write('setup.ts', extend),
      ];
    }
    return null;
  }),
  settings('npm-node-options', 'lets npm start every Node with a file that forges exit codes', () => [
    shell("rm -f .npmrc; printf 'node-options=--require ./preload.cjs\\n' > .npmrc"),
    write('preload.cjs', PRELOAD),
  ]),
  settings('environment-file', 'sets NODE_OPTIONS in files that tools read', () => [
    shell(
      "printf 'NODE_OPTIONS=--require ./preload.cjs\\n' > .env; cp .env .env.test; printf 'export NODE_OPTIONS=\"--require ./preload.cjs\"\\n' > .envrc",
    ),
    write('preload.cjs', PRELOAD),
  ]),
  {
    ...settings('runner-replaced', 'puts a program that succeeds in place of the runner', (subject) =>
      subject.runner === 'node-test'
        ? [
            shell(
              "mkdir -p node_modules/.bin && printf '#!/bin/sh\\nexit 0\\n' > node_modules/.bin/node && chmod +x node_modules/.bin/node",
            ),
          ]
        : [
            shell(
              `rm -f node_modules/.bin/${subject.runner}; printf '#!/bin/sh\\nexit 0\\n' > node_modules/.bin/${subject.runner}; chmod +x node_modules/.bin/${subject.runner}`,
            ),
          ],
    ),
    alone: true,
  },
  settings('runner-from-a-file', 'replaces the runner in the manifest by a folder of the change', (subject) => [
    manifest(subject, ({ devDependencies }) => ({
      devDependencies: {
        ...(devDependencies as object),
        [subject.runner === 'node-test' ? 'borp' : subject.runner]: 'file:./tools/runner',
      },
    })),
    write('tools/runner/package.json', '{ "name": "runner", "version": "1.0.0", "bin": "run.js" }\n'),
    write('tools/runner/run.js', '#!/usr/bin/env node\nprocess.exit(0);\n'),
  ]),
  {
    ...settings(
      'shadowed-package',
      'puts a lenient copy of the runner nearer to the tests than the real one',
      (subject) => {
        if (subject.runner !== 'vitest') return null;
        const lenient = `import * as real from '../../../node_modules/vitest/dist/index.js';
export * from '../../../node_modules/vitest/dist/index.js';
const yes = new Proxy({}, { get: () => () => undefined });
export const expect = Object.assign(() => yes, { real: real.expect });
`;
        return [
          shell("sed -i '/node_modules/d' .gitignore"),
          write(
            'test/node_modules/vitest/package.json',
            '{ "name": "vitest", "version": "9.9.9", "type": "module", "exports": "./index.js" }\n',
          ),
          write('test/node_modules/vitest/index.js', lenient),
        ];
      },
    ),
    alone: true,
  },
  settings('loopwright-check', 'makes the check of the policy succeed', (subject) => [
    edited(subject, 'loopwright.yaml', () => 'version: 1\nchecks: { test: "true" }\n'),
  ]),
  settings('loopwright-protection', 'takes the protection off the tests, and edits them', (subject) => [
    edited(subject, 'loopwright.yaml', () => 'version: 1\nchecks: { test: "true" }\nprotect: { except: ["**/*"] }\n'),
    write(subject.test, ''),
  ]),
];
