/**
 * Files an agent does not get to read, or not to change, whoever it works for: by name alone.
 *
 * What holds secrets is narrower here than the risk zone `secrets`, because a mask takes something away: `*.pem` is mostly
 * public certificates, and the key of a test server under `test/` is no secret and needed by the tests.
 */

/** Read by the agent as empty, tracked or brought along as a dependency. `paths.unmask` shows some again. */
export const SECRET_FILES: readonly string[] = [
  '**/.env',
  '**/.env.*',
  // Package managers, hosts and databases.
  '**/{.npmrc,.yarnrc.yml,.pypirc,.netrc,_netrc,.pgpass,.my.cnf,.htpasswd,.git-credentials,.dockercfg}',
  '**/.docker/config.json',
  '**/.cargo/credentials{,.toml}',
  '**/.gem/credentials',
  '**/.m2/settings*.xml',
  // Clouds and clusters.
  '**/.aws/{credentials,config}',
  '**/.azure/**',
  '**/.config/gcloud/**',
  '**/{application_default_credentials,client_secret*,service-account*,service_account*,gcp-key*,firebase-adminsdk*}.json',
  '**/.kube/config',
  '**/{kubeconfig,*.kubeconfig}',
  '**/{.terraformrc,terraform.rc,credentials.tfrc.json,.vault-token,.boto,.s3cfg,rclone.conf}',
  '**/.oci/config',
  '**/.config/{gh,hub,doctl,heroku,fly}/**',
  // Keys.
  '**/{id_rsa,id_dsa,id_ecdsa,id_ed25519,id_ecdsa_sk,id_ed25519_sk}',
  '**/{.ssh,.gnupg}/**',
  '**/*{-key,_key,.key,private,privkey*}.pem',
  '**/*.{key,p12,pfx,jks,keystore,ppk,kdbx}',
  '**/{master,production,credentials}.key',
  // Other agents and browsers.
  '**/.claude/.credentials.json',
  '**/.codex/auth.json',
  '**/.gemini/oauth_creds.json',
  '**/.local/share/opencode/auth.json',
  '**/.aider.conf.yml',
  '**/{cookies.sqlite,key4.db,logins.json,Login Data}',
];

/**
 * What every one of these names has, in small letters: a part that begins with a dot or an underscore, or one of a few words.
 * Most files of a repository have neither and need not be compared with every glob.
 */
export const SECRET_HINT: RegExp =
  /(?:^|\/)[._]|key|\.p(?:em|12|fx|pk)$|jks|kdbx|id_|\.json$|config|\.rc$|rclone|cookies|login/;

/** Templates are there to be read; keys of tests open nothing. Environments of tests say which database to use. */
export const NOT_SECRET: readonly string[] = [
  '**/{.env,.env.*}.{example,sample,template,dist,defaults}',
  '**/.env.{example,sample,template,dist,defaults}',
  '**/{test,tests,__tests__,spec,e2e,fixtures,__fixtures__,testdata}/**/*.{pem,key,p12,pfx,jks,keystore}',
];

/** Directories, by name, with what an editor, an agent or a hook manager runs by itself. */
export const LOCKED_DIRECTORIES: readonly string[] = [
  '.husky',
  '.githooks',
  '.lefthook',
  '.vscode',
  '.idea',
  '.zed',
  '.fleet',
  '.devcontainer',
  '.claude',
  '.cursor',
  '.codex',
  '.agents',
  '.gemini',
  '.qwen',
  '.opencode',
  '.pi',
  '.windsurf',
  '.continue',
  '.kiro',
  '.roo',
  '.devin',
  '.openhands',
  '.aws',
];

/** Files of the same kind. */
export const LOCKED_FILES: readonly string[] = [
  '.mcp.json',
  'mcp.json',
  '.envrc',
  '.gitmodules',
  '.devcontainer.json',
  '.ripgreprc',
  '.gitconfig',
  '.bashrc',
  '.bash_profile',
  '.profile',
  '.zshrc',
  '.zprofile',
  '.zshenv',
];
