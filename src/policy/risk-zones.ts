/**
 * Paths where a passing change still waits for a person. On by default, by path alone, and wide: a hold costs a look, a
 * miss costs an outage. A file turns a zone off by name (`paths: off`) or narrows it by giving its own paths.
 */
import type { RiskZone } from '../core/policy.ts';
import { CHECK_SETTINGS, CI_FILES, POLICY_FILE } from './protected-files.ts';

export const DEFAULT_ZONES: readonly RiskZone[] = [
  {
    name: 'infrastructure',
    reason: 'It describes what runs in production and how it is reached.',
    paths: [
      '**/*.{tf,tfvars,tofu,hcl,bicep,nomad}',
      '**/*.tf.json',
      '**/.terraform.lock.hcl',
      '**/{terraform,infra,infrastructure,k8s,kubernetes,helm,charts,kustomize,deploy,deployment,ansible,pulumi,argocd}/**',
      '**/{Dockerfile,Containerfile}*',
      '**/*.dockerfile',
      '**/.dockerignore',
      '**/{docker-compose,compose}*.{yml,yaml}',
      '**/{kustomization,Chart,values,skaffold,serverless,cloudformation,Pulumi*}.{yml,yaml}',
      '**/{Procfile,fly.toml,vercel.json,netlify.toml,render.yaml,app.yaml,wrangler.toml,nginx*.conf,Caddyfile}',
      '**/cdk.json',
    ],
  },
  {
    name: 'ci',
    reason: 'It decides what is checked, published and deployed after the merge, with credentials.',
    paths: [...CI_FILES, '.github/dependabot.yml', '**/renovate.json*', '.github/scripts/**'],
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
      '**/{BUILD,BUILD.bazel,WORKSPACE,WORKSPACE.bazel,MODULE.bazel,flake.nix}',
    ],
  },
  {
    name: 'dependencies',
    reason: 'It decides which code of others is installed.',
    paths: [
      '**/{package-lock.json,npm-shrinkwrap.json,pnpm-lock.yaml,yarn.lock,bun.lock,bun.lockb,deno.lock}',
      '**/{poetry.lock,uv.lock,pdm.lock,Pipfile.lock,pixi.lock}',
      '**/{requirements,constraints}*.{txt,in}',
      '**/requirements/*.{txt,in}',
      '**/{Cargo.lock,go.sum,go.work.sum,Gemfile.lock,composer.lock,mix.lock,pubspec.lock,Package.resolved}',
      '**/{packages.lock.json,gradle.lockfile,flake.lock,MODULE.bazel.lock}',
      '.gitmodules',
      // Installed code as part of a change: `npm test` runs `node_modules/.bin/node` before the real one.
      '**/{node_modules,.venv,venv,site-packages,bower_components}/**',
      '**/vendor/bundle/**',
      '**/.pnp.*',
    ],
  },
  {
    name: 'auth',
    reason: 'It decides who may do what.',
    paths: [
      '**/{auth,authn,authz,oauth,oauth2,oidc,saml,sso,scim,rbac,acl,iam,permissions,guards,identity,login}/**',
      '**/{auth,authn,authz,oauth,oidc,saml,sso,rbac,acl,iam,permissions,roles,jwt,passwords}.*',
      '**/*{auth,authn,authz,oauth,permission,permissions,session,login}.{service,controller,guard,middleware,interceptor,module}.*',
      '**/*{api-key,access-token}*/**',
      '**/*{api-key,access-token,nextauth}*',
      '**/*.guard.*',
    ],
  },
  {
    name: 'payments',
    reason: 'It moves money or says what things cost.',
    paths: [
      '**/{payment,payments,billing,invoice,invoices,checkout,subscription,subscriptions,pricing,stripe,paypal,adyen,braintree}/**',
      '**/{payment,payments,billing,invoice,invoices,checkout,subscription,subscriptions,pricing,stripe,paypal,adyen,braintree}.*',
      '**/{payment,billing,checkout,subscription,pricing,stripe,paypal}[-_.]*',
      '**/*[-_.]{payment,payments,billing,checkout,subscription,pricing,stripe,paypal}.*',
    ],
  },
  {
    name: 'migrations',
    reason: 'It changes stored data, which no revert of code brings back.',
    paths: [
      '**/{migrations,migration,migrate,alembic,flyway,liquibase}/**',
      '**/*.migration.*',
      '**/schema.prisma',
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
      '**/*.{pem,key,p12,pfx,jks,keystore,kdbx,gpg,age}',
      '**/{id_rsa,id_dsa,id_ecdsa,id_ed25519}*',
      '**/{.netrc,.htpasswd,credentials,credentials.json,service-account*.json,secrets.{yml,yaml,json,toml}}',
      '**/{secrets,.secrets,.ssh,.gnupg,.aws}/**',
      '**/master.key',
    ],
  },
];
