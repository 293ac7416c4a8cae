import { expect, test } from 'vitest';
import { classifyPath } from './protected-paths.ts';

const paths = (text: string) => text.trim().split(/\s+/);

const refusedPaths = [
  ...paths(`
    .git .git/config .git/hooks/pre-commit a/.git a/b/.git/HEAD .GIT/config .Git .git. .git.. .git::$INDEX_ALLOCATION/x
    git~1/config GIT~1 HEAD bare/HEAD repo/head commondir .hg/hgrc .svn/entries .jj/repo .bzr/x _darcs/prefs
    AGENTS.md agents.md Agents.MD AGENTS.md. a/AGENTS.md AGENTS.override.md CLAUDE.md CLAUDE.local.md GEMINI.md QWEN.md
    SOUL.md TOOLS.md USER.md IDENTITY.md HEARTBEAT.md BOOT.md BOOTSTRAP.md MEMORY.md SKILL.md a/b/SKILL.md
    skills/x/SKILL.md skills/run.sh SKILLS/x .claude/settings.json .claude/commands/x.md .claude.json .openclaw/openclaw.json
    .cursor/rules/a.mdc .cursorrules .cursorignore .windsurfrules .clinerules .clinerules/a.md .roo/rules/x .roomodes
    .codex/config.toml .gemini/settings.json .continue/config.yaml .kiro/steering/x.md .junie/guidelines.md .goosehints
    .aider.conf.yml .amazonq/rules/x .augment/rules .trae/rules .opencode/agent/x.md opencode.json opencode.jsonc
    .agents/skills/x .mcp.json mcp.json .vscode/mcp.json openclaw.json openclaw.plugin.json
    .github/copilot-instructions.md .github/instructions/a.instructions.md .github/prompts/x.prompt.md
    .github/agents/x.agent.md .github/chatmodes/x.md a/.github/prompts/x`),
  ...[
    '.git ',
    ' .git',
    '.git/ hooks',
    '.g\u200cit/config',
    '.gi\u0074\ufe0f/x',
    '\uff0egit/config',
    '.\uff47it',
    'AGENTS.md ',
  ],
  ...[
    'ＡＧＥＮＴＳ.md',
    'AGENT\u017f.md',
    'CLAUDE\u200b.md',
    'CLAUDE\u2800.md',
    'S\u00adOUL.md',
    '.claude\u202e/x',
    'MEMORY.md\u2060',
  ],
];

