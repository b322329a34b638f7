/**
 * The built-in risk zones: where a passing change still waits for a person. On by default and wide: a hold costs a look, a
 * miss costs an outage. Here is what they cover by path; what they see in a diff is in `risk/`. A file turns a zone off by
 * name (`paths: off`) or narrows it by giving its own paths. `npm run eval -- risk` measures them.
 */
import { LOCKFILES } from '../core/lockfiles.ts';
import type { RiskZone } from '../core/policy.ts';
import { CHECK_SETTINGS, CI_FILES, POLICY_FILE } from './protected-files.ts';
import { DIFF_RULES } from './risk/index.ts';

/** Zones with rules on what a diff does; see `risk/`. */
const READING: ReadonlySet<string> = new Set(DIFF_RULES.map(({ zone }) => zone));

/** Whether rules on what a diff does exist for a zone of this name. */
export function hasDiffRules(zone: string): boolean {
  return READING.has(zone);
}

/** Braces around one name would be a part of it. */
const LOCKFILE_GLOBS = Object.values<readonly string[]>(LOCKFILES).map((names) =>
  names.length === 1 ? `**/${names.join('')}` : `**/{${names.join(',')}}`,
);

const ZONES: readonly Omit<RiskZone, 'readsDiff'>[] = [
  {
    name: 'infrastructure',
    reason: 'It describes what runs in production and how it is reached.',
    paths: [
      '**/*.{tf,tfvars,tofu,hcl,bicep,nomad}',
      '**/*.tf.json',
      '**/.terraform.lock.hcl',
      '**/{terraform,infra,infrastructure,k8s,kubernetes,helm,charts,kustomize,deploy,deployment,deployments,ansible}/**',
      '**/{pulumi,argocd,cloudformation,cdktf,systemd,.ebextensions,.platform,.kamal}/**',
      '**/{Dockerfile,Containerfile}*',
      '**/*.dockerfile',
      '**/.dockerignore',
      '**/{docker-compose,compose}*.{yml,yaml}',
      '**/{kustomization,Chart,values,skaffold,serverless,cloudformation,Pulumi*}.{yml,yaml}',
      '**/{Procfile,fly.toml,vercel.json,netlify.toml,render.yaml,app.yaml,wrangler.toml,nginx*.conf,Caddyfile}',
      '**/{cdk.json,samconfig.toml,firebase.json,.firebaserc,firestore.rules,storage.rules,heroku.yml,railway.*,deno.deploy.*}',
      '**/*.template.{json,yml,yaml}',
      '**/{helmfile,docker-bake}*.{yml,yaml,hcl}',
      '**/{Vagrantfile,Tiltfile,Earthfile,ecosystem.config.*,haproxy.cfg}',
    ],
  },
  {
    name: 'ci',
    reason: 'It decides what is checked, published and deployed after the merge, with credentials.',
    paths: [
      ...CI_FILES,
      '.github/{dependabot,settings,release}.{yml,yaml}',
      '.github/scripts/**',
      '**/{renovate.json*,.renovaterc*}',
      '{.azure-pipelines,azure-pipelines,.teamcity,.semaphore,.buildkite,.ci,fastlane}/**',
      '{bitrise,codemagic,.mergify,.scrutinizer,.goreleaser*}.{yml,yaml}',
      '**/{.releaserc*,release.config.*,release-please*,.release-it.*}',
      '.changeset/config.json',
    ],
  },
  {
    name: 'check-settings',
    // Added files are not protected (there is no base copy), and one new `conftest.py` or `vitest.config.ts` can hide a
    // whole suite. So the same names are a zone as well.
    reason: 'It changes what the checks see, so a green check says less than before.',
    paths: [
      ...CHECK_SETTINGS,
      '**/conftest.py',
      '**/vite.config.*',
      '**/bunfig.toml',
      POLICY_FILE,
      // Whose signatures count from then on.
      '.loopwright/**',
      // Loaded by the interpreter before any test, or in place of the runner: `python -m pytest` looks in `.` first.
      '**/{sitecustomize,usercustomize}.py',
      '**/*.pth',
      '{pytest,_pytest,pluggy,unittest,nose2,tox,coverage}.py',
      '{pytest,_pytest,pluggy,unittest,nose2,tox,coverage}/**',
    ],
  },
  {
    name: 'manifest',
    reason: 'It declares dependencies or what the check commands run.',
    paths: [
      '**/{package.json,deno.json,deno.jsonc,jsr.json,nx.json,turbo.json,lerna.json,pnpm-workspace.yaml,.pnpmfile.cjs}',
      '**/{pyproject.toml,setup.py,noxfile.py,Pipfile,environment.yml,MANIFEST.in}',
      '**/{Cargo.toml,build.rs,go.mod,go.work,Gemfile,*.gemspec,Rakefile,composer.json,mix.exs,pubspec.yaml,Package.swift}',
      '**/{pom.xml,build.gradle,build.gradle.kts,settings.gradle,settings.gradle.kts,gradle.properties,build.sbt}',
      '**/gradle/{wrapper,libs.versions.toml}/**',
      '**/{*.csproj,*.fsproj,*.vbproj,Directory.Build.*,Directory.Packages.props,nuget.config}',
      '**/{Makefile,GNUmakefile,*.mk,justfile,.justfile,Taskfile.yml,Taskfile.yaml,CMakeLists.txt,meson.build}',
      // A pattern, so that it is a file: the plain name would take in every folder called `build` or `workspace`.
      '**/{BUILD,WORKSPACE}?(.bazel)',
      '**/{MODULE.bazel,flake.nix}',
      '**/{Podfile,Cartfile,*.podspec,project.clj,deps.edn,rebar.config,stack.yaml,*.cabal,shard.yml,bower.json}',
    ],
  },
  {
    name: 'dependencies',
    reason: 'It decides which code of others is installed.',
    paths: [
      ...LOCKFILE_GLOBS,
      '**/*.lockfile',
      '**/{requirements,constraints}*.{txt,in}',
      '**/requirements/*.{txt,in}',
      '.gitmodules',
      // Installed code as part of a change: `npm test` runs `node_modules/.bin/node` before the real one.
      '**/{node_modules,.venv,venv,site-packages,bower_components}/**',
      '**/{vendor,third_party}/**',
      '**/*.patch',
      '**/.pnp.*',
    ],
  },
  {
    name: 'auth',
    reason: 'It decides who may do what.',
    paths: [
      '**/{auth,authn,authz,authentication,authorization,oauth,oauth2,oidc,saml,sso,scim,rbac,acl,iam,identity}/**',
      '**/{permissions,guards,policies,login,signin,sign-in,signup,sign-up,webauthn,passkeys,security}/**',
      '**/{auth,authn,authz,oauth,oidc,saml,sso,rbac,acl,iam,roles,jwt,login,signin,signup,passwords,sessions}.*',
      '**/{auth,authn,authz,oauth,oauth2,oidc,saml,sso,jwt,mfa,2fa,totp,login,signin,signup}[-_.]*',
      '**/*[-_.]{auth,authn,authz,oauth,oidc,saml,sso,jwt,mfa,2fa,totp,acl,rbac,guard,login,session,sessions}.*',
      '**/*{auth,authn,authz,oauth,permission,permissions,session,login}.{service,controller,guard,middleware,interceptor,module,strategy}.*',
      // Whole words that stand for little else, in whatever way the language writes names of several words.
      '**/*{authenticat,authoriz,permission,password,webauthn,passkey,nextauth,passport,devise}*',
      '**/*{api-key,api_key,apikey,access-token,access_token,accesstoken,sessions_controller,sessioncontroller}*',
      '**/*{api-key,api_key,apikey,access-token,access_token}*/**',
      '**/{securityconfig,websecurity,securityconfiguration}*.*',
    ],
  },
  {
    name: 'payments',
    reason: 'It moves money or says what things cost.',
    paths: [
      '**/{payment,payments,billing,invoice,invoices,invoicing,checkout,subscription,subscriptions,pricing}/**',
      '**/{stripe,paypal,adyen,braintree,paddle,wallet,wallets,refunds,payouts}/**',
      '**/{checkout,subscription,subscriptions,refund,refunds,payout,payouts,paypal,adyen,braintree,paddle}.*',
      '**/{payment,payments,billing,invoice,invoices,pricing,stripe}*',
      '**/{checkout,subscription,subscriptions,paypal,refund,payout}[-_.]*',
      '**/*[-_.]{checkout,subscription,subscriptions,paypal,refund,payout}.*',
      '**/*{payment,payments,billing,invoice,invoices,pricing,stripe}.*',
    ],
  },
  {
    name: 'migrations',
    reason: 'It changes stored data, which no revert of code brings back.',
    paths: [
      '**/{migrations,migration,migrate,alembic,flyway,liquibase,drizzle}/**',
      '**/*.migration.*',
      '**/*.prisma',
      '**/db/changelog/**',
      '**/*changelog*.{xml,yml,yaml}',
      '**/db/{schema,structure}.*',
      '**/*.sql',
    ],
  },
  {
    name: 'agent-settings',
    reason: 'It instructs agents, or runs by itself when someone opens or enters the repository.',
    paths: [
      '**/{.claude,.cursor,.codex,.gemini,.opencode,.windsurf,.continue,.aider*,.kiro,.roo,.clinerules,.devin,.openhands}/**',
      '**/{AGENTS,AGENTS.override,CLAUDE,CLAUDE.local,GEMINI,SKILL}.md',
      '**/{.mcp.json,mcp.json,.cursorrules,.windsurfrules,.aider.conf.yml,opencode.json*,.roomodes}',
      '.github/{copilot-instructions.md,instructions/**,prompts/**,agents/**,chatmodes/**}',
      '**/{.vscode,.idea,.zed,.fleet,.devcontainer,.husky,.githooks}/**',
      '**/.devcontainer.json',
      '**/{.envrc,.npmrc,.yarnrc*,.pypirc,.bundle,.cargo,.tool-versions,mise.toml,.mise.toml,.nvmrc,.gitattributes,.lfsconfig}',
      '**/{.cargo,.bundle,.yarn}/**',
    ],
  },
  {
    name: 'secrets',
    reason: 'Its kind of file holds credentials.',
    paths: [
      '**/{.env,.env.*,*.env}',
      '**/*.{pem,key,p12,pfx,jks,keystore,kdbx,gpg,age,ppk,tfstate}',
      '**/{id_rsa,id_dsa,id_ecdsa,id_ed25519}*',
      '**/{.netrc,.htpasswd,credentials,credentials.json,service-account*.json,secrets.{yml,yaml,json,toml}}',
      '**/{secrets,.secrets,.ssh,.gnupg,.aws}/**',
      '**/{.git-credentials,.pgpass,kubeconfig,.sops.yaml,credentials.yml.enc,appsettings*.json,google-services.json}',
    ],
  },
  {
    name: 'customer-facing',
    reason: 'It changes what customers see or read.',
    paths: [
      '**/*.{html,htm,xhtml,tsx,jsx,vue,svelte,astro,erb,haml,slim,ejs,hbs,mustache,pug,liquid,twig,njk,jinja,jinja2,j2}',
      '**/*.{cshtml,razor,blade.php,phtml,jsp,heex,leex,xaml,axaml,qml,storyboard,xib}',
      '**/*.{css,scss,sass,less,styl,pcss}',
      '**/*.{component,page,dialog,directive,pipe}.{ts,js}',
      '**/*{-page,-routing.module,-routing}.ts',
      '**/{components,pages,screens,layouts,widgets,partials,storefront,landing}/**',
      '**/{locale,locales,i18n,l10n,translations}/**',
      '**/*.{xlf,xliff,po,resx,arb,strings,xcstrings}',
      '**/messages*.properties',
      '**/res/values*/**',
      '**/{email,emails,mailers,mail-templates,email-templates}/**',
      '{apps,packages}/{client,web,www,site,website,webapp,frontend,mobile,ui}/**',
      '{libs,packages}/{ui,design-system}/**',
      '{public,static,frontend,webapp}/**',
      // What shows nobody anything: tests and workbenches beside what they show.
      '!**/*.{test,tests,spec,stories,story,cy}.*',
      '!**/{__tests__,__mocks__,__snapshots__,__fixtures__}/**',
    ],
  },
  {
    name: 'public-api',
    reason: 'Others build on it, and break when it changes.',
    paths: [
      '**/{openapi,swagger,asyncapi}*.{json,yml,yaml}',
      '**/{openapi,swagger,asyncapi}/**',
      '**/*.{proto,thrift,avsc,graphqls,wsdl,raml,smithy}',
      '**/schema*.{graphql,gql}',
      // Recorded surfaces: API Extractor, the binary-compatibility validator of Kotlin, the analyser of .NET, Go.
      '**/*.api.md',
      '**/api/*.api',
      '**/PublicAPI.{Shipped,Unshipped}.txt',
      'api/go*.txt',
      // Addresses that others call.
      'config/routes.rb',
      '**/urls.py',
      'routes/{api,web}.php',
    ],
  },
];

export const DEFAULT_ZONES: readonly RiskZone[] = ZONES.map((zone) => ({
  ...zone,
  readsDiff: hasDiffRules(zone.name),
}));
