import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pythonAround } from './python-program.ts';

function environment(config: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'loopwright-python-'));
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'pyvenv.cfg'), config);
  return directory;
}

describe('a program of a virtual environment', () => {
  it('needs the environment, and the Python that made it', () => {
    const directory = environment('home = /opt/python3.12/bin\nversion = 3.12.1\n');
    expect(pythonAround(join(directory, 'bin', 'agent'))).toEqual([directory, '/opt/python3.12']);
  });

  it('needs nothing more where that is the Python of the system', () => {
    const directory = environment('home = /usr/bin\n');
    expect(pythonAround(join(directory, 'bin', 'agent'))).toEqual([directory]);
  });

  it('needs the environment alone where that does not say what made it', () => {
    const directory = environment('version = 3.12.1\n');
    expect(pythonAround(join(directory, 'bin', 'agent'))).toEqual([directory]);
  });
});

it('a program that is in no such environment needs nothing', () => {
  expect(pythonAround('/usr/bin/env')).toEqual([]);
});
