import { BLANK } from '@it0/contracts/invisible';

/** The policy for writing to a path: write, request approval, or refuse. */
export type WritePolicy = 'free' | 'ask' | 'refuse';

/*
 * Names are compared after folding (see `fold`); `*` matches any part of a name. Sources: the documentation of each
 * tool about the files it reads from its working folder, the documentation of OpenClaw and other agents about the files
 * they load into prompts, and the list of paths that Claude Code's sandbox protects.
 */

/** Files and folders that change later prompts, or every later command of version control. */
const isRefusedName = compile(`
  .git git~1 .hg .svn .bzr .jj .sl _darcs .fslckout _fossil_
  agents.md agents.*.md agent.md claude.md claude.*.md gemini.md gemini.*.md qwen.md crush.md warp.md
  soul.md tools.md user.md identity.md heartbeat.md boot.md bootstrap.md memory.md skill.md
  opencode.json* openclaw.json* openclaw.plugin.json mcp.json *.mcp.json
  .claude* .openclaw .clawdbot .moltbot .cursor* .windsurf* .codeium .cline* .roo* .kilocode* .continue* .codex* .gemini*
  .qwen .kiro .junie .amazonq .augment* .trae .opencode* .crush* .goose* .aider* .agent .agents .agentrules .ai .airules
  .rules .mcp* .factory .amp .pi .warp .zed .tabnine .copilot
  copilot-instructions.md *.instructions.md *.prompt.md *.chatmode.md *.agent.md *.mdc
`);

/** Files that make a folder a repository without a `.git`. */
const isRefusedFile = compile('head commondir gitdir');

const REFUSED_PATH = /^skills\/.|(?:^|\/)\.github\/(?:instructions|prompts|chatmodes|agents|skills|hooks)(?:\/|$)/;

/** Folders whose files are loaded or run because they are there. */
const isConfigurationFolder = compile(`
  .* cvs node_modules bin sbin vendor venv env virtualenv site-packages dist-packages __pycache__ *.egg-info *.dist-info
  fastlane gradle renv group_vars host_vars library module_utils *_plugins molecule profile.d memory credentials copilot
`);