const approvalPaths = paths(`
  .env .env.production .ENV a/.env .npmrc .yarnrc.yml .bashrc .profile .zshenv .ssh/config .ssh/authorized_keys .gnupg/x
  .editorconfig .vscode/settings.json .idea/workspace.xml .github/workflows/ci.yml .gitlab-ci.yml .gitignore
  .gitattributes .gitmodules .gitconfig .husky/pre-commit .pre-commit-config.yaml .envrc .tool-versions .python-version
  .eslintrc.js .babelrc .mocharc.js .prettierrc .docker/config.json .dockerignore .kube/config .aws/credentials .netrc
  .config/git/config .cargo/config.toml .mvn/jvm.config .gdbinit .lldbinit .psqlrc .pythonrc .Rprofile .bundle/config
  .rspec .devcontainer/devcontainer.json .terraform/x .terraformrc .pypirc .condarc .ripgreprc .wgetrc .curlrc .vimrc
  package.json PACKAGE.JSON package-lock.json yarn.lock pnpm-lock.yaml pnpm-workspace.yaml a/package.json bunfig.toml
  deno.json deno.jsonc tsconfig.json tsconfig.build.json vite.config.ts jest.config.js eslint.config.mjs
  webpack.config.cjs next.config.mjs gulpfile.js gulpfile.babel.js Gruntfile.coffee karma.conf.js lerna.json turbo.json
  node_modules/x/index.js a/node_modules/.bin/tsc lefthook.yml serverless.yml wrangler.toml
  pyproject.toml setup.py setup.cfg conftest.py tests/conftest.py pytest.ini tox.ini noxfile.py requirements.txt
  requirements-dev.txt Pipfile Pipfile.lock poetry.lock uv.lock sitecustomize.py usercustomize.py a/x.pth mypy.ini
  __pycache__/a.cpython-312.pyc venv/bin/activate site-packages/x.py pyvenv.cfg pip.conf manage.py fabfile.py tasks.py
  Makefile makefile GNUmakefile Makefile.am rules.mk CMakeLists.txt cmake/x.cmake CMakePresets.json meson.build
  build.ninja configure configure.ac justfile Justfile Taskfile.yml Taskfile.yaml SConstruct wscript WORKSPACE BUILD
  BUILD.bazel defs.bzl Tiltfile Earthfile conanfile.py
  Cargo.toml Cargo.lock build.rs rust-toolchain.toml go.mod go.sum go.work vendor/x/x.go Gemfile Gemfile.lock Rakefile
  x.gemspec config.ru Guardfile Podfile Fastfile composer.json composer.lock phpunit.xml.dist artisan pom.xml
  build.gradle build.gradle.kts settings.gradle gradle.properties gradlew gradle/wrapper/gradle-wrapper.properties mvnw
  build.xml build.sbt project.clj deps.edn mix.exs rebar.config stack.yaml x.cabal dune-project pubspec.yaml x.csproj
  Directory.Build.props NuGet.config flake.nix shell.nix default.nix cpanfile Makefile.PL renv/activate.R
  Dockerfile Dockerfile.prod web.dockerfile Containerfile docker-compose.yml docker-compose.override.yaml compose.yaml
  Procfile Caddyfile main.tf x.tf.json prod.tfvars terraform.tfstate x.auto.tfvars.json terragrunt.hcl ansible.cfg
  group_vars/all.yml host_vars/web1.yml filter_plugins/x.py library/ping.py Vagrantfile Berksfile Chart.yaml values.yaml
  values-prod.yml kustomization.yaml helmfile.yaml skaffold.yaml Pulumi.yaml Jenkinsfile azure-pipelines.yml
  bin/ls sbin/x ls git sudo python3 node make known_hosts authorized_keys id_ed25519 tls.key x.so libx.so.1 a.code-workspace
  mise.toml prometheus.yml`);

const free = paths(`
  README.md notes.txt notes/2026-11-28.md report.csv src/index.ts src/hooks/use-x.ts app.py lib/json.rb deploy.sh
  a/test/x.test.js test/data.json build/out.txt workspace/notes.md service/main.go python/a.py go/main.go
  docs/agents/overview.md docs/agent-guide.md agents.txt my-agents.md.txt packages.txt package.json.bak makefile-notes.md
  nginx.conf etc/nginx/sites/web.conf backup.sql index.html style.css logo.png data.json config.yaml settings.toml
  heading.md git.txt gitignore git/notes.md head/a.ts refs/heads.txt objects/x.json src/skills/list.ts
  inventory.csv hosts.txt log4.txt environment.md a.environment compose.md docker/readme.txt 数据/报告.md x.github/y
  it0-00000000-0000-4000-8000-000000000000.part`);

test.each([
  ['refuse', refusedPaths],
  ['ask', approvalPaths],
  ['free', free],
] as const)(
  'classifyPath returns %s for each path of that class, in every spelling that a file system may accept',
  (policy, list) => {
    expect(list.filter((path) => classifyPath(path) !== policy).map((path) => [path, classifyPath(path)])).toEqual([]);
  },
);

test('classifyPath treats a path with a final slash as a folder, which may have a program’s name', () => {
  for (const name of ['test/', 'build/', 'src/service/', 'workspace/', 'go/', 'head/'])
    expect(classifyPath(name)).toBe('free');
  for (const name of ['node_modules/', 'a/.ssh/', 'vendor/', 'bin/']) expect(classifyPath(name)).toBe('ask');
  for (const name of ['.git/', 'a/.claude/', 'a/.GIT /']) expect(classifyPath(name)).toBe('refuse');
});

test('classifyPath is at least as strict about a file as about its folder', () => {
  const rank = { free: 0, ask: 1, refuse: 2 };
  for (const path of [...refusedPaths, ...approvalPaths]) {
    const folder = path.split('/').slice(0, -1).join('/');
    if (folder)
      expect(rank[classifyPath(`${folder}/new.txt`)]).toBeGreaterThanOrEqual(rank[classifyPath(`${folder}/`)]);
  }
});
