/** What kind of file a changed one is, by its path alone: how it is read, and what it goes with. */
import { nameOf } from '../detectors/paths.ts';
import { isLockfile } from '../lockfiles.ts';
import { isTestPath } from '../test-path.ts';

export const FILE_KINDS = ['source', 'test', 'configuration', 'documentation', 'generated', 'lockfile'] as const;

export type FileKind = (typeof FILE_KINDS)[number];

/** What a tool writes and people check in: its cause is read, it is not. */
const GENERATED_NAME =
  /\.(?:min\.(?:js|css)|(?:js|css)\.map|snap|ambr|pb\.go|g\.dart|freezed\.dart|designer\.cs|generated\.\w+|gen\.\w+)$|_pb2(?:_grpc)?\.pyi?$|_generated\.\w+$/i;

const GENERATED_PLACE =
  /(?:^|\/)(?:__generated__|generated|gen|dist|__snapshots__|__recorded__|vendor|third_party|node_modules)\//;

const DOCUMENTATION_NAME =
  /\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt)$|^(?:LICEN[CS]E|NOTICE|AUTHORS|CHANGELOG|README)/i;

const DOCUMENTATION_PLACE = /(?:^|\/)docs?\//;

/** Texts that tools read: they stand at the root or in a place of their own. */
const LISTS = /^(?:(?:requirements|constraints)[\w.-]*\.(?:txt|in)|CMakeLists\.txt|robots\.txt)$/;

const CONFIGURATION_NAME =
  /\.(?:json|jsonc|json5|ya?ml|toml|ini|cfg|conf|properties|editorconfig|tf|tfvars|hcl|gradle|kts|csproj|props|targets|mk|cmake|nix)$|^(?:\..+|Dockerfile.*|Containerfile.*|Makefile|GNUmakefile|justfile|Rakefile|Gemfile|Pipfile|Procfile|Jenkinsfile|go\.(?:mod|work)|.+\.config\.[cm]?[jt]s)$/;

const CONFIGURATION_PLACE = /^\.(?:github|circleci|buildkite|gitlab|husky|vscode|devcontainer)\//;

/** A path as git writes it. Errs towards `source`, which costs most to read. */
export function fileKind(path: string): FileKind {
  const name = nameOf(path);
  if (isLockfile(name)) return 'lockfile';
  if (GENERATED_NAME.test(name) || GENERATED_PLACE.test(path)) return 'generated';
  if (isTestPath(path)) return 'test';
  if (LISTS.test(name) || CONFIGURATION_PLACE.test(path)) return 'configuration';
  if (DOCUMENTATION_NAME.test(name) || DOCUMENTATION_PLACE.test(path)) return 'documentation';
  return CONFIGURATION_NAME.test(name) ? 'configuration' : 'source';
}