/** Configuration of tools, and files that they run or load by name. */
const isConfigurationFile = compile(`
  .*

  package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml pnpm-workspace.yaml pnpmfile.* bun.lock
  bun.lockb bunfig.toml deno.json* deno.lock import_map.json lerna.json nx.json turbo.json rush.json workspace.json
  project.json angular.json tsconfig*.json jsconfig*.json *.config.js *.config.cjs *.config.mjs *.config.ts *.config.cts
  *.config.mts *.config.json *.config.y*ml *.config.toml *.conf.js *.conf.cjs *.conf.mjs *.conf.ts gulpfile.*
  gruntfile.* jakefile* cakefile vitest.workspace.* nodemon.json pm2.json cypress.json vercel.json now.json netlify.toml
  firebase.json serverless.* sst.json wrangler.* amplify.yml biome.json* rome.json oxlint.json knip.json renovate.json
  dprint.json lefthook.* release-please-config.json plopfile.* ember-cli-build.js app.json eas.json tslint.json

  pyproject.toml setup.py setup.cfg conftest.py pytest.ini tox.ini noxfile.py requirements*.txt requirements*.in
  constraints*.txt pipfile* poetry.lock poetry.toml uv.lock uv.toml pdm.lock pdm.toml hatch.toml pixi.* environment*.y*ml
  mypy.ini ruff.toml pylintrc flake8 sitecustomize.py usercustomize.py *.pth *.egg-link *.pyc *.pyd *.pyz
  pyvenv.cfg pip.conf pip.ini manage.py fabfile.py tasks.py dodo.py pavement.py wscript sconstruct sconscript
  gunicorn.conf.py alembic.ini scrapy.cfg celeryconfig.py airflow.cfg airflow_local_settings.py superset_config.py
  jupyter_*.py jupyter_*.json ipython_*.py ipython_*.json local_settings.py dbt_project.yml profiles.yml packages.yml
  snakefile nextflow.config dvc.yaml mlproject conda*.y*ml matplotlibrc distutils.cfg pydistutils.cfg buildout.cfg
  manifest.in conf.py mkdocs.y*ml

  makefile makefile.* gnumakefile bsdmakefile *.mk *.mak kbuild kconfig* cmakelists.txt *.cmake cmakepresets.json
  cmakeuserpresets.json cmakecache.txt build.ninja *.ninja meson.build meson.options meson_options.txt configure
  configure.ac configure.in config.status autogen.sh *.m4 *.am libtool premake*.lua xmake.lua conanfile.* vcpkg*.json
  justfile *.just taskfile.y*ml taskfile.dist.y*ml magefile.go tiltfile earthfile workspace workspace.bazel
  workspace.bzlmod module.bazel* build build.bazel *.bzl buck pants.toml build.toml build.zig* *.gpr doxyfile latexmkrc
  texmf.cnf compile_flags.txt compile_commands.json

  cargo.toml cargo.lock build.rs rust-toolchain* clippy.toml rustfmt.toml cross.toml go.mod go.sum go.work* glide.yaml
  gopkg.* gemfile* gems.rb gems.locked *.gemspec rakefile* *.rake config.ru guardfile capfile thorfile dangerfile
  appraisals steepfile brewfile podfile* *.podspec cartfile* fastfile appfile package.swift package.resolved *.xcconfig
  composer.json composer.lock phpunit.xml* phpstan.* psalm.xml* rector.php artisan php.ini wp-cli.y*ml wp-config.php
  pom.xml *.pom build.gradle* settings.gradle* init.gradle* *.gradle *.gradle.kts gradle.properties gradlew* mvnw*
  build.xml ivy*.xml jvm.config maven.config lombok.config log4j*.* logback*.xml build.sbt *.sbt build.sc build.mill
  project.clj deps.edn bb.edn shadow-cljs.edn build.boot build.clj mix.exs mix.lock rebar.* erlang.mk stack.yaml
  cabal.project* *.cabal setup.hs setup.lhs package.yaml hie.yaml dune dune-project dune-workspace *.opam *.rockspec
  *.nimble config.nims nim.cfg shard.yml pubspec.* analysis_options.yaml elm.json spago.* paket.* *.csproj *.fsproj
  *.vbproj *.vcxproj *.sln *.slnx *.proj *.props *.targets *.rsp directory.build.* nuget.config global.json
  packages.config launchsettings.json makefile.pl build.pl cpanfile* dist.ini renv.lock rprofile.site project.toml
  juliaproject.toml manifest.toml startup.jl *.nix flake.lock devbox.* guix.scm manifest.scm channels.scm

  dockerfile* *.dockerfile containerfile* docker-compose*.y*ml compose*.y*ml docker-bake.* podman-compose.* procfile*
  caddyfile* traefik.* prometheus.y*ml *.tf *.tf.json *.tofu *.tfvars *.tfvars.json *.tfstate* *.hcl *.nomad
  pulumi*.y*ml cdk.json cdktf.json samconfig.* ansible.cfg ansible-navigator.* galaxy.yml vagrantfile* puppetfile
  berksfile* policyfile.rb metadata.rb knife.rb chart.yaml chart.lock helmfile.* values*.y*ml kustomization*
  skaffold.y*ml devspace.y*ml kubeconfig* packer.* jenkinsfile* azure-pipelines*.y*ml bitbucket-pipelines.y*ml
  appveyor.y*ml cloudbuild.y*ml buildspec*.y*ml codemagic.y*ml

  my.cnf odbc.ini openssl.cnf known_hosts authorized_keys* ssh_config sshd_config sudoers* crontab ld.so.preload *.so
  *.so.* *.dylib *.dll *.node _vimrc _gvimrc session.vim _netrc _curlrc desktop.ini autorun.inf *.code-workspace
  *.sublime-project *.iml devcontainer.json _config.y*ml book.toml hugo.* antora-playbook.y*ml credentials *.pem *.key
  id_rsa* id_ed25519* id_ecdsa* mise.toml mise.*.toml

  sh bash dash zsh ksh fish env sudo su doas ssh scp sftp rsync git gh hg svn ls cat cp mv rm ln mkdir touch chmod chown
  grep rg find xargs awk gawk sed tar gzip unzip curl wget nc socat vi vim nano less more man top ps kill df du free
  uptime uname hostname whoami id date echo printf test tee tail sort uniq wc cut tr make cmake ninja gcc g++ cc c++
  clang ld as go cargo rustc python python2 python3 pip pip3 pipx uv poetry node npm npx pnpm yarn bun deno ruby gem
  bundle rake perl php composer java javac mvn lua docker podman kubectl helm terraform tofu ansible ansible-playbook
  systemctl service journalctl apt apt-get dpkg dnf yum rpm apk brew snap psql mysql redis-cli sqlite3 pytest tox
  jest eslint tsc openssl gpg base64 jq yq screen tmux busybox nginx iptables ip ss ping dig
`);

