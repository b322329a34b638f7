/** Checks by the configuration of a linter or type checker that no script starts. */
import { detected, type DetectedCheck, type RepositoryFacts } from './evidence.ts';
import { readManifest } from './javascript.ts';
import { launcher } from './python.ts';

/** Configuration at the root, the package that brings the program, the check, and the command. */
const NODE_TOOLS: readonly (readonly [RegExp, string, 'lint' | 'typecheck', string])[] = [
  [/^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.\w+)?)$/, 'eslint', 'lint', 'npx --no-install eslint .'],
  [/^biome\.jsonc?$/, '@biomejs/biome', 'lint', 'npx --no-install biome ci .'],
  [/^(?:\.oxlintrc\.json|oxlint\.config\.ts)$/, 'oxlint', 'lint', 'npx --no-install oxlint'],
  [/^tsconfig\.json$/, 'typescript', 'typecheck', 'npx --no-install tsc --noEmit'],
];

async function nodeTools(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const manifest = readManifest(await facts.text('package.json'));
  if (manifest === null) return [];
  return NODE_TOOLS.flatMap(([configuration, needs, kind, run]) => {
    const file = [...facts.paths].find((path) => configuration.test(path));
    if (file === undefined || !manifest.dependencies.has(needs)) return [];
    return [detected(kind, run, `${file} exists; no script is a check with ${needs}`)];
  });
}

async function pythonTools(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const start = launcher(facts);
  const project = (await facts.text('pyproject.toml')) ?? '';
  // Without `files` it has to be told what to read, which is a guess.
  const section = /^\[tool\.mypy\]\n([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(project)?.[1] ?? '';
  if (/^files\s*=/m.test(section)) {
    const instead = ['.venv/bin/python -m mypy'];
    return [{ ...detected('typecheck', `${start}mypy`, 'pyproject.toml has [tool.mypy] with files'), instead }];
  }
  if (facts.has('.flake8')) return [detected('lint', `${start}flake8`, '.flake8 exists')];
  return [];
}

function otherTools(facts: RepositoryFacts): readonly DetectedCheck[] {
  const golangci = ['.golangci.yml', '.golangci.yaml', '.golangci.toml'].find((path) => facts.has(path));
  const found: DetectedCheck[] = [];
  if (golangci !== undefined) found.push(detected('lint', 'golangci-lint run', `${golangci} exists`));
  if (facts.has('clippy.toml', '.clippy.toml'))
    found.push(detected('lint', 'cargo clippy --offline --all-targets -- -D warnings', 'clippy.toml exists'));
  if (facts.has('rustfmt.toml', '.rustfmt.toml'))
    found.push(detected('format', 'cargo fmt --check', 'rustfmt.toml exists'));
  if (facts.has('.rubocop.yml')) found.push(detected('lint', 'bundle exec rubocop', '.rubocop.yml exists'));
  return found;
}

export async function detectLinters(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  return [...(await nodeTools(facts)), ...(await pythonTools(facts)), ...otherTools(facts)];
}
