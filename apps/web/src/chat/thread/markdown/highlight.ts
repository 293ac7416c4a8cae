import type { LanguageFn } from 'highlight.js';

/** Part of code: a text, or a scope of the highlighter with its parts. */
export type CodeNode = string | { scope?: string; children: CodeNode[] };

type Load = () => Promise<{ default: LanguageFn }>;

/** Languages of operators and of what they write, each in a file of its own. */
const languages: Record<string, Load> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  go: () => import('highlight.js/lib/languages/go'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  lua: () => import('highlight.js/lib/languages/lua'),
  makefile: () => import('highlight.js/lib/languages/makefile'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  nginx: () => import('highlight.js/lib/languages/nginx'),
  perl: () => import('highlight.js/lib/languages/perl'),
  php: () => import('highlight.js/lib/languages/php'),
  powershell: () => import('highlight.js/lib/languages/powershell'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  shell: () => import('highlight.js/lib/languages/shell'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const aliases: Record<string, string> = {
  ...{ sh: 'bash', zsh: 'bash', console: 'shell', shellsession: 'shell', ps1: 'powershell', pwsh: 'powershell' },
  ...{ js: 'javascript', jsx: 'javascript', mjs: 'javascript', ts: 'typescript', tsx: 'typescript', jsonc: 'json' },
  ...{
    py: 'python',
    rb: 'ruby',
    rs: 'rust',
    golang: 'go',
    kt: 'kotlin',
    cs: 'csharp',
    'c++': 'cpp',
    h: 'c',
    hpp: 'cpp',
  },
  ...{ html: 'xml', svg: 'xml', vue: 'xml', yml: 'yaml', toml: 'ini', conf: 'ini', properties: 'ini', systemd: 'ini' },
  ...{ docker: 'dockerfile', make: 'makefile', md: 'markdown', patch: 'diff', postgresql: 'sql', mysql: 'sql' },
};

/** Longer code stays plain, since highlighting would block the page. */
const MAX_CODE = 50_000;

/** Returns the name of a language that can be highlighted, or null. */
export function findLanguage(name: string): string | null {
  const key = name.toLowerCase();
  const language = Object.hasOwn(aliases, key) ? aliases[key]! : key;
  return Object.hasOwn(languages, language) ? language : null;
}

/** Highlights code. Loads the highlighter and the language when they are used first. Returns null if that fails. */
export async function highlight(code: string, language: string): Promise<CodeNode[] | null> {
  if (code.length > MAX_CODE) return null;
  try {
    const { default: highlighter } = await import('highlight.js/lib/core');
    if (!highlighter.getLanguage(language)) {
      highlighter.registerLanguage(language, (await languages[language]!()).default);
    }
    const result = highlighter.highlight(code, { language, ignoreIllegals: true });
    // The tree from which the highlighter would write HTML.
    return (result._emitter as unknown as { rootNode: { children: CodeNode[] } }).rootNode.children;
  } catch {
    return null;
  }
}
