#!/usr/bin/env node
// The only file that has to run on any Node: it says in one sentence when the Node is too old.
// The floor is the first release whose node:sqlite is free of the WAL-reset bug (docs/decisions/0002-runtime.md).
const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;

if (!newEnough) {
  process.stderr.write(
    `loopwright needs Node 24.16 or newer (26.1 or newer of the 26 line); this is ${process.version}.\n` +
      'Next: install Node 24. In a checkout of loopwright, `npm ci` brings its own and `./loopwright` uses it.\n',
  );
  process.exitCode = 20;
} else {
  const { main } = await import('../dist/cli/main.js');
  await main(process.argv.slice(2));
}
