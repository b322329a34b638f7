/** Whether a file holds tests or what belongs to them, by its path alone. */
import { nameOf } from './detectors/paths.ts';

/** As runners and languages find them: jest, vitest, mocha, cypress, pytest, go test, RSpec, JUnit, xUnit, PHPUnit. */
const NAME =
  /(?:^|[._-])(?:test|tests|spec|specs|cy|e2e)\.[\w.]+$|^(?:test_.+|conftest)\.py$|_(?:test|spec)\.\w+$|(?:Test|Tests|TestCase|Spec|IT)\.(?:java|kt|kts|scala|groovy|cs|fs|vb|swift|php)$|^(?:spec|rails|test)_helper\.rb$/;

const PLACE = /(?:^|\/)(?:tests?|specs?|__tests__|__mocks__|e2e|testing|testdata|fixtures?|cypress)\//i;

/** Projects of .NET (`Shop.Tests/`) and source sets of Gradle (`src/integrationTest/`). */
const PROJECT = /\.Tests?\/|\/src\/\w*[tT]est\//;

/**
 * `path` as git writes it. Narrower than the protected files of a policy, which are wide on purpose: there a mistake costs a
 * look, here it changes what a reader says.
 */
export function isTestPath(path: string): boolean {
  return NAME.test(nameOf(path)) || PLACE.test(path) || PROJECT.test(path);
}