/** Returns the policy for writing to a path below the workspace or the shared folder. A final slash marks a folder. */
export function classifyPath(relativePath: string): WritePolicy {
  const names = relativePath.split('/').map(fold).filter(Boolean);
  const folders = relativePath.endsWith('/') ? names : names.slice(0, -1);
  const file = relativePath.endsWith('/') ? undefined : names.at(-1);
  const isFile = (list: typeof isConfigurationFile) => file !== undefined && list(file);
  if (names.some(isRefusedName) || isFile(isRefusedFile) || REFUSED_PATH.test(names.join('/'))) return 'refuse';
  return folders.some(isConfigurationFolder) || isFile(isConfigurationFile) ? 'ask' : 'free';
}

const CONTROL_OR_BLANK = new RegExp(`\\p{Cc}|${BLANK.source}`, 'gu');

/**
 * Maps all names that a file system or program may treat as equal to one name. Folds case, width and composition of
 * letters, and removes control and blank characters, trailing dots and spaces, and the name of an NTFS stream after a
 * colon.
 */
function fold(name: string): string {
  if (/^[\w-][\w.-]*[\w-]$/.test(name)) return name.toLowerCase();
  const visible = name.normalize('NFKC').replace(CONTROL_OR_BLANK, '');
  return visible
    .toUpperCase()
    .toLowerCase()
    .replace(/(?<=.):.*$/s, '')
    .trimStart()
    .replace(/[\s.]+$/, '');
}

/**
 * Returns a function that tests a name against patterns, which are separated by spaces. A name is compared only with
 * the patterns that share its first or last letter, since a command may need tests of thousands of names.
 */
function compile(patterns: string): (name: string) => boolean {
  const words = patterns.split(/\s+/).filter(Boolean);
  const exact = new Set(words.filter((word) => !word.includes('*')));
  const groups = Map.groupBy(
    words.filter((word) => word.includes('*')),
    (word) => (word.startsWith('*') ? `*${word.at(-1)}` : word[0]!),
  );
  const tests = new Map(Array.from(groups, ([key, group]) => [key, toRegExp(group)]));
  const matches = (key: string, name: string) => tests.get(key)?.test(name) ?? false;
  return (name) => exact.has(name) || [name[0]!, `*${name.at(-1)}`, '**'].some((key) => matches(key, name));
}

function toRegExp(patterns: string[]) {
  const parts = patterns.map((pattern) => pattern.replace(/[.+^$()[\]{}|\\]/g, '\\$&').replaceAll('*', '.*'));
  return new RegExp(`^(?:${parts.join('|')})$`, 's');
}
