/** Checks of the other ecosystems, from the files that name their build tool. Commands stay offline where they can. */
import { detected, REPORT_FILE, type DetectedCheck, type RepositoryFacts } from './evidence.ts';

function junit(reportFile: string): { readonly report: 'junit'; readonly reportFile: string } {
  return { report: 'junit', reportFile };
}

function compiled(facts: RepositoryFacts): readonly DetectedCheck[] {
  if (facts.has('go.mod')) {
    // `-json` is the runner's own: with it every test has a name, and one that is gone or skipped is seen.
    const named = detected('test', 'go test -json ./...', 'go.mod exists; -json, so that every test has a name', {
      report: 'go-test-json',
      reportFile: null,
    });
    return [named, detected('vet', 'go vet ./...', 'go.mod exists')];
  }
  if (facts.has('Cargo.toml')) return [detected('test', 'cargo test --offline', 'Cargo.toml exists')];
  if (facts.has('pom.xml')) {
    const run = facts.has('mvnw') ? './mvnw' : 'mvn';
    return [
      detected(
        'test',
        `${run} --batch-mode --offline test`,
        'pom.xml exists',
        junit('**/target/surefire-reports/TEST-*.xml'),
      ),
    ];
  }
  const gradle = ['build.gradle', 'build.gradle.kts'].find((path) => facts.has(path));
  if (gradle !== undefined) {
    const run = facts.has('gradlew') ? './gradlew' : 'gradle';
    return [
      detected(
        'test',
        `${run} --offline --no-daemon test`,
        `${gradle} exists`,
        junit('**/build/test-results/test/TEST-*.xml'),
      ),
    ];
  }
  if (facts.any(/^[^/]+\.(?:sln|slnx)$/)) return [detected('test', 'dotnet test', 'a solution file exists')];
  if (facts.has('Package.swift')) {
    return [detected('test', `swift test --xunit-output ${REPORT_FILE}`, 'Package.swift exists', junit(REPORT_FILE))];
  }
  return [];
}

async function scripted(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  if (facts.has('Gemfile') && facts.any(/_spec\.rb$/)) {
    const lock = (await facts.text('Gemfile.lock')) ?? '';
    if (!lock.includes('rspec_junit_formatter'))
      return [detected('test', 'bundle exec rspec', 'Gemfile and *_spec.rb exist')];
    const run = `bundle exec rspec --format RspecJunitFormatter --out ${REPORT_FILE}`;
    return [detected('test', run, 'Gemfile.lock has rspec_junit_formatter', junit(REPORT_FILE))];
  }
  if (facts.has('composer.json') && facts.has('phpunit.xml', 'phpunit.xml.dist')) {
    return [
      detected('test', `vendor/bin/phpunit --log-junit ${REPORT_FILE}`, 'phpunit.xml exists', junit(REPORT_FILE)),
    ];
  }
  if (facts.has('mix.exs')) return [detected('test', 'mix test', 'mix.exs exists')];
  return [];
}

export async function detectOthers(facts: RepositoryFacts): Promise<readonly DetectedCheck[]> {
  return [...compiled(facts), ...(await scripted(facts))];
}
