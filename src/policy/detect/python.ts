/** Checks of Python repositories, from the configuration of pytest and ruff. */
import { detected, REPORT_FILE, type DetectedCheck, type RepositoryFacts } from './evidence.ts';

/** How programs of the project's environment are started, with a space after it; empty: as they are. */
export function launcher(facts: RepositoryFacts): string {
  // `--offline`: there is no network inside, and resolving again would change what was locked.
  if (facts.has('uv.lock')) return 'uv run --offline --frozen ';
  if (facts.has('poetry.lock')) return 'poetry run ';
  if (facts.has('pdm.lock')) return 'pdm run ';
  return '';
}

async function pytestEvidence(facts: RepositoryFacts): Promise<string | null> {
  if (facts.has('pytest.ini')) return 'pytest.ini exists';
  const project = await facts.text('pyproject.toml');
  if (project !== null && /^\[tool\.pytest/m.test(project)) return 'pyproject.toml has [tool.pytest.ini_options]';
  for (const [file, section] of [
    ['tox.ini', '[pytest]'],
    ['setup.cfg', '[tool:pytest]'],
  ] as const) {
    if ((await facts.text(file))?.includes(section) === true) return `${file} has ${section}`;
  }
  if (facts.any(/(?:^|\/)conftest\.py$/)) return 'a conftest.py exists';
  if (project !== null && /["']pytest\b/.test(project)) return 'pyproject.toml names pytest';
  for (const file of ['requirements-dev.txt', 'requirements-test.txt', 'dev-requirements.txt', 'requirements.txt']) {
    const text = await facts.text(file);
    if (text !== null && /^pytest\b/m.test(text)) return `${file} names pytest`;
  }
  return null;
}

export async function detectPython(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  const checks: DetectedCheck[] = [];
  const start = launcher(facts);
  const evidence = await pytestEvidence(facts);
  if (evidence !== null) {
    const report = `pytest --junitxml=${REPORT_FILE}`;
    // Beside the package in `src/`, and not one that an editable install put elsewhere.
    const from = facts.any(/^src\/[^/]+\/__init__\.py$/) ? 'PYTHONPATH=src ' : '';
    const run = start === '' ? `${from}python3 -m ${report}` : `${start}${report}`;
    const check = detected('test', run, evidence, { report: 'junit', reportFile: REPORT_FILE });
    checks.push({ ...check, instead: [`${from}.venv/bin/python -m ${report}`] });
  } else if (facts.any(/^tests?\/test_[^/]*\.py$/)) {
    const folder = facts.any(/^tests\/test_[^/]*\.py$/) ? 'tests' : 'test';
    const unittest = `python3 -m unittest discover -s ${folder}`;
    const instead = [`.venv/bin/${unittest}`];
    checks.push({ ...detected('test', `${start}${unittest}`, `${folder}/test_*.py exist`), instead });
  }
  const project = await facts.text('pyproject.toml');
  const ruff = facts.has('ruff.toml', '.ruff.toml')
    ? 'ruff.toml exists'
    : project !== null && /^\[tool\.ruff\b/m.test(project)
      ? 'pyproject.toml has [tool.ruff]'
      : null;
  if (ruff !== null) {
    const instead = ['.venv/bin/python -m ruff check .'];
    checks.push({ ...detected('lint', `${start}ruff check .`, ruff), instead });
  }
  return checks;
}
